"""Finding the strongest confinement that works on this machine, by trying it."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
import threading
from pathlib import Path

from threatmodel.confine import bubblewrap, seccomp
from threatmodel.confine.process import Handle
from threatmodel.confine.types import (
    ConfineError,
    Detection,
    Job,
    Level,
    Limits,
    Mechanism,
    Outcome,
    confine_error,
)

_LOOKING = threading.Lock()
_SEARCH = "/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin"
_LIMITS = Limits(
    wall_seconds=10,
    cpu_seconds=5,
    memory_bytes=None,
    output_bytes=100_000,
    open_files=64,
    processes=16,
)
_ALWAYS = (
    "wall time",
    "output size",
    "processor time and memory of each process",
    "open files",
    "environment",
)
_NEVER = ("memory of all processes of a job together: the ceiling is for each process",)


def detect() -> Detection:
    """The strongest level that works here, what it holds and what not. Tried once in a process."""
    mechanism, reason = _strongest()
    return _describe(mechanism, reason)


def start(job: Job, level: Level | None = None) -> Handle:
    """Start a job at the strongest level, or at the one named, and return at once.

    Raises:
        ConfineError: the level named does not work here, a path of the job does not exist.
    """
    return Handle(job, _strongest()[0] if level is None else _mechanism(level))


def run(job: Job, *, level: Level | None = None) -> Outcome:
    """Run a job to its end; an exception here, as by Ctrl-C, kills it.

    Raises:
        ConfineError: the level named does not work here, a path does not exist, there is no such command.
    """
    return start(job, level).wait()


def available(level: Level) -> bool:
    """True if the level works here."""
    return not isinstance(_probe(level), str)


def _mechanism(level: Level) -> Mechanism:
    found = _probe(level)
    if isinstance(found, str):
        raise confine_error("C004", f"confinement by {level.value} does not work here: {found}")
    return found


def look_ahead() -> None:
    """Begin to find the strongest level, for a caller that will need it soon and has other things to do before."""

    def find() -> None:
        with contextlib.suppress(ConfineError, OSError):  # whoever asks for it gets the error
            _strongest()

    threading.Thread(target=find, daemon=True).start()


def _strongest() -> tuple[Mechanism, str]:
    with _LOOKING:
        return _looked_for()


@functools.cache
def _looked_for() -> tuple[Mechanism, str]:
    tried: list[str] = []
    for level in Level:
        found = _probe(level)
        if isinstance(found, Mechanism):
            return found, "; ".join([*tried, f"{level.value}: tried and works"])
        tried.append(f"{level.value}: {found}")
    raise confine_error("C004", "no confinement works here: " + "; ".join(tried))


@functools.cache
def _probe(level: Level) -> Mechanism | str:
    """How the level is brought about here, or why it cannot be."""
    problem = ""
    for mechanism in _candidates(level):
        try:
            outcome = Handle(_probe_job(), mechanism).wait()
        except (ConfineError, OSError) as error:
            problem = str(error)
            continue
        if outcome.ok:
            return mechanism
        problem = f"the probe ended with {outcome.exit_code}"
    return problem or "bwrap is not installed"


def _candidates(level: Level) -> tuple[Mechanism, ...]:
    if level is Level.LIMITS:
        return (Mechanism(level=level),)
    if level is Level.LANDLOCK:
        return Mechanism(level=level, namespaces=True), Mechanism(level=level)
    bwrap = shutil.which("bwrap", path=_SEARCH)
    if bwrap is None:
        return ()
    plain = Mechanism(level=level, bwrap=bwrap)
    own_map = Path("/proc/self/uid_map")
    if os.geteuid() == 0 and bubblewrap.covers(own_map.read_text(encoding="ascii"), bubblewrap.NOBODY):
        return Mechanism(level=level, bwrap=bwrap, mapped=True), plain
    return (plain,)


def _probe_job() -> Job:
    return Job(
        argv=(str(Path(sys.executable).resolve()), "-I", "-S", "-c", ""),
        readable=(),
        writable=(),
        cwd=Path("/"),
        env={},
        limits=_LIMITS,
    )


def _describe(mechanism: Mechanism, reason: str) -> Detection:
    holds, gaps = list(_ALWAYS), list(_NEVER)
    if mechanism.level is Level.LIMITS:
        gaps += ["the file system and the network are not confined", "the system calls are not filtered"]
    else:
        holds += ["files: only the paths given and the system's programs"]
        _network(mechanism, holds, gaps)
    if mechanism.pid_namespace:
        holds += ["every process of a job ends with it"]
    else:
        gaps += ["a process that kills its supervisor can outlive the job", "other processes can be seen"]
    _processes(mechanism, holds, gaps)
    if mechanism.level is Level.LANDLOCK:
        gaps += ["names, sizes and dates of files outside can be seen", "no private temporary folder"]
    return Detection(level=mechanism.level, holds=tuple(holds), does_not_hold=tuple(gaps), reason=reason)


def _network(mechanism: Mechanism, holds: list[str], gaps: list[str]) -> None:
    filtered = seccomp.supported()
    holds += ["system calls that a tool does not need are refused"] if filtered else []
    gaps += [] if filtered else ["the system calls are not filtered on this processor"]
    if filtered or mechanism.pid_namespace:
        holds += ["no network"]
    else:
        gaps += ["the network is confined as far as this kernel's Landlock goes: TCP at most"]


def _processes(mechanism: Mechanism, holds: list[str], gaps: list[str]) -> None:
    counted = mechanism.mapped or (mechanism.pid_namespace and os.geteuid() != 0)
    if counted:
        holds += ["number of processes and threads"]
    elif Path(f"/proc/self/task/{os.getpid()}/children").exists():
        gaps += ["number of processes: counted twenty times a second, so a burst is ended only after it"]
    else:
        gaps += ["number of processes"]
