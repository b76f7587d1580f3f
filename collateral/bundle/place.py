"""A folder written to the side and moved into place whole, whatever was there before."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import shutil
from collections.abc import Callable, Mapping
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
    for left in sorted(folder.parent.glob(f".{glob.escape(folder.name)}.new-*")):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def place(
    folder: Path, files: Mapping[str, bytes], exchange: Callable[[Path, Path], bool] | None = None
) -> None:
    """Make `folder` hold exactly these files, with modes 0644 and 0755 whatever the umask.

    A reader sees the old folder or the new one, never a mixture: the two are exchanged where the kernel can,
    else the old one steps aside first and `recover` brings it back after a crash in between. `exchange` swaps two
    folders and answers whether it could; the kernel's call otherwise.

    Raises:
        OSError: the disk is full or the place cannot be written; the old folder is still there then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileExistsError(errno.EEXIST, "in the way of the new folder", str(folder))
    new = folder.parent / f".{folder.name}.new-{os.getpid()}"
    try:
        _write(new, files)
        if not folder.exists():
            new.rename(folder)
        elif (exchange or exchange_folders)(new, folder):
            shutil.rmtree(new)
        else:
            folder.rename(_old(folder))
            try:
                new.rename(folder)
            finally:
                recover(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def write_file(path: Path, data: bytes) -> None:
    """Write one file to the side and move it into place, with mode 0644 whatever the umask.

    Raises:
        OSError: the disk is full or the place cannot be written; the old file is still there then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.parent / f".{path.name}.new-{os.getpid()}"
    try:
        new.write_bytes(data)
        new.chmod(0o644)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


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


def exchange_folders(one: Path, other: Path) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; False where the system or the file system does not offer it."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)
