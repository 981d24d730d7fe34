"""Hostile tarballs, one of each kind: each is refused with a sentence that says what is wrong."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc

import pytest
from small_collections import collection, entry, info, member, tarball, with_members

from cartwheel.kit import tarballs
from cartwheel.kit.collection_files import read_collection
from cartwheel.kit.errors import Invalid
from cartwheel.kit.filenames import parse_filename

LINK = tarfile.SYMTYPE
OTHER = b"other"


def read(packed: bytes) -> None:
    read_collection(io.BytesIO(packed))


def endless_headers() -> bytes:
    """Each says something of the next one, which is of the same kind."""
    one = tarfile.TarInfo("x")
    one.type, one.size = tarfile.XHDTYPE, 10
    return gzip.compress((one.tobuf(format=tarfile.USTAR_FORMAT) + b"10 path=x\n".ljust(512, b"\0")) * 5000)


HOSTILE = {
    "an absolute name": (
        with_members(member("/etc/passwd", b"x")),
        'The tarball holds "/etc/passwd", which is an absolute path.',
    ),
    "a name that goes up": (
        with_members(member("plugins/../../evil", b"x")),
        'The tarball holds "plugins/../../evil", which points outside.',
    ),
    "a name that is not plain": (
        with_members(member("./evil", b"x")),
        'The tarball holds "./evil", which is not a plain path inside the collection.',
    ),
    "a name with a control character": (
        with_members(member("a\nb", b"x")),
        'The tarball holds "a\nb", which has characters that no path here may have.',
    ),
    "a name that is no UTF-8": (
        with_members(member("a\udcffb", b"x")),
        'The tarball holds "a\\udcffb", which has characters that no path here may have.',
    ),
    "a name that is too long": (
        with_members(member("a/" * 600 + "b", b"x")),
        "which is longer than 1000 bytes or 50 folders.",
    ),
    "the same name twice": (
        with_members(member("README.md", b"other")),
        '"README.md" is in the tarball twice.',
    ),
    "a link out of the tree": (
        with_members(member("evil", type=LINK, linkname="../outside")),
        '"evil" is a link to "../outside", which points outside.',
    ),
    "a link to an absolute path": (
        with_members(member("evil", type=LINK, linkname="/etc/passwd")),
        '"evil" is a link to "/etc/passwd", which points outside.',
    ),
    "a link that goes down and up again": (
        with_members(member("evil", type=LINK, linkname="a/../../..")),
        '"evil" is a link to "a/../../..", which points outside.',
    ),
    "a file behind a link": (
        with_members(member("plugins", type=LINK, linkname="docs"), member("plugins/evil.py", b"x")),
        '"plugins/evil.py" lies below "plugins", which is a link.',
    ),
    "a file below a file": (
        with_members(member("README.md/evil", b"x")),
        '"README.md/evil" lies below "README.md", which is a file.',
    ),
    "a hard link": (
        with_members(member("evil", type=tarfile.LNKTYPE, linkname="README.md")),
        '"evil" is a hard link. Pack the file itself.',
    ),
    "a pipe": (with_members(member("evil", type=tarfile.FIFOTYPE)), '"evil" is neither a file nor a folder.'),
    "a device": (
        with_members(member("evil", type=tarfile.BLKTYPE)),
        '"evil" is neither a file nor a folder.',
    ),
    "a link to nothing": (
        with_members(member("link", type=LINK, linkname="nothing"), entries=[entry("link", OTHER)]),
        'FILES.json lists "link", which is not in the tarball.',
    ),
    "a circle of links": (
        with_members(
            member("one", type=LINK, linkname="two"),
            member("two", type=LINK, linkname="one"),
            entries=[entry("one", OTHER), entry("two", OTHER)],
        ),
        "is one of too many links that lead to links.",
    ),
    "a file that is not listed": (
        with_members(member("evil.py", b"x")),
        '"evil.py" is in the tarball, but not in FILES.json.',
    ),
    "a link that is not listed": (
        with_members(member("evil", type=LINK, linkname="README.md")),
        '"evil" is in the tarball, but not in FILES.json.',
    ),
    "a listed file that is not there": (
        with_members(entries=[entry("gone.py", b"x")]),
        'FILES.json lists "gone.py", which is not in the tarball.',
    ),
    "a file that is not as listed": (
        with_members(member("a.py", b"x"), entries=[entry("a.py", b"y")]),
        '"a.py" has the sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881, but FILES.json'
        " says a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa.",
    ),
    "a folder that is a file": (
        with_members(member("a", b"x"), entries=[entry("a")]),
        'FILES.json says that "a" is a folder, which it is not.',
    ),
    "an entry that is listed twice": (
        with_members(entries=[entry("README.md", b"x")]),
        'FILES.json lists "README.md" twice.',
    ),
    "an entry that points outside": (
        with_members(entries=[entry("../evil")]),
        "FILES.json lists '../evil', which points outside.",
    ),
    "an entry of another type": (
        with_members(entries=[entry("a", b"x", ftype="socket")]),
        'FILES.json says that "a" is of type \'socket\'; use "file" or "dir".',
    ),
    "an entry without a digest": (
        with_members(entries=[entry("a", b"x", chksum_sha256="md5")]),
        'FILES.json has no sha256 for "a".',
    ),
    "no MANIFEST.json": (
        tarball([member("README.md", b"x")]),
        "The tarball has no MANIFEST.json.",
    ),
    "no FILES.json": (
        tarball(
            [
                member(
                    "MANIFEST.json",
                    b'{"collection_info": {"namespace": "acme", "name": "tools", "version": "1.0.0"},'
                    b'"file_manifest_file": {"name": "FILES.json", "chksum_sha256": "%s"}, "format": 1}'
                    % (b"0" * 64),
                )
            ]
        ),
        "The tarball has no FILES.json.",
    ),
    "a FILES.json that was changed": (
        with_members(manifest={"file_manifest_file": entry("FILES.json", b"other")}),
        "but MANIFEST.json says d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa.",
    ),
    "a MANIFEST.json that is no JSON": (with_members(manifest=b"{"), "MANIFEST.json is no JSON: "),
    "a MANIFEST.json of deep nesting": (with_members(manifest=b"[" * 100_000), "MANIFEST.json is no JSON: "),
    "a MANIFEST.json that is a list": (with_members(manifest=b"[]"), "MANIFEST.json is no JSON object."),
    "a MANIFEST.json of another format": (
        with_members(manifest={"format": 2}),
        "MANIFEST.json has the format 2; only 1 is understood.",
    ),
    "a MANIFEST.json with a NUL character": (
        with_members(manifest={"collection_info": info(description="a\0b")}),
        "MANIFEST.json has a NUL character in a text.",
    ),
    "a MANIFEST.json that is too large": (
        with_members(manifest=b" " * 5_000_000),
        "MANIFEST.json has 5000000 bytes; at most 4194304 are allowed.",
    ),
    "no tarball": (b"this is not a tarball", "file could not be opened successfully:\n"),
    "an empty file": (b"", "file could not be opened successfully:\n"),
    "another compression": (b"BZh91AY&SY" + b"0" * 1000, "file could not be opened successfully:\n"),
    "gzip of no tarball": (
        gzip.compress(b"this is not a tarball" * 100),
        "file could not be opened successfully:\n",
    ),
    "half of a tarball": (collection()[:900], "The tarball is damaged: it ends too soon."),
    "a tarball and something else": (
        collection() + b"something else",
        "The tarball is damaged: incorrect header check.",
    ),
    "many gzips of nothing": (
        collection() + gzip.compress(b"") * 20_000,
        "The tarball is damaged: it has more than 10000 gzip members.",
    ),
    "a sparse file": (
        with_members(member("evil", b"x", pax_headers={"GNU.sparse.major": "0", "GNU.sparse.map": "0,1"})),
        '"evil" is neither a file nor a folder.',
    ),
    "a sparse file whose map never ends": (
        with_members(
            member(
                "evil",
                b"1000000000\n" + b"1\n" * 1_000_000,
                pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
            )
        ),
        "The tarball has a header that is too long.",
    ),
    "a name in a header that is too long": (
        with_members(member("evil", b"x", pax_headers={"path": "a/" * 20_000})),
        "The tarball has a header that is too long.",
    ),
    "many headers before a file": (endless_headers(), "The tarball"),
    "a name that writes backwards": (
        with_members(member("a\u202egpj.sh", b"x")),
        "which has characters that no path here may have.",
    ),
    "a tarball with a wrong checksum": (
        collection()[:-8] + b"\0" * 8,
        "The tarball is damaged: incorrect data check.",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_tarball_is_refused_with_a_sentence(kind: str) -> None:
    packed, sentence = HOSTILE[kind]

    with pytest.raises(Invalid) as refusal:
        read(packed)

    assert sentence in refusal.value.message


def test_links_inside_the_tree_are_fine() -> None:
    module = b"DOCUMENTATION = ''\n"
    packed = with_members(
        member("plugins/modules/ping.py", module),
        member("plugins/modules/alias.py", type=LINK, linkname="ping.py"),
        member("plugins/more", type=LINK, linkname="modules"),
        entries=[
            entry("plugins/modules/ping.py", module),
            entry("plugins/modules/alias.py", module),
            entry("plugins/more"),
        ],
    )

    read(packed)


def bomb(megabytes: int) -> bytes:
    """A tarball of one file of zeros, a thousandth of its size."""
    header = tarfile.TarInfo("zeros")
    header.size = megabytes << 20
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as plain:
        plain.write(header.tobuf())
        for _ in range(megabytes):
            plain.write(bytes(1 << 20))
    return packed.getvalue()


@pytest.mark.parametrize(
    "padding",
    [b"", b"\0" * 100, b"\0" * 100_000, gzip.compress(b"", mtime=0) * 3],
    ids=["nothing", "zeros", "many zeros", "empty members"],
)
def test_what_is_fine_behind_a_tarball(padding: bytes) -> None:
    read(collection() + padding)


def test_a_tarball_may_be_packed_in_pieces() -> None:
    plain = gzip.decompress(collection())

    read(b"".join(gzip.compress(plain[start : start + 700]) for start in range(0, len(plain), 700)))


class Counted(io.BytesIO):
    """Counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


