"""Hostile children, confined for real: nothing outside is touched, nothing is left running."""

from __future__ import annotations

import socket
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from threatmodel.confine import ConfineError, Job, Level, Limits, available, clean_env, run, start

LIMITS = Limits(
    wall_seconds=20,
    cpu_seconds=10,
    memory_bytes=512 * 1024 * 1024,
    output_bytes=200_000,
    open_files=64,
    processes=8,
)
LEVELS = [
    pytest.param(level, marks=pytest.mark.skipif(not available(level), reason=f"{level} does not work here"))
    for level in Level
]
CONFINING = LEVELS[:2]
STRONGEST = list(LEVELS[0].marks)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one readable and one writable folder, and a secret beside them."""
    for name in ("model", "out", "home"):
        (tmp_path / name).mkdir()
    (tmp_path / "model" / "a.txt").write_text("kept")
    (tmp_path / "home" / "secret").write_text("root:x")
    return tmp_path


def job(folder: Path, code: str, limits: Limits = LIMITS, **env: str) -> Job:
    return Job(
        argv=(sys.executable, "-I", "-c", code, str(folder)),
        readable=(folder / "model",),
        writable=(folder / "out",),
        cwd=folder / "model",
        env=clean_env(**env),
        limits=limits,
    )


@pytest.mark.parametrize("level", LEVELS)
def test_a_quiet_child_runs(folder: Path, level: Level) -> None:
    out = run(job(folder, "import os, sys; print(os.getcwd()); print('e', file=sys.stderr)"), level=level)
    assert out.ok
    assert out.stdout.decode() == f"{folder / 'model'}\n"
    assert (out.stderr, out.signal, out.level) == (b"e\n", None, level.value)


@pytest.mark.parametrize("level", LEVELS)
def test_the_environment_is_exactly_the_one_given(folder: Path, level: Level) -> None:
    code = "import os; print(sorted(os.environ.items()))"
    expected = sorted(clean_env(MODE="x").items())
    assert run(job(folder, code, MODE="x"), level=level).stdout.decode().strip() == str(expected)


@pytest.mark.parametrize("level", LEVELS)
def test_standard_input_larger_than_a_pipe(folder: Path, level: Level) -> None:
    data = b"0123456789" * 30_000
    child = replace(job(folder, "import sys; print(len(sys.stdin.buffer.read()))"), stdin=data)
    assert run(child, level=level).stdout == b"300000\n"


@pytest.mark.parametrize("level", LEVELS)
def test_standard_input_that_nobody_reads(folder: Path, level: Level) -> None:
    assert run(replace(job(folder, "pass"), stdin=b"x" * 300_000), level=level).ok


@pytest.mark.parametrize("level", LEVELS)
def test_an_exit_code_that_looks_like_a_signal(folder: Path, level: Level) -> None:
    out = run(job(folder, "import sys; sys.exit(137)"), level=level)
    assert (out.exit_code, out.signal, out.limit) == (137, None, "")


@pytest.mark.parametrize("level", LEVELS)
def test_a_signal_is_told_from_an_exit_code(folder: Path, level: Level) -> None:
    out = run(job(folder, "import os; os.kill(os.getpid(), 11)"), level=level)
    assert (out.exit_code, out.signal) == (None, 11)


@pytest.mark.parametrize("level", LEVELS)
def test_endless_waiting_ends_by_wall_time(folder: Path, level: Level) -> None:
    short = replace(LIMITS, wall_seconds=1)
    out = run(job(folder, "import threading; threading.Event().wait()", short), level=level)
    assert (out.exit_code, out.timed_out, out.limit) == (None, True, "wall time")


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_an_endless_loop_ends_by_processor_time(folder: Path, level: Level) -> None:
    out = run(job(folder, "while True: pass", replace(LIMITS, cpu_seconds=1)), level=level)
    assert (out.exit_code, out.timed_out, out.limit) == (None, False, "processor time")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_of_output_is_cut_and_ends_the_child(folder: Path, level: Level, stream: str) -> None:
    out = run(job(folder, f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"), level=level)
    assert (out.limit, out.exit_code) == ("output size", None)
    assert len(getattr(out, stream)) == LIMITS.output_bytes
    assert (out.stdout_truncated, out.stderr_truncated) == (stream == "stdout", stream == "stderr")


@pytest.mark.parametrize("level", LEVELS)
def test_output_of_exactly_the_ceiling_is_whole(folder: Path, level: Level) -> None:
    out = run(job(folder, f"import sys; sys.stdout.write('x' * {LIMITS.output_bytes})"), level=level)
    assert out.ok
    assert not out.stdout_truncated


@pytest.mark.parametrize("level", LEVELS)
def test_memory(folder: Path, level: Level) -> None:
    out = run(job(folder, "x = bytearray(1 << 30)"), level=level)
    assert (out.exit_code, out.limit) == (1, "memory")


@pytest.mark.parametrize("level", LEVELS)
def test_a_large_file_cannot_be_written(folder: Path, level: Level) -> None:
    code = "import sys; open(sys.argv[1] + '/out/big', 'wb').write(b'x' * 1_000_000)"
    out = run(job(folder, code), level=level)
    assert out.exit_code == 1
    assert (folder / "out" / "big").stat().st_size <= LIMITS.output_bytes


@pytest.mark.parametrize("level", LEVELS)
def test_a_grandchild_that_holds_the_pipe_does_not_hold_up_the_end(folder: Path, level: Level) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '600']); print('parent done')"
    out = run(job(folder, code), level=level)
    assert (out.exit_code, out.stdout, out.limit) == (0, b"parent done\n", "")


_MARKED_DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '{seconds}'])
    os._exit(0)
os.wait()
{after}
"""


