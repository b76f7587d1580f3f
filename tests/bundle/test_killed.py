"""A build that is killed leaves the old bundle or the new one whole, and nothing beside it that is not about it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collateral.bundle.keys import make_keys
from collateral.bundle.verify import verify_bundle
from tests.bundle.support import Shop, files_of

ROOT = Path(__file__).parents[2]
NEVER = 10**9
KILLS = 30
SEED = 20260301


@dataclass(frozen=True, slots=True)
class Killer:
    """The program of `tests.bundle.killing`, at work."""

    process: subprocess.Popen[str]

    def __call__(self, number: int, name: str, *what: Any) -> tuple[int, list[str]]:
        """Run something until its operation of this number on files: exit code, and the operations before it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([number, name, *what]) + "\n")
        self.process.stdin.flush()
        code, log = json.loads(self.process.stdout.readline())
        return code, log


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    argv = [sys.executable, "-m", "tests.bundle.killing"]
    with subprocess.Popen(argv, cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


def beside(folder: Path) -> dict[str, bytes]:
    """The files beside a bundle, by suffix; those that an interrupted build left to the side do not count."""
    found = folder.parent.glob(f"{folder.name}.*")
    return {path.name.removeprefix(folder.name): path.read_bytes() for path in sorted(found)}


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path.name.startswith("."))


@pytest.mark.slow
@pytest.mark.parametrize("before", ["nothing", "old"])
@pytest.mark.parametrize("how", ["exchange", "two-renames"])
def test_killed_before_every_single_operation(killer: Killer, tmp_path: Path, how: str, before: str) -> None:
    folder = tmp_path / "b"
    old = {"a.txt": b"old", "data/b.txt": b"old", "data/c.txt": b"old"}
    new = dict.fromkeys(old, b"new")
    number, seen = 0, set()
    while True:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        if before == "old":
            assert killer(NEVER, "b", "place", str(tmp_path), "b", "old", how)[0] == 0
        code, _log = killer(number, "b", "place", str(tmp_path), "b", "new", how)
        if code == 0:
            break
        assert code == -9
        number += 1
        if not folder.exists() and before == "old":
            assert how == "two-renames"
            assert files_of(tmp_path / ".b.old") == old
            seen.add("stepped aside")
        elif folder.exists():
            assert files_of(folder) in (old, new)
            about = files_of(folder)["a.txt"]
            assert set(beside(folder).values()) <= {about}
            seen.add(about.decode())
        else:
            assert beside(folder) == {}
        assert killer(NEVER, "b", "place", str(tmp_path), "b", "newer", how)[0] == 0
        assert set(files_of(tmp_path).values()) == {b"newer"}
        assert left(folder) == []
    assert number > 20
    assert {"new"} | ({"old"} if before == "old" else set()) <= seen
    assert ("stepped aside" in seen) == (how == "two-renames" and before == "old")


@pytest.mark.slow
@pytest.mark.bundle
def test_a_real_build_killed_at_thirty_moments(killer: Killer, shop: Shop, tmp_path: Path) -> None:
    key = make_keys(tmp_path / "keys", "keys")
    cwd, output = str(shop.cli.cwd), tmp_path / "out"
    argv = ["build", "model", "-o", str(output), "--tools", "tools", "--archive"]
    argv += ["--sign", str(tmp_path / "keys/signing.key")]
    base = {"PATH": os.environ["PATH"], "HOME": cwd, "XDG_CACHE_HOME": str(shop.cli.cwd / "cache")}

    def build(number: int, epoch: int) -> tuple[int, list[str]]:
        environ = {**base, "SOURCE_DATE_EPOCH": str(epoch)}
        return killer(number, "tiny-1.0", "build", cwd, environ, *argv)

    folder = output / "tiny-1.0"
    states = []
    for epoch in (1_700_000_000, 1_800_000_000):
        code, log = build(NEVER, epoch)
        assert code == 0
        states.append((files_of(folder), beside(folder)))
        if epoch == 1_700_000_000:
            shutil.copytree(output, tmp_path / "old")
    (old, old_beside), (new, new_beside) = states
    assert old != new
    assert set(old_beside) == {".environment.json", ".tar.gz", ".SHA256SUMS.sig", ".intoto.jsonl"}

    exchange = next(at for at, line in enumerate(log) if line.startswith("ctypes.dlsym"))
    close = list(range(exchange - 5, exchange + 6))
    others = [at for at in range(len(log)) if at not in close]
    moments = sorted([*close, *random.Random(SEED).sample(others, KILLS - len(close))])
    found = []
    for number in moments:
        shutil.rmtree(output)
        shutil.copytree(tmp_path / "old", output)
        code, _ = build(number, 1_800_000_000)
        assert code == -9, number
        files = files_of(folder)
        assert files in (old, new), number
        found.append("old" if files == old else "new")
        own = old_beside if files == old else new_beside
        there = beside(folder)
        for suffix in set(there) - {".environment.json"}:  # it has durations
            assert there[suffix] == own[suffix], (number, suffix)
        assert verify_bundle(folder).problems == ()
        problems = verify_bundle(folder, key).problems
        whole = {".SHA256SUMS.sig", ".intoto.jsonl"} <= set(there)
        assert [p.code for p in problems] == ([] if whole else ["V007"]), number
        if number in close[::3]:
            assert build(NEVER, 1_800_000_000)[0] == 0
            assert files_of(folder) == new
            assert verify_bundle(folder, key).problems == ()
            assert left(folder) == []
    assert len(found) == KILLS
    assert set(found) == {"old", "new"}


@pytest.mark.slow
def test_builds_into_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from collateral.bundle.place import place\n"
        "folder, text = Path(sys.argv[1]), sys.argv[2].encode()\n"
        "files = {f'{n}.txt': text for n in range(40)}\n"
        "for _ in range(25):\n"
        "    place(folder, files, beside={'.tar.gz': text, '.intoto.jsonl': text})\n"
        "    sys.stdout.write('.')\n"
    )
    folder = tmp_path / "b"
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(folder), str(n)], cwd=ROOT, stdout=-1)
        for n in "1234"
    ]
    assert [process.communicate()[0] for process in running] == [b"." * 25] * 4
    assert [process.returncode for process in running] == [0] * 4
    assert len({*files_of(folder).values(), *beside(folder).values()}) == 1
    assert len(files_of(folder)) == 40
    assert left(folder) == []
