"""What a confined job is asked to do, what it may use, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import ThreatModelError


class Level(StrEnum):
    """How strongly a child is confined, strongest first. `detect` says what each holds on this machine."""

    BUBBLEWRAP = "bubblewrap"
    """Own mount, process, network, user, IPC, host-name and cgroup namespaces, made by bwrap."""
    LANDLOCK = "landlock"
    """File access limited by the kernel's Landlock; namespaces as far as the kernel gives them."""
    LIMITS = "limits"
    """Resource limits and a clean environment only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings of a job. None means: not limited."""

    wall_seconds: float
    """Of the whole job, its start included."""
    cpu_seconds: int
    """Of each process."""
    memory_bytes: int | None
    """Address space of each process."""
    output_bytes: int
    """Of each of the two output streams, and of each file that is written."""
    open_files: int
    """Of each process."""
    processes: int | None
    """Processes and threads of the job at one time."""

    def __post_init__(self) -> None:
        numbers = (self.wall_seconds, self.cpu_seconds, self.output_bytes, self.open_files)
        if min(numbers) <= 0 or min(self.memory_bytes or 1, self.processes or 1) <= 0:
            raise ValueError("limits are greater than zero")
        if self.memory_bytes == 0 or self.processes == 0:
            raise ValueError("limits are greater than zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command to run. It never gets a network."""

    argv: tuple[str, ...]
    """The command; a name without a slash is looked up in the PATH of `env`."""
    readable: tuple[Path, ...]
    """Folders and files that it may read, beside the system's and the interpreter's."""
    writable: tuple[Path, ...]
    """Folders and files that it may change."""
    cwd: Path
    env: Mapping[str, str]
    """The whole environment of the child; nothing is inherited."""
    limits: Limits
    stdin: bytes = b""

    def __post_init__(self) -> None:
        if not self.argv:
            raise ValueError("a job has a command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended. Exactly one of `exit_code` and `signal` is set."""

    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    stdout_truncated: bool
    stderr_truncated: bool
    timed_out: bool
    limit: str
    """The limit that ended it, to the best of our knowledge: "wall time", "processor time", "memory",
    "output size", "processes", or empty."""
    level: str

    @property
    def ok(self) -> bool:
        """True where the command ended by itself with exit code 0 and within its limits."""
        return self.exit_code == 0 and not self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """The strongest level that works on this machine."""

    level: Level
    holds: tuple[str, ...]
    does_not_hold: tuple[str, ...]
    reason: str
    """Why it is this level: what was tried and how it went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """How a level is brought about here."""

    level: Level
    bwrap: str = ""
    """Path of bwrap; empty at the other levels."""
    mapped: bool = False
    """bwrap run by root: the child gets a user id of its own, so that the limit on processes counts."""
    namespaces: bool = False
    """At LANDLOCK: user, process, network, IPC and host-name namespaces are made."""

    @property
    def pid_namespace(self) -> bool:
        """True where killing the first process kills every other one."""
        return self.level is Level.BUBBLEWRAP or self.namespaces


class ConfineError(ThreatModelError):
    """A job could not be started as asked; nothing of it was run with less confinement."""


def confine_error(code: str, message: str, hint: str = "") -> ConfineError:
    """A ConfineError of one diagnostic."""
    return ConfineError(Diagnostic(code=code, message=message, hint=hint))
