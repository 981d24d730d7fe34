"""What `ansible-doc` says of a collection, in the form that the hub gives documentation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cartwheel.kit.collection_files import read_collection
from cartwheel.kit.contents import Contents, ContentsReader
from cartwheel.kit.doc_fragments import CORE, Lookup, Texts, of_core

PROGRAM = str(Path(sys.executable).with_name("ansible-doc"))
FORM = ("doc", "return", "examples", "metadata")

Docs = dict[tuple[str, str], dict[str, Any]]  # type and name -> documentation


def read(packed: Path, *, elsewhere: Lookup) -> Contents:
    """What the hub reads out of a tarball."""
    reader = ContentsReader(fragments_elsewhere=elsewhere)
    with packed.open("rb") as file:
        manifest = read_collection(file, reader=reader).manifest
    return reader.result(f"{manifest.namespace}.{manifest.name}")


def fragments_of(collections: Mapping[str, Path]) -> Lookup:
    """Finds doc fragments in these tarballs, by the names of their collections, and those of ansible-core."""
    found: dict[str, dict[str, Texts]] = {}

    def find(collection: str, name: str) -> Texts | None:
        if collection == CORE:
            return of_core(name)
        if collection in collections and collection not in found:
            found[collection] = read(collections[collection], elsewhere=lambda *_: None).doc_fragments
        return found.get(collection, {}).get(name)

    return find


def unpack(packed: Path, root: Path, wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Put what is wanted of a tarball where ansible-doc looks for it."""
    namespace, name, _ = packed.name.split("-", 2)
    with tarfile.open(packed) as tar:
        members = [each for each in tar if wanted(each.name)]
        tar.extractall(root / "ansible_collections" / namespace / name, members, filter="data")


def as_ansible_doc_says(root: Path, collection: str) -> Docs:
    """The documentation of all plugins of an unpacked collection."""
    environ = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(root),
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
        "ANSIBLE_HOME": str(root / "home"),
    }
    command = [PROGRAM, "--metadata-dump", "--no-fail-on-errors", collection]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return {
        (kind, full_name.removeprefix(f"{collection}.")): in_our_form(said)
        for kind, plugins in json.loads(done.stdout)["all"].items()
        for full_name, said in plugins.items()
        if full_name.startswith(f"{collection}.") and "doc" in said
    }


def in_our_form(said: dict[str, Any]) -> dict[str, Any]:
    """Objects as sorted lists, and the file without the folder that everything was unpacked into."""
    doc, returns = dict(said["doc"]), said["return"]
    if isinstance(doc.get("options"), dict):
        doc["options"] = listed(doc["options"], "suboptions")
    doc["filename"] = "<tmp>/" + doc["filename"][doc["filename"].index("ansible_collections/") :]
    found = {**said, "doc": doc, "return": listed(returns, "contains") if returns else returns}
    return {key: found[key] for key in FORM}


def listed(items: dict[str, Any], nested: str) -> list[dict[str, Any]]:
    found = []
    for name in sorted(items):
        item = {"name": name, **items[name]}
        if isinstance(item.get(nested), dict):
            item[nested] = listed(item[nested], nested)
        found.append(item)
    return found


def documented(contents: Contents) -> Docs:
    """The documentation that the hub has read."""
    return {
        (each["content_type"], each["content_name"]): each["doc_strings"]
        for each in contents.docs_blob["contents"]
        if each["doc_strings"]
    }


def differences(ours: Docs, theirs: Docs) -> list[str]:
    """Where they differ, a line each."""
    return [
        f"{kind} {name}{line}"
        for kind, name in sorted(ours.keys() | theirs.keys())
        for line in _differ(ours.get((kind, name)), theirs.get((kind, name)), "")
    ]


def _differ(ours: Any, theirs: Any, where: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from _differ(ours.get(key), theirs.get(key), f"{where}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differ(one, other, f"{where}[{number}]")
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{where}: {str(ours)[:200]} is {str(theirs)[:200]} for ansible-doc"
