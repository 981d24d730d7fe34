"""Real collections for tests and for trying the hub out.

The PyPI package `ansible` carries about a hundred of them, unpacked. It leaves out files that their
FILES.json lists, so MANIFEST.json and FILES.json are made anew from what is there. Package and tarballs
are kept in CARTWHEEL_TEST_CACHE, by default ~/.cache/cartwheel-tests.

python tests/real_collections.py community.general    # prints where the tarball is
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "ansible==11.13.0"
WHEEL = "ansible-11.13.0-*.whl"
ROOT = "ansible_collections/"
MTIME = 1_700_000_000  # of every member: the same tree makes the same bytes


class Unavailable(Exception):
    """The package is not in the cache and cannot be downloaded. The message says why."""


def cache_directory() -> Path:
    given = os.environ.get("CARTWHEEL_TEST_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "cartwheel-tests"


@cache
def wheel() -> Path:
    """The package, downloaded once. Raises Unavailable."""
    directory = cache_directory()
    directory.mkdir(parents=True, exist_ok=True)
    known = sorted(directory.glob(WHEEL))
    if not known:
        _download(directory)
        known = sorted(directory.glob(WHEEL))
    if not known:
        raise Unavailable(f"pip gave no {WHEEL}")
    return known[0]


def _download(directory: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--dest", str(directory), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Unavailable(f"pip cannot download {PACKAGE}: {last}")


@cache
def all_names() -> list[str]:
    """The names of all collections in the package, sorted. Raises Unavailable."""
    with zipfile.ZipFile(wheel()) as package:
        manifests = [name.split("/") for name in package.namelist() if name.endswith("/MANIFEST.json")]
    return sorted(f"{parts[1]}.{parts[2]}" for parts in manifests if len(parts) == 4)


def real_collection(fqcn: str) -> Path:
    """The tarball of a collection, named as ansible-galaxy names it; made once. Raises Unavailable."""
    with zipfile.ZipFile(wheel()) as package:
        tree = _tree(package, fqcn)
        info = json.loads(package.read(f"{ROOT}{fqcn.replace('.', '/')}/MANIFEST.json"))["collection_info"]
        path = cache_directory() / "collections" / f"{fqcn.replace('.', '-')}-{info['version']}.tar.gz"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(build(info, ((name, package.read(entry)) for name, entry in tree)))
            unfinished.replace(path)
    return path


def _tree(package: zipfile.ZipFile, fqcn: str) -> list[tuple[str, str]]:
    """Path in the collection, name in the package."""
    start = f"{ROOT}{fqcn.replace('.', '/')}/"
    entries = [name for name in package.namelist() if name.startswith(start) and not name.endswith("/")]
    if not entries:
        raise LookupError(f"{PACKAGE} has no collection {fqcn}.")
    made = {"MANIFEST.json", "FILES.json"}
    return sorted(
        (name.removeprefix(start), name) for name in entries if name.removeprefix(start) not in made
    )


def build(info: dict[str, Any], files: Iterable[tuple[str, bytes]]) -> bytes:
    """A tarball as `ansible-galaxy collection build` makes it, of these files."""
    contents = dict(files)
    listing = _json({"files": _entries(contents), "format": 1})
    manifest = {
        "collection_info": info,
        "file_manifest_file": _file_entry("FILES.json", listing),
        "format": 1,
    }
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0) as plain,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, content in {"MANIFEST.json": _json(manifest), "FILES.json": listing}.items():
            _add(tar, name, content)
        for folder in _folders(contents):  # ansible-galaxy installs only what has its folders as members
            if folder != ".":
                _add(tar, folder, None)
        for name, content in contents.items():
            _add(tar, name, content)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes | None) -> None:
    """Add a file, or without content a folder."""
    member = tarfile.TarInfo(name)
    member.mtime = MTIME
    if content is None:
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(member)
        return
    member.size, member.mode = len(content), 0o644
    tar.addfile(member, io.BytesIO(content))


def _folders(contents: dict[str, bytes]) -> list[str]:
    return sorted({str(parent) for name in contents for parent in Path(name).parents})


def _entries(contents: dict[str, bytes]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = [
        {"name": folder, "ftype": "dir", "chksum_type": None, "chksum_sha256": None, "format": 1}
        for folder in _folders(contents)
    ]
    return entries + [_file_entry(name, content) for name, content in contents.items()]


def _file_entry(name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "ftype": "file", "chksum_type": "sha256", "chksum_sha256": digest, "format": 1}


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode()


if __name__ == "__main__":
    for each in sys.argv[1:] or all_names():
        print(real_collection(each))
