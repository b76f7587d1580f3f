"""Archives of bundles: what is not as we write them is refused, whatever it holds."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.bundle.archive import BadArchive, make_archive, read_archive
from tests.bundle.signed import ENVELOPE, TIMESTAMP, Signed, codes
from tests.bundle.support import files_of


def archive_with(signed: Signed, change: Callable[[tarfile.TarFile], None], *, before: bool = False) -> bytes:
    """A good archive with something more in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        if before:
            change(tar)
        for path, data in files_of(signed.folder / "shop-1.0").items():
            item = tarfile.TarInfo(f"shop-1.0/{path}")
            item.size = len(data)
            tar.addfile(item, io.BytesIO(data))
        if not before:
            change(tar)
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[tarfile.TarFile], None]:
    def change(tar: tarfile.TarFile) -> None:
        item = tarfile.TarInfo(name)
        item.type, item.linkname = kind, link
        tar.addfile(item)

    return change


MEMBERS = {
    "nothing": (lambda _: None, []),
    "folder": (member("shop-1.0/x", tarfile.DIRTYPE), ["V011 shop-1.0.tar.gz"]),
    "symlink": (member("shop-1.0/x", tarfile.SYMTYPE, "/etc/passwd"), ["V011 shop-1.0.tar.gz"]),
    "hard-link": (member("shop-1.0/x", tarfile.LNKTYPE, "shop-1.0/index.html"), ["V011 shop-1.0.tar.gz"]),
    "device": (member("shop-1.0/x", tarfile.CHRTYPE), ["V011 shop-1.0.tar.gz"]),
    "parent": (member("shop-1.0/../x"), ["V011 shop-1.0.tar.gz"]),
    "absolute": (member("/shop-1.0/x"), ["V011 shop-1.0.tar.gz"]),
    "other-folder": (member("shop-2.0/x"), ["V011 shop-1.0.tar.gz"]),
    "top": (member("x"), ["V011 shop-1.0.tar.gz"]),
    "twice": (member("shop-1.0/index.html"), ["V011 shop-1.0.tar.gz"]),
    "more": (member("shop-1.0/x"), ["V004 x"]),
    "odd-name": (member("shop-1.0/\x1b"), ["V004 <U+001B>"]),
    "other-script": (member("shop-1.0/\u202e"), ["V011 shop-1.0.tar.gz"]),
    "not-utf-8": (member("shop-1.0/\udcff"), ["V011 shop-1.0.tar.gz"]),
    "long-name": (member("shop-1.0/" + "x" * 200), ["V011 shop-1.0.tar.gz"]),
    "sparse": (member("shop-1.0/x", tarfile.GNUTYPE_SPARSE), ["V011 shop-1.0.tar.gz"]),
    "old-file": (member("shop-1.0/x", tarfile.AREGTYPE), ["V011 shop-1.0.tar.gz"]),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members_of_an_archive(signed: Signed, name: str) -> None:
    change, found = MEMBERS[name]
    for suffix in (".intoto.jsonl", ".SHA256SUMS.sig"):
        (signed.folder / f"shop-1.0{suffix}").unlink()
    path = signed.folder / "shop-1.0.tar.gz"
    path.write_bytes(archive_with(signed, change))
    assert codes(path, None) == found


def test_the_longest_names_fit() -> None:
    name = f"{'p' * 64}-{'r' * 64}-private"
    files = {f"diagrams/boundary-{'b' * 64}.svg": b"1", f"schemas/{'s' * 60}.schema.json": b"2"}
    assert read_archive(make_archive(name, files, TIMESTAMP), name) == files


HEADERS = {
    "negative-size": (124, b"\xff" * 12),
    "binary-size": (124, b"\x80" + bytes(10) + b"\x05"),
    "huge-size": (124, b"77777777777\0"),
    "no-size": (124, b"\0" * 12),
    "gnu": (257, b"ustar  \0"),
    "name-behind-its-end": (90, b"x"),
    "prefix": (345, b".."),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_of_an_archive(name: str) -> None:
    at, data = HEADERS[name]
    tar = bytearray(zlib.decompress(make_archive("n", {"a": b"12345"}, TIMESTAMP), wbits=31))
    assert read_archive(gzip.compress(bytes(tar)), "n") == {"a": b"12345"}
    tar[at : at + len(data)] = data
    with pytest.raises(BadArchive):  # the checksum does not hold any more
        read_archive(gzip.compress(bytes(tar)), "n")
    tar[148:156] = b" " * 8
    tar[148:156] = b"%06o\0 " % sum(tar[:512])
    with pytest.raises(BadArchive):
        read_archive(gzip.compress(bytes(tar)), "n")


@given(st.data())
def test_any_changed_byte_of_a_header_is_found_or_changes_nothing_that_counts(data: st.DataObject) -> None:
    tar = bytearray(zlib.decompress(make_archive("n", {"a": b"12345"}, TIMESTAMP), wbits=31))
    at = data.draw(st.integers(0, 511))
    tar[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadArchive):
        read_archive(gzip.compress(bytes(tar)), "n")


@given(st.binary(max_size=2000))
def test_bytes_that_are_no_archive(data: bytes) -> None:
    for packed in (data, gzip.compress(data)):
        try:
            assert read_archive(packed, "n") == {}
        except BadArchive:
            continue
        assert not any(data)


@pytest.mark.parametrize("size", [0, 1, 100, -1, -9, -200])
def test_a_cut_archive(signed: Signed, size: int) -> None:
    (signed.folder / ENVELOPE).unlink()
    path = signed.folder / "shop-1.0.tar.gz"
    path.write_bytes(path.read_bytes()[:size])
    assert codes(path, None) == ["V011 shop-1.0.tar.gz"]


def test_an_archive_with_something_behind_it_or_too_much_in_it(signed: Signed) -> None:
    (signed.folder / ENVELOPE).unlink()
    path = signed.folder / "shop-1.0.tar.gz"
    good = path.read_bytes()
    path.write_bytes(good + b"\0")
    assert codes(path, None) == ["V011 shop-1.0.tar.gz"]
    path.write_bytes(good + good)
    assert codes(path, None) == ["V011 shop-1.0.tar.gz"]
    with pytest.raises(BadArchive, match="too large"):
        read_archive(good, "shop-1.0", 4096)


def test_an_archive_has_one_owner_mode_and_time() -> None:
    data = make_archive("n", {"b": b"2", "a/c": b"1"}, TIMESTAMP)
    assert data == make_archive("n", {"a/c": b"1", "b": b"2"}, TIMESTAMP)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        seen = [(i.name, i.mode, i.mtime, i.uid, i.gid, i.uname, i.gname) for i in tar]
    assert seen == [(f"n/{path}", 0o644, TIMESTAMP, 0, 0, "", "") for path in ("a/c", "b")]
    assert data[4:8] == b"\0\0\0\0"  # gzip's time


def test_names_that_differ_in_case_or_accents_only(signed: Signed) -> None:
    more = {"A/x": b"", "a/y": b"", "e\u0301": b"", "\u00e9": b""}
    assert codes(signed.make("1.0", more=more), signed.public) == ["V001 a/y", "V001 \u00e9"]
