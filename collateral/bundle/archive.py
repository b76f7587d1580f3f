"""A bundle as one file: written with the same bytes for the same content, read without touching the disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping

from collateral.bundle.contents import MAX_FILES

MAX_PACKED = 512 * 1024 * 1024
MAX_BYTES = 1024 * 1024 * 1024


class BadArchive(Exception):
    """Bytes that are no archive of a bundle; the text says why."""


def make_archive(name: str, files: Mapping[str, bytes], timestamp: int) -> bytes:
    """`<name>/<path>` for every file, sorted, with one owner, mode and time.

    The tar inside depends on nothing else. How it is packed may differ between versions of zlib.
    """
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar,
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
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpack(packed, limit)), mode="r:") as tar:
            for item in tar:
                if not item.isreg() or item.issparse():
                    raise BadArchive("holds something that is not a plain file")
                parts = item.name.split("/")
                if len(parts) < 2 or parts[0] != name or any(part in {"", ".", ".."} for part in parts):
                    raise BadArchive(f"holds a file outside of the folder {name}")
                path = "/".join(parts[1:])
                if path in found:
                    raise BadArchive("holds a file twice")
                if len(found) >= MAX_FILES:
                    raise BadArchive(f"holds more than {MAX_FILES} files")
                file = tar.extractfile(item)
                data = file.read() if file is not None else b""
                if len(data) != item.size:
                    raise BadArchive("ends too early")
                found[path] = data
    except (tarfile.TarError, ValueError, EOFError, OSError, RecursionError, OverflowError) as error:
        raise BadArchive("not a tar archive, or a damaged one") from error
    return found


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
