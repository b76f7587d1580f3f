"""The command line of bwrap for a job, and the user-id map of its namespace."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from threatmodel.confine.paths import interpreter_paths, outermost, system_links, system_paths
from threatmodel.confine.types import Job

HOST_NAME = "confined"
NOBODY = 65534
TEMPORARY_BYTES = 64 * 1024 * 1024
"""Size of /tmp and of /dev/shm inside; a job that needs more is given a writable folder."""

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
_ISOLATED = (
    "--unshare-all",
    "--unshare-user",
    "--die-with-parent",
    "--new-session",
    "--as-pid-1",
    "--clearenv",
    "--hostname",
    HOST_NAME,
    "--cap-drop",
    "ALL",
)


def capabilities(job: Job) -> int:
    """Capabilities, as a bit set, of a job that root runs under another user id, in its own namespace only.

    They let it open root's private files among those that it is shown; nothing else.
    """
    return 1 << CAP_DAC_READ_SEARCH | (1 << CAP_DAC_OVERRIDE if job.writable else 0)


def command(bwrap: str, job: Job, inner: tuple[str, ...], handshake: tuple[int, int] | None) -> list[str]:
    """The arguments: `inner` runs confined. With `handshake` (info, block) the caller writes the map."""
    argv = [bwrap, *_ISOLATED]
    if handshake is None:
        argv += ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    else:
        argv += ["--uid", "0", "--gid", "0", "--info-fd", str(handshake[0])]
        argv += ["--userns-block-fd", str(handshake[1])]
        names = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL", "CAP_DAC_READ_SEARCH"]
        names += ["CAP_DAC_OVERRIDE"] if job.writable else []
        argv += [part for name in names for part in ("--cap-add", name)]
    argv += _system()
    argv += _binds(job.readable, job.writable)
    argv += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/", "--", *inner]
    return argv


def _system() -> list[str]:
    argv = ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/dev/shm", "/tmp"):  # noqa: S108  places inside the sandbox
        argv += ["--perms", "1777", "--size", str(TEMPORARY_BYTES), "--tmpfs", place]
    for target, link in system_links():
        argv += ["--symlink", target, link]
    for path in outermost((*system_paths(), *interpreter_paths())):
        argv += ["--ro-bind", str(path), str(path)]
    return argv


def _binds(readable: Iterable[Path], writable: Iterable[Path]) -> list[str]:
    """Mounts with outer folders before inner ones, so that an inner one is not hidden; writable wins."""
    kinds: dict[str, str] = {}
    for kind, paths in (("--ro-bind", readable), ("--bind", writable)):
        for path in paths:
            for name in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100  links stay links
                kinds[name] = kind
    return [part for name in sorted(kinds) for part in (kinds[name], name, name)]


def identity_map(own: str) -> str:
    """The map of a child namespace in which every id of ours keeps its number, from our own map's text."""
    rows = (line.split() for line in own.splitlines())
    return "".join(f"{row[0]} {row[0]} {row[2]}\n" for row in rows)


def covers(own: str, number: int) -> bool:
    """True if the map's text gives the id a place."""
    rows = ([int(part) for part in line.split()] for line in own.splitlines())
    return any(row[0] <= number < row[0] + row[2] for row in rows)
