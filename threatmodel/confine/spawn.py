"""Starting the trampoline for a job: its settings, and bwrap around it at that level."""

from __future__ import annotations

import contextlib
import functools
import importlib.abc
import importlib.util
import json
import marshal
import math
import os
import resource
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from threatmodel.confine import bubblewrap, seccomp
from threatmodel.confine.paths import interpreter_paths, outermost, system_paths
from threatmodel.confine.types import Job, Level, Limits, Mechanism, confine_error

_TRAMPOLINE = "threatmodel.confine.trampoline"
# compiled code from the parent starts faster than a script, and the script need not be shown to the child
_BOOTSTRAP = """import marshal, sys
with open(int(sys.argv[1]), "rb") as file:
    code, settings = marshal.load(file), marshal.load(file)
names = {"__name__": "trampoline"}
exec(code, names)
names["main"](settings, int(sys.argv[2]))
"""
_HANDSHAKE_SECONDS = 10.0
_DEVICES = tuple(Path("/dev", name) for name in ("full", "null", "random", "urandom", "zero"))
_FAMILIES = {
    # inside a network namespace these lead nowhere; others (vsock, netlink, packet …) do or are risky
    Level.BUBBLEWRAP: (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6),
    Level.LANDLOCK: (),
}


def spawn(job: Job, mechanism: Mechanism, status: int) -> subprocess.Popen[bytes]:
    """Start the job's first process. The caller owns `status`, the pipe that is reported on.

    Raises:
        ConfineError: a path of the job does not exist, or the confinement could not be set up.
    """
    _check_paths(job)
    with contextlib.ExitStack() as stack:
        settings = _memory_file(_trampoline() + marshal.dumps(_settings(job, mechanism)), stack)
        python = str(Path(sys.executable).resolve())
        inner = (python, "-I", "-S", "-B", "-c", _BOOTSTRAP, str(settings), str(status))
        if mechanism.level is not Level.BUBBLEWRAP:
            return _popen([*inner], job, (settings, status))
        if not mechanism.mapped:
            argv = bubblewrap.command(mechanism.bwrap, job, inner, None)
            return _popen(argv, job, (settings, status))
        info_read, info_write = _pipe(stack)
        block_read, block_write = _pipe(stack)
        fds = (info_write.fileno(), block_read.fileno())
        argv = bubblewrap.command(mechanism.bwrap, job, inner, fds)
        process = _popen(argv, job, (settings, status, *fds))
        info_write.close()
        try:
            _write_map(info_read, block_write)
        except BaseException:
            _discard(process)
            raise
        return process


@functools.cache
def _trampoline() -> bytes:
    """The trampoline's code, from the interpreter's own cache of compiled modules where there is one."""
    spec = importlib.util.find_spec(_TRAMPOLINE)
    loader = spec.loader if spec else None
    if not isinstance(loader, importlib.abc.InspectLoader):
        raise confine_error("C003", "the code that confines a process cannot be found")
    return marshal.dumps(loader.get_code(_TRAMPOLINE))


def _check_paths(job: Job) -> None:
    for path in (*job.readable, *job.writable):
        if not path.exists():
            raise confine_error("C001", f"a path for a confined process does not exist: {path.name}")


def _popen(argv: list[str], job: Job, keep: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # no shell; the command is what the caller asked for
        argv,
        stdin=subprocess.PIPE if job.stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
        pass_fds=keep,
        start_new_session=True,
        bufsize=0,
    )


def _discard(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _memory_file(data: bytes, stack: contextlib.ExitStack) -> int:
    fd = os.memfd_create("settings", os.MFD_CLOEXEC)
    stack.callback(os.close, fd)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
        file.flush()
        file.seek(0)
    return fd


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    return (
        stack.enter_context(os.fdopen(read, "rb", buffering=0)),
        stack.enter_context(os.fdopen(write, "wb", buffering=0)),
    )


def _write_map(info: IO[bytes], block: IO[bytes]) -> None:
    """Read the first process's number from bwrap, write its id maps, let it go on."""
    data = b""
    while not data.rstrip().endswith(b"}"):
        ready, _, _ = select.select([info], [], [], _HANDSHAKE_SECONDS)
        chunk = os.read(info.fileno(), 4096) if ready else b""
        if not chunk:
            raise confine_error("C003", "bwrap ended or hung while it made the namespaces")
        data += chunk
    pid = int(json.loads(data)["child-pid"])
    try:
        for name in ("uid_map", "gid_map"):
            own = Path("/proc/self", name).read_text(encoding="ascii")
            Path("/proc", str(pid), name).write_text(bubblewrap.identity_map(own), encoding="ascii")
        block.write(b"1")
    except OSError as error:
        raise confine_error("C003", f"the user ids could not be mapped: {error.strerror}") from error


def _settings(job: Job, mechanism: Mechanism) -> dict[str, Any]:
    """What the trampoline is told; its keys are read there."""
    landlock = None
    if mechanism.level is Level.LANDLOCK:
        readable = outermost((*system_paths(), *interpreter_paths(), *map(_real, job.readable)))
        writable = outermost((*_DEVICES, *map(_real, job.writable)))
        landlock = ([str(path) for path in readable], [str(path) for path in writable])
    families = _FAMILIES.get(mechanism.level)
    return {
        "role": mechanism.level.value,
        "argv": list(job.argv),
        "env": dict(job.env),
        "cwd": str(job.cwd),
        "parent": os.getpid(),
        "user": bubblewrap.NOBODY if mechanism.mapped else None,
        "capabilities": _capabilities(job, mechanism),
        "landlock": landlock,
        "namespaces": mechanism.namespaces,
        "filter": b"" if families is None else seccomp.program(families),
        "rlimits": _rlimits(job.limits, mechanism),
        "processes": job.limits.processes,
    }


def _real(path: Path) -> Path:
    return path.resolve()


def _capabilities(job: Job, mechanism: Mechanism) -> int:
    if mechanism.level is Level.BUBBLEWRAP:
        return bubblewrap.capabilities(job) if mechanism.mapped else 0
    # root without a user namespace stays able to read and write the files that it could
    return 1 << bubblewrap.CAP_DAC_OVERRIDE | 1 << bubblewrap.CAP_DAC_READ_SEARCH


def _rlimits(limits: Limits, mechanism: Mechanism) -> list[tuple[int, int, int]]:
    """Resource, soft and hard value. Beyond the soft processor time a signal says so, the hard one kills."""
    cpu = math.ceil(limits.cpu_seconds)
    values = [
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, limits.output_bytes, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
    ]
    if limits.memory_bytes is not None:
        values.append((resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes))
    if limits.processes is not None and mechanism.pid_namespace:
        # counted for the user in the namespace: the helpers of the same user count where there is no map
        helpers = 0 if mechanism.mapped else 2 if mechanism.namespaces else 1
        count = limits.processes + helpers
        values.append((resource.RLIMIT_NPROC, count, count))
    return values
