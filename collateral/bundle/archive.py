"""A bundle as one file: written with the same bytes for the same content, read without touching the disk."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Mapping

from collateral.bundle.contents import MAX_FILES

_BLOCK = 512
_SIZE = re.compile(rb"[0-7]{11}\0")
_CHECK = re.compile(rb"[0-7]{6}\0 ")
MAX_PACKED = 512 * 1024 * 1024
MAX_BYTES = 1024 * 1024 * 1024


class BadArchive(Exception):
    """Bytes that are no archive of a bundle; the text says why."""


def make_archive(name: str, files: Mapping[str, bytes], timestamp: int) -> bytes:
    """`<name>/<path>` for every file, sorted, with one owner, mode and time.

    The tar inside (POSIX ustar) depends on nothing else. How it is packed may differ between versions of zlib.

    Raises:
        ValueError: a path is too long for the format; ids and releases are short enough.
    """
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path, data in sorted(files.items()):
            item = tarfile.TarInfo(f"{name}/{path}")
            item.size, item.mtime, item.mode = len(data), timestamp, 0o644
            tar.addfile(item, io.BytesIO(data))
    return packed.getvalue()


def read_archive(packed: bytes, name: str, limit: int = MAX_BYTES) -> dict[str, bytes]:
    """The files below the folder `name`, which holds everything. Nothing but plain files is accepted.

    `limit` is for the bytes of all of it, unpacked.

    Raises:
        BadArchive: it is none, is too large, or holds something else.
    """
    data = _unpack(packed, limit)
    found: dict[str, bytes] = {}
    at = 0
    while any(header := data[at : at + _BLOCK]):
        full, size = _header(header)
        parts = full.split("/")
        if len(parts) < 2 or parts[0] != name or any(part in {"", ".", ".."} for part in parts):
            raise BadArchive(f"holds a file outside of the folder {name}")
        path = "/".join(parts[1:])
        if path in found:
            raise BadArchive("holds a file twice")
        if len(found) >= MAX_FILES:
            raise BadArchive(f"holds more than {MAX_FILES} files")
        at += _BLOCK
        found[path] = data[at : at + size]
        if len(found[path]) != size:
            raise BadArchive("ends too early")
        at += -(-size // _BLOCK) * _BLOCK
    if len(data) < at + 2 * _BLOCK or any(data[at:]):
        raise BadArchive("its end is missing, or something follows it")
    return found


def _header(header: bytes) -> tuple[str, int]:
    """Name and size of a plain file, from a header as `make_archive` writes it.

    The standard library reads many more forms (links, devices, sparse files, names and sizes in headers of their own):
    none of them is in a bundle, and each is something that could go wrong with a hostile file.
    """
    if len(header) != _BLOCK or header[257:263] != b"ustar\0":
        raise BadArchive("not a tar archive, or a damaged one")
    size, check = header[124:136], header[148:156]
    total = sum(header) - sum(check) + 8 * ord(" ")
    if not _SIZE.fullmatch(size) or not _CHECK.fullmatch(check) or int(check[:6], 8) != total:
        raise BadArchive("not a tar archive, or a damaged one")
    if header[156:157] != b"0":
        raise BadArchive("holds something that is not a plain file")
    last, _, rest = header[:100].partition(b"\0")
    first, _, more = header[345:500].partition(b"\0")
    try:
        text = (first + b"/" + last if first else last).decode("ascii")
    except UnicodeDecodeError as error:
        raise BadArchive("holds a file with a name that no bundle has") from error
    if any(rest + more):
        raise BadArchive("not a tar archive, or a damaged one")
    return text, int(size[:11], 8)


def _unpack(packed: bytes, limit: int) -> bytes:
    """One gzip member and nothing behind it."""
    if len(packed) > MAX_PACKED:
        raise BadArchive("too large")
    stream = zlib.decompressobj(wbits=31)
    try:
        data = stream.decompress(packed, limit)
    except zlib.error as error:
        raise BadArchive("not a gzip file, or a damaged one") from error
    if stream.unconsumed_tail or not stream.eof:
        raise BadArchive("ends too early, or is too large")
    if stream.unused_data:
        raise BadArchive("something follows the end")
    return data
