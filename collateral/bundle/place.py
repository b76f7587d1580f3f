"""A folder written to the side and moved into place whole, whatever was there before."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def recover(folder: Path) -> None:
    """Undo what an interrupted move left behind: the old folder comes back, half-written ones go."""
    old = _old(folder)
    if old.is_dir():
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    for left in sorted(folder.parent.glob(f".{folder.name}.new-*")):
        shutil.rmtree(left)


def place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly these files, with modes 0644 and 0755 whatever the umask.

    A reader sees the old folder or the new one, never a mixture: the two are exchanged where the kernel can,
    else the old one steps aside first and `recover` brings it back after a crash in between.

    Raises:
        OSError: the disk is full or the place cannot be written; the old folder is still there then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    new = folder.parent / f".{folder.name}.new-{os.getpid()}"
    try:
        _write(new, files)
        if not folder.exists():
            new.rename(folder)
        elif _exchange(new, folder):
            shutil.rmtree(new)
        else:
            folder.rename(_old(folder))
            new.rename(folder)
            shutil.rmtree(_old(folder))
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def write_file(path: Path, data: bytes) -> None:
    """Write one file to the side and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.parent / f".{path.name}.new-{os.getpid()}"
    new.write_bytes(data)
    new.chmod(0o644)
    new.replace(path)


def _old(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"


def _write(new: Path, files: Mapping[str, bytes]) -> None:
    new.mkdir()
    for path, data in sorted(files.items()):
        target = new / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o644)
    for item in [new, *(found for found in new.rglob("*") if found.is_dir())]:
        item.chmod(0o755)


def _exchange(one: Path, other: Path) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; False where the system or the file system does not offer it."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)
