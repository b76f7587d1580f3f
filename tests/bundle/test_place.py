"""A folder moved into place: the old one or the new one, never a mixture, and no leftovers."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from collateral.bundle.place import place, recover, write_file

OLD = {"a.txt": b"old", "only-old/b.txt": b"old"}
NEW = {"a.txt": b"new", "data/c.json": b"{}"}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir())


class Failing(Mapping[str, bytes]):
    """Files of which the second cannot be had: what a full disk or Ctrl-C does half-way."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __iter__(self) -> Iterator[str]:
        return iter(("a.txt", "b.txt"))

    def __len__(self) -> int:
        return 2

    def items(self):  # type: ignore[no-untyped-def]  # a generator in the place of a view
        yield "a.txt", b"new"
        raise self._error

    def __getitem__(self, name: str) -> bytes:
        raise self._error


def never(one: Path, other: Path) -> bool:
    """A kernel that cannot exchange."""
    return False


def crash(one: Path, other: Path) -> bool:
    """Lose power between the two renames that stand in for the exchange."""
    other.rename(other.parent / f".{other.name}.old")
    raise KeyboardInterrupt


@pytest.mark.parametrize("exchange", [None, never], ids=["exchange", "two-renames"])
def test_the_new_folder_replaces_the_whole_old_one(
    tmp_path: Path, exchange: Callable[[Path, Path], bool] | None
) -> None:
    folder = tmp_path / "deep" / "bundle"
    place(folder, OLD, exchange)
    place(folder, NEW, exchange)
    assert content(folder) == NEW
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "data"]
    assert beside(folder) == ["bundle"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_folder_whole(tmp_path: Path, error: BaseException) -> None:
    folder = tmp_path / "bundle"
    place(folder, OLD)
    with pytest.raises(type(error)):
        place(folder, Failing(error))
    assert content(folder) == OLD
    assert beside(folder) == ["bundle"]


def test_the_first_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"):
        place(tmp_path / "bundle", Failing(OSError(28, "full")))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_also_a_folder_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="a"):
        place(tmp_path / "bundle", {"a": b"", "a/b": b""})
    assert list(tmp_path.iterdir()) == []


def test_a_crash_between_the_two_renames_is_recovered_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    place(folder, OLD)
    with pytest.raises(KeyboardInterrupt):
        place(folder, NEW, crash)
    assert not folder.exists()
    recover(folder)
    assert content(folder) == OLD
    assert beside(folder) == ["bundle"]


def test_a_second_rename_that_fails_brings_the_old_folder_back(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    place(folder, OLD)

    def lose(one: Path, other: Path) -> bool:
        for path in sorted(one.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        one.rmdir()
        return False

    with pytest.raises(FileNotFoundError):
        place(folder, NEW, lose)
    assert content(folder) == OLD
    assert beside(folder) == ["bundle"]


def test_a_crash_after_both_renames_keeps_the_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    place(folder, NEW)
    place(tmp_path / ".bundle.old", OLD)
    recover(folder)
    assert content(folder) == NEW
    assert beside(folder) == ["bundle"]


def test_left_over_new_folders_go_and_those_of_others_stay(tmp_path: Path) -> None:
    folder = tmp_path / "bundle[1]*"
    place(tmp_path / ".bundle[1]*.new-1", OLD)
    place(tmp_path / ".bundle1.new-1", OLD)
    place(tmp_path / ".bundle[1]*-2.new-1", OLD)
    place(folder, NEW)
    assert beside(folder) == sorted([".bundle1.new-1", ".bundle[1]*-2.new-1", "bundle[1]*"])


@pytest.mark.parametrize("name", ["with space", "-n", "ä\u202eb", "a\nb", "$(id)", "{x}", "%s"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    place(folder, OLD)
    place(folder, {name: b"new", f"d/{name}": b""})
    assert content(folder) == {name: b"new", f"d/{name}": b""}
    assert beside(folder) == [name]


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_what_is_no_folder_is_not_replaced(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "bundle"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").write_bytes(b"mine")
    if kind == "file":
        folder.write_bytes(b"mine")
    else:
        folder.symlink_to(tmp_path / ("other" if kind == "link" else "nowhere"))
    with pytest.raises(FileExistsError):
        place(folder, NEW)
    assert beside(folder) == ["bundle", "other"]
    assert content(tmp_path / "other") == {"mine": b"mine"}
    assert folder.is_symlink() or folder.read_bytes() == b"mine"


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from collateral.bundle.place import place, write_file\n"
        "os.umask(0o077); place(Path(sys.argv[1]) / 'bundle', {'a': b'', 'd/e/f': b''})\n"
        "write_file(Path(sys.argv[1]) / 'bundle' / 'g', b'')"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[2], check=True)
    folder = tmp_path / "bundle"
    modes = {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")
    }
    assert modes == {"a": 0o644, "d": 0o755, "d/e": 0o755, "d/e/f": 0o644, "g": 0o644}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_one_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_file(path, b"one")
    path.chmod(0o600)
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert beside(path) == ["file"]


def test_one_file_in_the_way_of_a_folder_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken" / "x").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "taken", b"new")
    assert beside(tmp_path / "taken") == ["taken"]
