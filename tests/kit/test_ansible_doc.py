"""What the hub reads out of sources equals what `ansible-doc` says, which runs some of them."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest
from ansible_docs import as_ansible_doc_says, differences, documented, fragments_of, read, unpack
from real_collections import Unavailable, real_collection

SHARE = 50  # one of so many modules of a large collection; `make compare` takes all


def in_the_share(path: str) -> bool:
    """All plugins but modules, and some of these."""
    if path.startswith("plugins/modules/"):
        return crc32(path.encode()) % SHARE == 0
    return path.startswith(("plugins/", "meta/"))


@pytest.mark.parametrize("name", ["ansible.posix"])
def test_all_documentation_is_as_ansible_doc_has_it(name: str, real: Path, tmp_path: Path) -> None:
    unpack(real, tmp_path)

    theirs = as_ansible_doc_says(tmp_path, name)

    assert len(theirs) > 20
    assert differences(documented(read(real, elsewhere=fragments_of({}))), theirs) == []


@pytest.mark.parametrize("name", ["community.general"])
def test_documentation_of_a_large_collection_is_as_ansible_doc_has_it(
    name: str, real: Path, tmp_path: Path
) -> None:
    unpack(real, tmp_path, in_the_share)

    theirs = as_ansible_doc_says(tmp_path, name)

    ours = documented(read(real, elsewhere=fragments_of({})))
    assert len(ours) > 700
    assert len(theirs) > 100
    assert differences({key: ours[key] for key in theirs}, theirs) == []


@pytest.mark.parametrize("name", ["community.dns"])
def test_doc_fragments_of_another_collection_are_as_ansible_doc_has_them(
    name: str, real: Path, tmp_path: Path
) -> None:
    other = "community.library_inventory_filtering_v1"
    try:
        filtering = real_collection(other)
    except Unavailable as problem:
        pytest.skip(str(problem))
    for each in (real, filtering):
        unpack(each, tmp_path)

    theirs = as_ansible_doc_says(tmp_path, name)

    ours = documented(read(real, elsewhere=fragments_of({other: filtering})))
    assert "filters" in {each["name"] for each in ours["inventory", "hosttech_dns_records"]["doc"]["options"]}
    assert differences(ours, theirs) == []
