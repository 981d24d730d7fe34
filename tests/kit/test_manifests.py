"""What a MANIFEST.json may say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from small_collections import entry, info

from cartwheel.kit.filenames import BadFilename, Filename, parse_filename
from cartwheel.kit.manifests import BadManifest, parse_manifest

FILES = entry("FILES.json", b"{}")

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a namespace in capitals": (
        {"namespace": "Acme"},
        "The namespace in MANIFEST.json is 'Acme'; use lower-case",
    ),
    "a name with a dash": ({"name": "to-ols"}, "The name in MANIFEST.json is 'to-ols'; use lower-case"),
    "a name that begins with a digit": ({"name": "1tools"}, "The name in MANIFEST.json is '1tools'; use"),
    "a name that is too long": ({"name": "a" * 65}, "a letter first, at most 64."),
    "no name": ({"name": None}, "The name in MANIFEST.json is None; use lower-case letters"),
    "half a version": (
        {"version": "1.0"},
        "The version in MANIFEST.json is '1.0', which is no semantic version.",
    ),
    "a version that would not sort": (
        {"version": "1" * 100 + ".0.0"},
        f"The version in MANIFEST.json is '{'1' * 100}.0.0', which is no semantic version.",
    ),
    "a number for a version": (
        {"version": 1},
        "The version in MANIFEST.json is 1, which is no semantic version.",
    ),
    "a tag in capitals": ({"tags": ["Linux"]}, "A tag in MANIFEST.json is 'Linux'; use lower-case letters"),
    "tags that are no list": (
        {"tags": {"a": 1}},
        "The tags in MANIFEST.json is {'a': 1}, which is no list of texts.",
    ),
    "a list of numbers": (
        {"authors": [1]},
        "The authors in MANIFEST.json is [1], which is no list of texts.",
    ),
    "a description that is no text": (
        {"description": ["a"]},
        "The description in MANIFEST.json is ['a'], which is no text.",
    ),
    "an endless address": (
        {"homepage": "h" * 3000},
        "The homepage in MANIFEST.json has 3000 characters; at most 2000 fit.",
    ),
    "dependencies that are a list": (
        {"dependencies": ["a.b"]},
        "The dependencies in MANIFEST.json are ['a.b'], which is no object.",
    ),
    "a dependency without a namespace": (
        {"dependencies": {"tools": "*"}},
        "A dependency in MANIFEST.json is 'tools'; use namespace.name.",
    ),
    "a dependency on itself": (
        {"dependencies": {"acme.tools": "*"}},
        "MANIFEST.json says that acme.tools depends on itself.",
    ),
    "a dependency in no range": (
        {"dependencies": {"acme.base": "newest"}},
        "MANIFEST.json depends on acme.base in version 'newest', which is no range of versions.",
    ),
}


def manifest(**changes: Any) -> bytes:
    return json.dumps({"collection_info": info(**changes), "file_manifest_file": FILES, "format": 1}).encode()


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_manifest_is_refused_with_a_sentence(kind: str) -> None:
    changes, sentence = WRONG[kind]

    with pytest.raises(BadManifest) as refusal:
        parse_manifest(manifest(**changes))

    assert sentence in refusal.value.message


@pytest.mark.parametrize(
    "wanted", ["*", "", ">=1.0.0", ">=1.0.0, <2.0.0", "1.2.3", "!=1.0.0", "==1.0.0-beta.1"]
)
def test_ranges_that_ansible_knows_are_fine(wanted: str) -> None:
    read = parse_manifest(manifest(dependencies={"acme.base": wanted}))

    assert read.dependencies == {"acme.base": wanted}


def test_what_is_left_out_or_null_is_empty() -> None:
    document = {
        "collection_info": {"namespace": "acme", "name": "tools", "version": "1.0.0", "description": None},
        "file_manifest_file": FILES,
        "format": 1,
    }

    read = parse_manifest(json.dumps(document).encode())

    assert (read.description, read.tags, read.dependencies, read.homepage) == ("", [], {}, "")


def test_a_file_name_tells_which_collection_it_is() -> None:
    assert parse_filename("acme-tools-2.0.0-beta.1.tar.gz") == Filename("acme", "tools", "2.0.0-beta.1")


@pytest.mark.parametrize(
    ("filename", "sentence"),
    [
        ("bad.tar.gz", "Invalid filename bad.tar.gz. Expected format: namespace-name-version.tar.gz"),
        (
            "acme-tools-1.0.0.zip",
            "Invalid filename acme-tools-1.0.0.zip. Expected format: namespace-name-version.tar.gz",
        ),
        (
            "acme-tools-1.0.tar.gz",
            "Invalid version string 1.0 from filename acme-tools-1.0.tar.gz. Expected semantic version format.",
        ),
        (
            f"acme-tools-{'1' * 100}.0.0.tar.gz",
            f"Invalid version string {'1' * 100}.0.0 from filename acme-tools-{'1' * 100}.0.0.tar.gz. "
            "Expected semantic version format.",
        ),
        (f"{'a' * 65}-tools-1.0.0.tar.gz", "Expected namespace to be max length of 64"),
        (f"acme-{'a' * 65}-1.0.0.tar.gz", "Expected name to be max length of 64"),
        (f"acme-tools-1.0.0-{'a' * 128}.tar.gz", "Expected version to be max length of 128"),
    ],
)
def test_a_wrong_file_name_is_refused_in_words_that_clients_know(filename: str, sentence: str) -> None:
    with pytest.raises(BadFilename) as refusal:
        parse_filename(filename)

    assert (refusal.value.message, refusal.value.field) == (sentence, "filename")
