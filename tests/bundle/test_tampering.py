"""Two thousand random changes of a signed bundle and of what stands beside it: every one is found."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from collateral.bundle.keys import PublicKey, read_public
from collateral.bundle.verify import verify_bundle
from tests.bundle.signed import Signed, new_signed

ROUNDS = 2000
SEED = 20260301
BESIDE = (".SHA256SUMS.sig", ".intoto.jsonl")

Undo = Callable[[], object]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    made = new_signed(tmp_path_factory.mktemp("tampering"))
    made.make("1.0")
    made.make("2.0")
    new_signed(made.folder / "other")
    return made


class Tamper:
    """One random change, which answers how to undo it. `archive`: of the archive, else of the folder."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._folder = folder
        self._rng = rng
        self.key = "keys"
        inside = sorted(path for path in (folder / "shop-1.0").rglob("*") if path.is_file())
        beside = [folder / f"shop-1.0{suffix}" for suffix in BESIDE]
        packed = folder / "shop-1.0.tar.gz"
        self._any = {"folder": [*inside, *beside, packed], "archive": [packed, *beside]}
        self._needed = {"folder": [*inside, *beside], "archive": beside}
        self._inside = inside

    def flip(self, target: str) -> Undo:
        """One bit of one file."""
        path, data = self._pick(self._any[target])
        at = self._rng.randrange(len(data) * 8)
        changed = bytearray(data)
        changed[at // 8] ^= 1 << (at % 8)
        return self._write(path, bytes(changed))

    def truncate(self, target: str) -> Undo:
        """One file ends early."""
        path, data = self._pick(self._any[target])
        return self._write(path, data[: self._rng.randrange(len(data))])

    def extend(self, target: str) -> Undo:
        """One file has something behind its end."""
        path, data = self._pick(self._any[target])
        return self._write(path, data + self._rng.randbytes(self._rng.randrange(1, 40)))

    def drop(self, target: str) -> Undo:
        """One file is gone."""
        path, data = self._pick(self._needed[target])
        path.unlink()
        return lambda: path.write_bytes(data)

    def rename(self, target: str) -> Undo:
        """One file has another name."""
        path, _ = self._pick(self._needed[target])
        name = self._rng.choice(
            [path.name.swapcase(), f"{path.name} ", f".{path.name}", f"{path.name}\u0301"]
        )
        moved = path.rename(path.with_name(name))
        return lambda: moved.rename(path)

    def swap(self, target: str) -> Undo:
        """Two files have each other's content."""
        (one, first), (other, second) = self._pick(self._needed[target]), self._pick(self._any[target])
        while first == second:
            other, second = self._pick(self._any[target])
        one.write_bytes(second)
        other.write_bytes(first)
        return lambda: (one.write_bytes(first), other.write_bytes(second))

    def link(self, target: str) -> Undo:
        """One file is a link to its own content."""
        path, data = self._pick(self._needed[target])
        moved = path.rename(self._folder / "elsewhere")
        path.symlink_to(moved)

        def undo() -> None:
            path.unlink()
            moved.rename(path)

        assert path.read_bytes() == data
        return undo

    def another(self, target: str) -> Undo:
        """One file is that of the other release."""
        wanted = self._needed[target] if target == "folder" else self._any[target]
        while True:
            path, data = self._pick(wanted)
            twin = self._folder / str(path.relative_to(self._folder)).replace("1.0", "2.0")
            if twin.read_bytes() != data:
                return self._write(path, twin.read_bytes())

    def add(self, target: str) -> Undo:
        """A file or an empty folder more, in the folder."""
        where = self._rng.choice(self._inside).parent / f"new{self._rng.randrange(10**6)}"
        if self._rng.random() < 0.5:
            where.mkdir()
            return where.rmdir
        where.write_bytes(self._rng.randbytes(self._rng.randrange(3)))
        return where.unlink

    def wrong_key(self, target: str) -> Undo:
        """Another key than the one that signed."""
        self.key = "other/keys"

        def undo() -> None:
            self.key = "keys"

        return undo

    def _pick(self, paths: list[Path]) -> tuple[Path, bytes]:
        path = self._rng.choice(paths)
        return path, path.read_bytes()

    def _write(self, path: Path, data: bytes) -> Undo:
        before = path.read_bytes()
        assert data != before
        path.write_bytes(data)
        return lambda: path.write_bytes(before)


KINDS = (
    "flip",
    "flip",
    "flip",
    "truncate",
    "extend",
    "drop",
    "rename",
    "swap",
    "link",
    "another",
    "add",
    "wrong_key",
)


@pytest.mark.slow
def test_every_random_change_is_found(signed: Signed) -> None:
    rng = random.Random(SEED)
    tamper = Tamper(signed.folder, rng)
    keys: dict[str, PublicKey] = {
        name: read_public(signed.folder / name / "signing.pub", name) for name in ("keys", "other/keys")
    }
    bundles = {"folder": signed.folder / "shop-1.0", "archive": signed.folder / "shop-1.0.tar.gz"}
    found: Counter[str] = Counter()
    missed: list[tuple[int, str, str]] = []
    for number in range(ROUNDS):
        kind = rng.choice(KINDS)
        target = "folder" if kind == "add" else rng.choice(("folder", "folder", "archive"))
        undo = getattr(tamper, kind)(target)
        try:
            problems = verify_bundle(bundles[target], keys[tamper.key]).problems
        finally:
            undo()
        if problems:
            found[kind] += 1
        else:
            missed.append((number, kind, target))
    assert missed == []
    assert set(found) == set(KINDS)
    assert found.total() == ROUNDS
    assert [verify_bundle(bundle, keys["keys"]).problems for bundle in bundles.values()] == [(), ()]


@pytest.mark.parametrize("suffix", BESIDE)
def test_single_bits_of_both_signatures_count(signed: Signed, suffix: str) -> None:
    """All of the raw signature; of the envelope every seventeenth, and all of its end."""
    path = signed.folder / f"shop-1.0{suffix}"
    before = path.read_bytes()
    step = 1 if len(before) == 64 else 17
    missed = []
    for at in [
        *range(0, (len(before) - 200) * 8, step),
        *range(max(0, len(before) - 200) * 8, len(before) * 8),
    ]:
        changed = bytearray(before)
        changed[at // 8] ^= 1 << (at % 8)
        path.write_bytes(changed)
        if not verify_bundle(signed.folder / "shop-1.0", signed.public).problems:
            missed.append(at)
    path.write_bytes(before)
    assert missed == []


def test_folders_that_are_not_there_are_not_made_up(signed: Signed, tmp_path: Path) -> None:
    copy = shutil.copytree(signed.folder, tmp_path / "copy")
    (copy / "shop-1.0/a/b/c").mkdir(parents=True)
    done = verify_bundle(copy / "shop-1.0", signed.public)
    assert [(p.code, str(p.place)) for p in done.problems] == [("V004", "a/b/c")]