def alive(seconds: str) -> bool:
    needle = b"sleep\0" + seconds.encode() + b"\0"
    found = False
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found = found or place.read_bytes() == needle
        except OSError:  # ended meanwhile
            continue
    return found


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("after", ["", "import threading; threading.Event().wait()"])
def test_a_daemon_is_dead_afterwards(
    folder: Path, level: Level, after: str, request: pytest.FixtureRequest
) -> None:
    seconds = f"60{zlib.crc32(request.node.name.encode()) % 100_000:05d}"
    limits = replace(LIMITS, wall_seconds=1)
    out = run(job(folder, _MARKED_DAEMON.format(seconds=seconds, after=after), limits), level=level)
    assert out.timed_out is bool(after)
    assert not alive(seconds)


@pytest.mark.parametrize("level", LEVELS)
def test_kill_and_context_manager(folder: Path, level: Level) -> None:
    waiting = job(folder, "import threading; threading.Event().wait()")
    with start(waiting, level) as first, start(waiting, level) as second:
        first.kill()
        assert first.wait().signal == 9
        assert not second.done()
    out = second.wait()
    assert (out.signal, out.limit, out.timed_out) == (9, "", False)
    second.kill()


@pytest.mark.parametrize("level", LEVELS)
def test_a_command_that_does_not_exist(folder: Path, level: Level) -> None:
    with pytest.raises(ConfineError, match="No such file"):
        run(replace(job(folder, ""), argv=("no-such-command",)), level=level)


@pytest.mark.parametrize("level", LEVELS)
def test_a_path_that_does_not_exist(folder: Path, level: Level) -> None:
    with pytest.raises(ConfineError, match="absent"):
        run(replace(job(folder, ""), readable=(folder / "absent",)), level=level)


_OUTSIDE = {
    "read a secret": "open(root + '/home/secret').read()",
    "list the home folder": "os.listdir(root + '/home')",
    "change a model file": "open(root + '/model/a.txt', 'w')",
    "add a model file": "open(root + '/model/b.txt', 'w')",
    "delete a model file": "os.remove(root + '/model/a.txt')",
    "rename a model file": "os.rename(root + '/model/a.txt', root + '/out/a.txt')",
    "write beside": "open(root + '/home/new', 'w')",
    "follow a link out": "os.symlink(root + '/home', root + '/out/l'); open(root + '/out/l/secret')",
    "write to the system": "open('/usr/threatmodel-test', 'w')",
    "make a folder at the root": "os.mkdir('/threatmodel-test')",
    "change the mode": "os.chmod(root + '/model/a.txt', 0o777); open(root + '/model/a.txt', 'w')",
    "reach into process 1": "open('/proc/1/fd/6', 'wb')",
    "environment of process 1": "open('/proc/1/environ', 'rb').read()[0]",
}


_TRY_ALL = """
import ctypes, os, socket, sys
root, port = sys.argv[1], int(sys.argv[2])
tried = []
for name, action in {actions}.items():
    tried.append(name)
    try:
        exec(action)
    except (OSError, IndexError):
        continue
    print("succeeded:", name)
print(len(tried))
"""


def attempts(folder: Path, level: Level, actions: dict[str, str], port: int = 1) -> str:
    """What a child that tries all actions in turn could do, and how many it tried."""
    child = job(folder, _TRY_ALL.format(actions=actions))
    out = run(replace(child, argv=(*child.argv, str(port))), level=level)
    assert out.stderr == b""
    return out.stdout.decode()


@pytest.mark.parametrize("level", CONFINING)
def test_files_outside_are_out_of_reach(folder: Path, level: Level) -> None:
    # Landlock does not govern modes
    actions = {
        name: text for name, text in _OUTSIDE.items() if level is Level.BUBBLEWRAP or "chmod" not in text
    }
    assert attempts(folder, level, actions) == f"{len(actions)}\n"
    assert (folder / "model" / "a.txt").read_text() == "kept"
    assert sorted(path.name for path in (folder / "home").iterdir()) == ["secret"]
    assert sorted(path.name for path in (folder / "model").iterdir()) == ["a.txt"]


