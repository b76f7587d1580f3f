# ruff: noqa: PTH112, PTH115, PTH123, PTH208
# pathlib would double the start-up time
"""The first code of a confined child: sets the confinement up, starts the command, waits for it.

Run by `python -I -S -c …` as compiled code (see `spawn`), outside the package, with the standard library
alone. It forks once: the parent half stays to reap processes, to count them and to report; the child
half gives up every privilege and becomes the command. What goes wrong before is reported and nothing runs.

Report: lines on `status`. `R`: set up. `E <text>`: could not start. `S <wait status> <cpu ms> <peak KiB> <0|1>`:
ended; the last figure is 1 if the number of processes was exceeded. The command does not inherit it.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # what `signal` wraps, without its imports
import ctypes
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing for real would take longer than all the rest
    from typing import Any, NoReturn

_POLL_SECONDS = 0.05
_KILL_ROUNDS = 50

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_SECCOMP = 1, 4, 8, 22
_PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 36, 38, 47
_LAST_CAPABILITY = 40
_CAPABILITY_VERSION_3 = 0x20080522
_NEW_USER, _NEW_PID, _NEW_NET, _NEW_IPC, _NEW_UTS = 0x10000000, 0x20000000, 0x40000000, 0x08000000, 0x04000000

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL

_LIBC = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), what + ": " + os.strerror(ctypes.get_errno()))
    return result


def _prctl(option: int, value: int, what: str, third: int = 0) -> None:
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(third), 0, 0), what)


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("fd", ctypes.c_int32)]


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def _landlock_rights(abi: int) -> int:
    bits = 13 + (abi >= 2) + (abi >= 3)
    return (1 << bits) - 1 | (_IOCTL if abi >= 5 else 0)


def _landlock(readable: list[str], writable: list[str]) -> None:
    """Confine this process and its children to the paths; TCP and signals too where the kernel can."""
    abi = _check(_LIBC.syscall(_LANDLOCK_CREATE, None, 0, 1), "landlock")
    rights = _landlock_rights(abi)
    attr = _RulesetAttr(rights, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _check(_LIBC.syscall(_LANDLOCK_CREATE, ctypes.byref(attr), size, 0), "landlock ruleset")
    read = _EXECUTE | _READ_FILE | _READ_DIR
    for paths, wanted in ((readable, read), (writable, rights & ~_MAKE_CHAR & ~_MAKE_BLOCK)):
        for path in paths:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = wanted & rights if os.path.isdir(path) else wanted & rights & _FILE_RIGHTS
            rule = _PathAttr(allowed, fd)
            _check(_LIBC.syscall(_LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0), "landlock rule")
            os.close(fd)
    _check(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock restrict")
    os.close(ruleset)


def _give_up_privileges(user: int | None, capabilities: int) -> None:
    """Become the user, where one is given, and keep no capability but those in the bit set."""
    for number in range(_LAST_CAPABILITY + 1):
        if not capabilities >> number & 1:
            _LIBC.prctl(
                _PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0
            )  # refused without privilege to drop
    if user is not None:
        _prctl(_PR_SET_KEEPCAPS, 1, "keep capabilities")
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    held = _held_capabilities() & capabilities
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = held & 0xFFFFFFFF, held >> 32
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    _check(_LIBC.capset(header, data), "capset")
    for number in range(_LAST_CAPABILITY + 1):
        if held >> number & 1:
            _prctl(_PR_CAP_AMBIENT, 2, "ambient capability", number)


def _held_capabilities() -> int:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    _check(_LIBC.capget(header, data), "capget")
    return int(data[1]) | int(data[4]) << 32


def _become(settings: dict[str, Any], status: int) -> NoReturn:
    """The child half: limits, privileges, filters, then the command."""
    try:
        # first, while the former user id can still do it; closed again by exec
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.setpgid(0, 0)
        os.chdir(settings["cwd"])
        _give_up_privileges(settings["user"], settings["capabilities"])
        _prctl(_PR_SET_NO_NEW_PRIVS, 1, "no new privileges")
        if settings["landlock"] is not None:
            _landlock(*settings["landlock"])
        filter_code = settings["filter"]
        for number, value, hard in settings["rlimits"]:
            ceiling = resource.getrlimit(number)[1]
            if ceiling != resource.RLIM_INFINITY:
                value, hard = min(value, ceiling), min(hard, ceiling)
            resource.setrlimit(number, (value, hard))
        if filter_code:
            program = _FilterProgram(len(filter_code) // 8, filter_code)
            address = ctypes.addressof(program)
            _check(_LIBC.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.c_ulong(address), 0, 0), "seccomp")
        os.execvpe(settings["argv"][0], settings["argv"], settings["env"])  # noqa: S606
    except BaseException as error:
        _report(status, "E " + " ".join(str(error).split()))
        os._exit(127)


def _descendants(pid: int, enough: int) -> list[int]:
    """Processes below `pid`, numbered as in /proc; the search ends when more than `enough` are found."""
    found: list[int] = []
    pending = [pid]
    while pending and len(found) <= enough:
        folder = f"/proc/{pending.pop()}/task"
        try:
            tasks = os.listdir(folder)
        except OSError:  # it ended meanwhile
            continue
        for task in tasks:
            try:
                with open(f"{folder}/{task}/children", "rb") as file:
                    below = [int(number) for number in file.read().split()]
            except OSError:
                continue
            found += below
            pending += below
    return found


def _supervise(command: int, limit: int | None, clean: bool) -> tuple[int, Any, bool]:
    """Wait for the command and reap orphans; returns wait status, resources used, "too many processes".

    With `clean`, whatever the command left behind is killed here; else the end of process 1 does that.
    """
    # /proc may number processes as an outer namespace does
    me = int(os.readlink("/proc/self")) if limit is not None or clean else 0
    pause = 3600 if limit is None else _POLL_SECONDS
    exceeded = False
    while True:
        pid, status, used = os.wait4(-1, os.WNOHANG)
        if pid == command:
            break
        if pid:
            continue
        exceeded = exceeded or (limit is not None and len(_descendants(me, limit)) > limit)
        if exceeded:
            _kill_group(command)
        info = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, pause)
        if info is not None and info.si_signo == signal.SIGTERM:
            _kill_group(command)
    if clean:
        _kill_descendants(me)
    return status, used, exceeded


def _kill_group(command: int) -> None:
    """Kill the command and its process group at once. It is not reaped yet, so the number is still its own."""
    os.kill(command, signal.SIGKILL)
    try:
        os.killpg(command, signal.SIGKILL)
    except ProcessLookupError:  # it had not made its group yet, or has left it
        return


def _kill_descendants(me: int) -> None:
    """Kill and reap until no process is left; a bounded number of rounds, for some may not die at once."""
    for _ in range(_KILL_ROUNDS):
        below = _descendants(me, 10_000)
        if not below:
            return
        for pid in below:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        signal.sigtimedwait({signal.SIGCHLD}, _POLL_SECONDS)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            continue


def _report(fd: int, line: str) -> None:
    os.write(fd, line.encode("utf-8", "backslashreplace")[:1000] + b"\n")


def _new_namespaces(status: int) -> None:
    """Go on as process 1 of new namespaces; the process that came here waits and then ends."""
    user, group = os.geteuid(), os.getegid()
    flags = _NEW_USER | _NEW_PID | _NEW_NET | _NEW_IPC | _NEW_UTS
    _check(_LIBC.unshare(flags), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    first = os.fork()
    if first:
        os.close(status)
        for fd in (0, 1, 2):
            os.close(fd)
        os.waitpid(first, 0)
        os._exit(0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, "parent death signal")


def _prepare(settings: dict[str, Any], status: int) -> None:
    role = settings["role"]
    if role == "bubblewrap":
        return
    # the signal is sent when the thread that started this process ends, so that nothing outlives the caller
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, "parent death signal")
    if os.getppid() == 1 and settings["parent"] != 1:
        raise OSError("the caller has ended")
    if settings["namespaces"]:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _new_namespaces(status)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    else:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, "subreaper")


def main(settings: dict[str, Any], status: int) -> None:
    """Confine, run, report on the descriptor `status`."""
    os.set_inheritable(status, False)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    try:
        _prepare(settings, status)
        command = os.fork()
        if command == 0:
            _become(settings, status)
        _prctl(_PR_SET_DUMPABLE, 0, "not dumpable")  # the command must not reach into this process
        _report(status, "R")
    except OSError as error:
        _report(status, "E " + " ".join(str(error).split()))
        sys.exit(126)
    clean = settings["role"] != "bubblewrap" and not settings["namespaces"]
    wait_status, used, exceeded = _supervise(command, settings["processes"], clean)
    milliseconds = int((used.ru_utime + used.ru_stime) * 1000)
    _report(status, f"S {wait_status} {milliseconds} {used.ru_maxrss} {int(exceeded)}")
    os._exit(0)