def test_a_long_name_in_the_header_of_gzip_is_not_read_letter_by_letter() -> None:
    packed = gzip.compress(gzip.decompress(collection()))
    named = Counted(packed[:3] + b"\x08" + packed[4:10] + b"n" * (20 << 20) + b"\0" + packed[10:])

    read_collection(named)

    assert named.reads < 1000


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    packed = bomb(100)

    with pytest.raises(Invalid, match=r"^Unpacked, the tarball is more than 200 times as large as packed\.$"):
        read(packed)


def test_there_is_a_limit_to_each_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarballs, "FILE_LIMIT", 10)

    with pytest.raises(Invalid, match=r"^\"MANIFEST\.json\" has \d+ bytes; at most 10 are allowed\.$"):
        read(collection())


def test_there_is_a_limit_to_all_sizes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarballs, "TOTAL_LIMIT", 2000)

    with pytest.raises(Invalid, match=r"^Unpacked, the tarball has more than 2000 bytes\.$"):
        read(collection())


def test_there_is_a_limit_to_the_number_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarballs, "MEMBERS_LIMIT", 3)

    with pytest.raises(Invalid, match=r"^The tarball has more than 3 members\.$"):
        read(collection())


def test_a_header_cannot_take_all_memory() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 33
    packed = gzip.compress(header.tobuf(format=tarfile.GNU_FORMAT) + bytes(100_000))

    with pytest.raises(Invalid, match=r"^The tarball has a header that is too long\.$"):
        read(packed)


def test_a_name_mismatch_is_told_before_anything_else_is_read() -> None:
    packed = with_members(member("/etc/passwd", b"x"))

    with pytest.raises(Invalid, match=r'^Filename name "other" did not match metadata "tools"$'):
        read_collection(io.BytesIO(packed), promised=parse_filename("acme-other-1.0.0.tar.gz"))


def test_a_small_tarball_of_deep_folders_needs_little_memory() -> None:
    deep = [f"{number}/" + "/".join("abcdefghij" * 4) + "/file" for number in range(1500)]
    packed = with_members(*map(member, deep), entries=[entry(name, b"") for name in deep])
    tracemalloc.start()

    read_collection(io.BytesIO(packed))

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 9_000_000  # bytes; with the names of all folders 14 million