def test_the_weakest_level_does_what_it_is_said_not_to_hold(folder: Path) -> None:
    name = "read a secret"
    assert attempts(folder, Level.LIMITS, {name: _OUTSIDE[name]}) == f"succeeded: {name}\n1\n"


@pytest.mark.parametrize("level", CONFINING)
def test_the_writable_folder_is_writable(folder: Path, level: Level) -> None:
    code = "import sys; open(sys.argv[1] + '/out/new', 'w').write(open('a.txt').read())"
    assert run(job(folder, code), level=level).ok
    assert (folder / "out" / "new").read_text() == "kept"


@pytest.mark.parametrize("level", CONFINING)
def test_private_files_of_the_caller_can_be_shown(folder: Path, level: Level) -> None:
    (folder / "model" / "a.txt").chmod(0o600)
    (folder / "model").chmod(0o700)
    assert run(job(folder, "print(open('a.txt').read())"), level=level).stdout == b"kept\n"


_NETWORK = {
    "tcp": "s = socket.socket(); s.settimeout(1); s.connect(('127.0.0.1', port))",
    "udp": "s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b'x', ('192.0.2.1', 53))",
    "vsock": "socket.socket(socket.AF_VSOCK)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
}


@pytest.mark.parametrize("level", CONFINING)
def test_no_network(folder: Path, level: Level) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert attempts(folder, level, _NETWORK, port) == f"{len(_NETWORK)}\n"


@pytest.mark.parametrize("level", CONFINING)
def test_refused_system_calls(folder: Path, level: Level) -> None:
    calls = (
        "unshare(0x10000000)",
        "ptrace(16, 1, 0, 0)",
        "mount(b'x', b'/tmp', b'tmpfs', 0, 0)",
        "setns(0, 0)",
    )
    code = f"import ctypes; c = ctypes.CDLL(None); print(c.{', c.'.join(calls)})"
    assert run(job(folder, code), level=level).stdout == b"-1 -1 -1 -1\n"


class TestBubblewrap:
    """What the strongest level alone holds."""

    pytestmark = STRONGEST

    def test_a_fork_bomb_stays_below_the_ceiling_for_root_too(self, folder: Path) -> None:
        code = (
            "import os, time\nmade = 0\n"
            "try:\n  while made < 100:\n    if os.fork() == 0: time.sleep(60); os._exit(0)\n    made += 1\n"
            "except OSError as error: print(made, error.errno)"
        )
        assert run(job(folder, code), level=Level.BUBBLEWRAP).stdout == b"7 11\n"

    def test_an_endless_fork_bomb_ends(self, folder: Path) -> None:
        code = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
        out = run(job(folder, code, replace(LIMITS, wall_seconds=1)), level=Level.BUBBLEWRAP)
        assert (out.limit, out.exit_code) == ("wall time", None)

    def test_no_privileges_and_another_user(self, folder: Path) -> None:
        code = "import os; print(os.getresuid(), os.getresgid()); os.setuid(0)"
        out = run(job(folder, code), level=Level.BUBBLEWRAP)
        assert out.stdout == b"(65534, 65534, 65534) (65534, 65534, 65534)\n"
        assert b"PermissionError" in out.stderr

    def test_only_its_own_processes_are_seen(self, folder: Path) -> None:
        code = "import os; print([n for n in os.listdir('/proc') if n.isdigit()])"
        assert run(job(folder, code), level=Level.BUBBLEWRAP).stdout == b"['1', '2']\n"

    def test_temporary_folder_is_private_and_bounded(self, folder: Path) -> None:
        code = (
            "import os\nn = 0\n"
            "try:\n  while True:\n    open(f'/tmp/{n}', 'wb').write(b'x' * 4_000_000); n += 1\n"
            "except OSError as error: print(n, error.errno)"
        )
        wide = replace(LIMITS, output_bytes=4_000_000)
        assert run(job(folder, code, wide), level=Level.BUBBLEWRAP).stdout == b"16 28\n"

    def test_host_name(self, folder: Path) -> None:
        assert (
            run(job(folder, "import os; print(os.uname().nodename)"), level=Level.BUBBLEWRAP).stdout
            == b"confined\n"
        )

    def test_a_writable_folder_inside_a_readable_one(self, folder: Path) -> None:
        (folder / "model" / "sub").mkdir()
        child = replace(job(folder, "open('sub/x', 'w')"), writable=(folder / "model" / "sub",))
        assert run(child, level=Level.BUBBLEWRAP).ok
        assert (folder / "model" / "sub" / "x").exists()
