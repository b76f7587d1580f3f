"""A folder written to the side and moved into place whole, whatever was there before."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ENVIRONMENT = ".environment.json"
ARCHIVE = ".tar.gz"
SUMS_SIGNATURE = ".SHA256SUMS.sig"
ENVELOPE = ".intoto.jsonl"
BESIDE = (ENVIRONMENT, ARCHIVE, SUMS_SIGNATURE, ENVELOPE)
"""What may stand beside a bundle's folder, after its name, in the order in which it is put there."""

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone among the programs that move something to `folder`. Waits for another one; leaves no file behind."""
    path = folder.parent / f".{folder.name}.lock"
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            mine = (
                os.fstat(number).st_nlink > 0
            )  # else its holder removed it: the lock of a name that is gone
        except BaseException:
            os.close(number)
            raise
        if mine:
            break
        os.close(number)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(number)


def recover(folder: Path) -> None:
    """Undo what an interrupted move left behind: the old folder comes back, half-written ones go.

    The caller holds the lock of the folder.
    """
    _bring_back(folder)
    for left in sorted(folder.parent.glob(f".{glob.escape(folder.name)}.new-*")):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def place(
    folder: Path,
    files: Mapping[str, bytes],
    exchange: Callable[[Path, Path], bool] | None = None,
    beside: Mapping[str, bytes] | None = None,
) -> None:
    """Make `folder` hold exactly these files, with modes 0644 and 0755 whatever the umask.

    A reader sees the old folder or the new one, never a mixture: the two are exchanged where the kernel can,
    else the old one steps aside first and `recover` brings it back after a crash in between. `exchange` swaps two
    folders and answers whether it could; the kernel's call otherwise.

    `beside` maps suffixes of BESIDE to files that stand beside the folder. The old ones go before the folder
    moves and the new ones come after it, so that none ever stands beside a folder that it is not about.

    Raises:
        OSError: the disk is full or the place cannot be written; the old folder is still there then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        recover(folder)
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise FileExistsError(errno.EEXIST, "in the way of the new folder", str(folder))
        new = folder.parent / f".{folder.name}.new-{os.getpid()}"
        staged = new.with_name(f"{new.name}-beside")
        try:
            _write(new, files)
            if beside is not None:
                _write(staged, {f"{folder.name}{suffix}": data for suffix, data in beside.items()})
                for suffix in BESIDE:
                    folder.with_name(f"{folder.name}{suffix}").unlink(missing_ok=True)
            _move(new, folder, exchange or exchange_folders)
            for suffix in (known for known in BESIDE if known in (beside or {})):
                name = f"{folder.name}{suffix}"
                (staged / name).rename(folder.with_name(name))
        finally:
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(staged, ignore_errors=True)


def create(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a new folder with these files, whole or not at all.

    Raises:
        OSError: the folder is there already, or the place cannot be written; nothing is changed then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.parent / f".{folder.name}.new-{os.getpid()}"
    try:
        _write(new, files)
        new.rename(folder)  # refused where the folder is there and not empty
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _move(new: Path, folder: Path, exchange: Callable[[Path, Path], bool]) -> None:
    """The new folder takes the place; what was there goes away or is left under the name `new`."""
    if not folder.exists():
        new.rename(folder)
    elif not exchange(new, folder):
        folder.rename(_old(folder))
        try:
            new.rename(folder)
        finally:
            _bring_back(folder)


def _bring_back(folder: Path) -> None:
    """The folder that stepped aside is the folder again, where no other took the place."""
    old = _old(folder)
    if not old.is_dir():
        return
    if folder.exists():
        shutil.rmtree(old)
    else:
        old.rename(folder)


def write_file(path: Path, data: bytes) -> None:
    """Write one file: see `write_pieces`."""
    write_pieces(path, (data,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write one file to the side and move it into place, with mode 0644 whatever the umask.

    Raises:
        OSError: the disk is full or the place cannot be written; the old file is still there then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.parent / f".{path.name}.new-{os.getpid()}"
    try:
        with new.open("wb") as file:
            file.writelines(pieces)
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
