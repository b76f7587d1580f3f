"""What a tool left behind when it was run for real, and the same once more, damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanners.protocol import Launch
from threatmodel.confine import Job, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One run of a tool: how it ended, and the files that it wrote. `report` is the one that its command line names, None
    where it prints. A tool that prints nothing and has messages alone reports by them."""

    outcome: Outcome
    files: dict[Path, bytes]
    report: Path | None

    @property
    def stream(self) -> str:
        """Where it prints its report."""
        return "stderr" if self.outcome.stderr and not self.outcome.stdout else "stdout"

    @property
    def said(self) -> bytes:
        """Its report, wherever that is."""
        if self.report:
            return self.files[self.report]
        return self.outcome.stderr if self.stream == "stderr" else self.outcome.stdout

    def saying(self, data: bytes) -> Left:
        """The same with another report."""
        if self.report:
            return replace(self, files={**self.files, self.report: data})
        return self.ending(**{self.stream: data})

    def ending(self, **changes: object) -> Left:
        """The same with another end."""
        return replace(self, outcome=replace(self.outcome, **changes))  # type: ignore[arg-type]  # fields by name


Damage = Callable[[Left], Left]


@dataclass(slots=True)
class Recorder:
    """Starts programs for real and keeps what they leave behind. `before` may change the files of a run first."""

    launch: Launch
    before: Callable[[Job], None] | None = None
    left: list[Left] = field(default_factory=list)
    asked: int = 0
    """Programs that were asked for their version."""

    def __call__(self, job: Job) -> Outcome:
        if not job.writable:
            self.asked += 1
            return self.launch(job)
        if self.before is not None:
            self.before(job)
        outcome = self.launch(job)
        files = {path: path.read_bytes() for path in _below(job) if path.is_file() and not path.is_symlink()}
        named = [path for path in files if any(str(path) in word for word in job.argv)]
        self.left.append(Left(outcome=outcome, files=files, report=named[0] if named else None))
        return outcome


@dataclass(slots=True)
class Replayer:
    """Gives again what a recorder kept, each run damaged. A program that is asked for its version answers with `version`
    where that is given."""

    launch: Launch
    left: list[Left]
    damage: Damage
    version: bytes | None = None
    at: int = 0

    def __call__(self, job: Job) -> Outcome:
        if not job.writable:
            answer = self.launch(job)
            return answer if self.version is None else replace(answer, stdout=self.version, exit_code=0)
        if self.at >= len(self.left):
            raise RuntimeError("the scanner started its tool more often than it did before")
        left = self.damage(self.left[self.at])
        self.at += 1
        for path, data in left.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return left.outcome


def _below(job: Job) -> list[Path]:
    return sorted(path for folder in job.writable if folder.is_dir() for path in folder.rglob("*"))


@dataclass(slots=True, kw_only=True)
class Loss:
    """Takes a file away from what a tool is about to read, or those of its content where it has another name there; puts
    a folder in its place where that is asked for. `found`: it was there."""

    path: str
    content: bytes
    folder: bool = False
    found: bool = False

    def __call__(self, job: Job) -> None:
        for place in self._places(job.cwd):
            self.found = True
            place.unlink()
            if self.folder:
                place.mkdir()

    def _places(self, below: Path) -> list[Path]:
        named = below / self.path
        if named.is_file():
            return [named]
        files = (path for path in sorted(below.rglob("*")) if path.is_file() and not path.is_symlink())
        return [path for path in files if path.read_bytes() == self.content]
