"""The cells of the fault table over one scanner."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scanners.finding import ScanResult
from scanners.kit.cells import CELLS, Cell, wrong_with
from scanners.kit.record import Damage, Left, Loss, Recorder, Replayer
from scanners.protocol import Description, Example, Launch, Scanner, ToolEnv, Work
from scanners.run.files import DiskFiles
from scanners.wire import from_wire, to_wire
from threatmodel.confine import Limits

Verdict = Literal["right", "wrong", "not applicable", "not tested"]
_LIMITS = Limits(
    wall_seconds=120, cpu_seconds=120, memory_bytes=None, output_bytes=1 << 20, open_files=1024, processes=256
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """What became of one fault. `status`: of the scan's result, empty where there was none."""

    cell: str
    about: str
    verdict: Verdict
    status: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """What became of all faults. `version`: of the tool that was run for real."""

    scanner: str
    version: str
    cells: tuple[CellResult, ...]

    @property
    def wrong(self) -> int:
        """How many faults the scanner does not stand."""
        return sum(cell.verdict == "wrong" for cell in self.cells)

    @property
    def untested(self) -> int:
        """How many could not be tried."""
        return sum(cell.verdict == "not tested" for cell in self.cells)


def check_scanner(
    scanner: Scanner, example: Example, env: ToolEnv, launch: Launch, workdir: Path
) -> Conformance:
    """Try every fault on the scanner. Its tool is run for real where the fault is one of its input, at most seven times;
    the other faults are damages of what it left behind once. `workdir` is an empty private folder. Data of the example
    take the place of those in `env`.

    Without the tool nothing is tested but that its absence is told.
    """
    data = {name: _written(workdir / "data" / name, files) for name, files in example.data.items()}
    env = replace(env, data={**env.data, **data})
    bench = _Bench(scanner=scanner, example=example, env=env, launch=launch, workdir=workdir)
    cells = tuple(bench.cells())
    return Conformance(scanner=scanner.name, version=bench.version, cells=cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    result: ScanResult | None
    raised: str = ""


@dataclass(slots=True, kw_only=True)
class _Bench:
    scanner: Scanner
    example: Example
    env: ToolEnv
    launch: Launch
    workdir: Path
    version: str = ""

    def cells(self) -> Iterator[CellResult]:
        described = self.scanner.describe(self.env, self.launch)
        self.version = described.version
        yield self._missing()
        recorder = Recorder(self.launch)
        whole = self._run(recorder, self.example.files) if described.available else None
        for name, cell in CELLS.items():
            if name == "missing-program":
                continue
            if whole is None:
                yield _told(name, cell, "not tested", f"{self.scanner.name}: {described.reason}")
            else:
                yield self._cell(name, cell, recorder.left, whole, asked=recorder.asked)
        if whole is not None:
            yield self._plan()

    def _cell(self, name: str, cell: Cell, left: list[Left], whole: _Ran, *, asked: int) -> CellResult:
        if name == "whole":
            return self._whole(cell, whole)
        if name == "unparsable":
            return self._unparsable(cell)
        if name.endswith("-data"):
            return self._data(name, cell)
        if not left:
            return _told(name, cell, "not applicable", "it starts no program")
        if name == "strange-version" and not asked:
            return _told(name, cell, "not applicable", "its version is read from the metadata of its package")
        launch: Launch
        loss: Loss | None = None
        if name in ("vanished", "folder"):
            path = self._planned()[0]
            loss = Loss(path=path, content=self.example.files[path], folder=name == "folder")
            launch = Recorder(self.launch, before=loss)
        elif name == "elsewhere":
            first = self._planned()[0].encode()
            if not any(first in part for item in left for part in (item.said, item.outcome.stderr)):
                return _told(name, cell, "not applicable", "its report names no file")
            launch = Replayer(self.launch, left, _elsewhere(first))
        elif cell.damage is None:
            launch = Replayer(self.launch, left, lambda item: item, version=b"no number \xff\n")
        else:
            launch = Replayer(self.launch, left, cell.damage)
        ran = self._run(launch, self.example.files)
        if loss and not loss.found:
            return _told(name, cell, "not applicable", "the program gets its files in another form")
        why = self._why(cell, ran, self._planned()[: cell.unread])
        if not why and name == "strange-version" and ran.result and ran.result.version != "unknown":
            why = f'its version is "{ran.result.version}", which nobody told'
        return _judged(name, cell, ran, why)

    def _missing(self) -> CellResult:
        name, cell = "missing-program", CELLS["missing-program"]
        nowhere = ToolEnv(tools=(), beside=self.workdir / "nothing", path="", data=self.env.data)
        described = self.scanner.describe(nowhere, self.launch)
        if described.available:
            return _told(name, cell, "not applicable", "it starts no program")
        why = "" if described.reason else "it gives no reason for its absence"
        return CellResult(
            cell=name, about=cell.about, verdict="wrong" if why else "right", status="skipped", why=why
        )

    def _data(self, name: str, cell: Cell) -> CellResult:
        """The folders that it needs are not given; or those that it reads, needed or not, are not what they should be."""
        missing = name == "missing-data"
        needs = set(getattr(self.scanner, "needs", ()))
        chosen = needs if missing else needs | set(self.example.data)
        if not chosen:
            why = f"it {'needs' if missing else 'reads'} no folder beside the tree"
            return _told(name, cell, "not applicable", why)
        given = {key: folder for key, folder in self.env.data.items() if key not in chosen}
        if not missing:
            given |= {key: self._spoilt(name, key) for key in chosen}
        env = replace(self.env, data=given)
        described = self.scanner.describe(env, self.launch)
        if not described.available:
            why = "" if described.reason else "it gives no reason"
            return _judged(name, cell, _Ran(result=None), why, status="skipped")
        ran = self._run(Recorder(self.launch), self.example.files, env)
        return _judged(name, cell, ran, self._why(cell, ran, ()))

    def _spoilt(self, name: str, key: str) -> Path:
        """An empty folder, or one with files of the same names that are garbage."""
        there = self.env.data[key]
        files = {
            path.relative_to(there).as_posix(): b"\xff\x00{" for path in there.rglob("*") if path.is_file()
        }
        return _written(self.workdir / name / key, files if name == "broken-data" else {})

    def _whole(self, cell: Cell, ran: _Ran) -> CellResult:
        why = self._why(cell, ran, ())
        if not why and ran.result is not None:
            loud = set(ran.result.files_planned) - self.example.quiet
            quiet = loud - {f.location.path for f in ran.result.findings}
            why = f"nothing is found in {min(quiet)} of the example" if quiet else ""
        again = self._run(Recorder(self.launch), self.example.files)
        if not why and again.result != ran.result:
            why = "a second run over the same files gives another result"
        if not why and ran.result is not None and from_wire(to_wire(ran.result)) != ran.result:
            why = "its result does not survive being stored"
        return _judged("whole", cell, ran, why)

    def _unparsable(self, cell: Cell) -> CellResult:
        if not self.example.broken:
            why = self.example.never_broken
            return _told(
                "unparsable", cell, "not applicable" if why else "not tested", why or "no such file is given"
            )
        ran = self._run(Recorder(self.launch), {**self.example.files, **self.example.broken})
        return _judged("unparsable", cell, ran, self._why(cell, ran, tuple(self.example.broken)))

    def _plan(self) -> CellResult:
        """What must hold of the scanner itself."""
        cell = Cell(about="plan, description and the scanner as a value", allowed=())
        planned = self._planned()
        described = self.scanner.describe(self.env, self.launch)
        why = ""
        if set(planned) != set(self.example.files) or list(planned) != sorted(planned):
            why = "the plan is not the sorted files of the example"
        elif not described.licence or not described.ruleset_digest or not described.version:
            why = "the description lacks licence, version or digest of the rules"
        elif described != self.scanner.describe(self.env, self.launch):
            why = "two descriptions differ"
        else:
            try:
                pickle.dumps(self.scanner)
            except Exception as error:
                why = f"the scanner cannot be sent to another process: {type(error).__name__}: {error}"
        return CellResult(cell="scanner", about=cell.about, verdict="wrong" if why else "right", why=why)

    def _why(self, cell: Cell, ran: _Ran, unread: tuple[str, ...]) -> str:
        result = ran.result
        if result is None:
            return ran.raised
        known = frozenset((*self.example.files, *self.example.other, *self.example.broken))
        if why := wrong_with(result, result.files_planned, known):
            return why
        if result.status not in cell.allowed:
            return f"{result.status}, not {' or '.join(cell.allowed)}"
        if missing := set(unread) - {path for path, _ in result.not_scanned}:
            return f"it does not say that {min(missing)} was not read"
        texts = (result.reason, *result.notifications, *(text for _, text in result.not_scanned))
        if result.status == "complete" and any(str(self.workdir) in text for text in texts):
            return "it names a folder of this machine"
        return ""

    def _planned(self) -> tuple[str, ...]:
        return self.scanner.plan(self._files(self.example.files))

    def _files(self, files: Mapping[str, bytes]) -> DiskFiles:
        root = self.workdir / "source"
        shutil.rmtree(root, ignore_errors=True)
        _written(root, {**files, **self.example.other})
        return DiskFiles(root=root, names=tuple(sorted({**files, **self.example.other})))

    def _run(self, launch: Launch, files: Mapping[str, bytes], env: ToolEnv | None = None) -> _Ran:
        """One scan. What an adapter raises is a fault of it here; a scan of the program turns it into a failed result."""
        tree = self._files(files)
        env = env or self.env
        work = self.workdir / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            described: Description = self.scanner.describe(env, launch)
            planned = self.scanner.plan(tree)
            raw = self.scanner.run(
                Work(
                    tree_dir=tree.root,
                    files=planned,
                    workdir=work,
                    limits=_LIMITS,
                    env=env,
                    launch=launch,
                )
            )
            result = self.scanner.parse(raw, tree, described)
        except Exception as error:
            return _Ran(result=None, raised=f"it raises {type(error).__name__}: {error}")
        return _Ran(result=result)


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def _elsewhere(path: bytes) -> Damage:
    """All that the tool says of one file is of a file above the tree."""

    def damage(left: Left) -> Left:
        changed = left.saying(left.said.replace(path, b"../../" + path))
        return changed.ending(stderr=left.outcome.stderr.replace(path, b"../../" + path))

    return damage


def _told(name: str, cell: Cell, verdict: Verdict, why: str) -> CellResult:
    return CellResult(cell=name, about=cell.about, verdict=verdict, why=why)


def _judged(name: str, cell: Cell, ran: _Ran, why: str, status: str = "") -> CellResult:
    return CellResult(
        cell=name,
        about=cell.about,
        verdict="wrong" if why else "right",
        status=ran.result.status if ran.result else status,
        why=why,
    )
