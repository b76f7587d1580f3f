"""Hostile models at every level of confinement: a diagnostic with a place and a hint, and nothing else touched."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.load.support import HEAD, LEVELS, LIMITS, MODEL, VOCABULARY, diagnose, write
from threatmodel.confine import Level
from threatmodel.load import load_model

CONFINING = LEVELS[:2]
BOUNDS = "the limits are {wall:g} s, 3 s of processor time, 512 MiB of memory, 1 MiB of output, 16 processes"
RETURNS = "a model describes a system and returns"
ALONE = "a model reads the files of its own folder; it writes nothing, starts nothing and has no network"
PLACE = "model/__init__.py:1  "


def said(tmp_path: Path, code: str, level: Level | None, wall: float = 10) -> list[str]:
    """What is said of a model whose first line is `code`."""
    root = write(tmp_path, {"__init__.py": f"{code}\n{HEAD}{MODEL}"})
    return diagnose(root, limits=replace(LIMITS, wall_seconds=wall), level=level)


ENDED = {
    "raises": ("raise ValueError('no')", f"{PLACE}M001  the model raised ValueError: no"),
    "raises what cannot be shown": (
        "class E(Exception): __str__ = None\nraise E",
        "model  M019  the model ended its process (exit code 1) before it answered",
    ),
    "unknown name": ("shmi", f"{PLACE}M001  NameError: name 'shmi' is not defined"),
    "not Python": ("def (:", f"{PLACE}M001  not Python: invalid syntax"),
    "no such module": ("import nothing_of_this_name", f"{PLACE}M001  ModuleNotFoundError"),
    "misspelt import": (
        "from threatmodel.dsl import Controll",
        f"{PLACE}M001  ImportError: cannot import name 'Controll' from 'threatmodel.dsl'",
    ),
    "sys.exit": ("import sys; sys.exit(7)", f"{PLACE}M019  the model called sys.exit(7); {RETURNS}"),
    "os._exit": (
        "import os; os._exit(0)",
        f"model  M019  the model ended its process (exit code 0) before it answered; {RETURNS}",
    ),
    "os._exit with a code": (
        "import os; os._exit(3)",
        f"model  M019  the model ended its process (exit code 3) before it answered; {RETURNS}",
    ),
    "signal": (
        "import os; os.kill(os.getpid(), 11)",
        f"model  M020  the model's process was ended by signal 11; {BOUNDS.format(wall=10)}",
    ),
    "calls itself": (
        "f = lambda: f()\nf()",
        "model/__init__.py:1  M020  the model calls itself without end; the limit is ",
    ),
    "prints without end": (
        "while True: print('x' * 65536)",
        f"model  M020  the model hit a limit: output size; {BOUNDS.format(wall=10)}",
    ),
    "allocates at once": (
        "bytearray(1 << 40)",
        f"{PLACE}M020  the model needs more memory than the limit; {BOUNDS.format(wall=10)}",
    ),
    "writes to the channel": (
        "import os\nfor n in range(3, 9):\n  try: os.write(n, b'{\"project\": null}')\n  except OSError: pass",
        "model  M026  the model's answer is not valid (",
    ),
    "empty forged answer": (
        'import os\nos.write(3, b\'{"answer": {"project": null, "diagnostics": []}}\'); os._exit(0)',
        "model  M026  the model's answer does not hold each configuration once",
    ),
    "no model": ("raise SystemExit", f"{PLACE}M019  the model called sys.exit(None); {RETURNS}"),
}


QUICK = {"raises", "os._exit", "prints without end", "writes to the channel"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in ENDED]
)
def test_a_model_that_does_not_answer(tmp_path: Path, name: str) -> None:
    code, expected = ENDED[name]
    (found,) = said(tmp_path, code, None)
    assert found.startswith(expected)


LIMITED = {
    "waits without end": ("import threading; threading.Event().wait()", "wall time", 2.5),
    "loops without end": ("while True: pass", "processor time", 10.0),
    "allocates without end": ("x = []\nwhile True: x.append(bytearray(1 << 20))", "memory", 10.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", LIMITED)
def test_limits_hold_at_every_level(tmp_path: Path, level: Level, name: str) -> None:
    code, limit, wall = LIMITED[name]
    (found,) = said(tmp_path, code, level, wall)
    assert "M020" in found
    assert limit in found
    assert found.endswith(BOUNDS.format(wall=wall))


@pytest.mark.slow
def test_forks_without_end(tmp_path: Path) -> None:
    code = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
    (found,) = said(tmp_path, code, Level.BUBBLEWRAP, 2.5)
    assert found == f"model  M020  the model hit a limit: wall time; {BOUNDS.format(wall=2.5)}"


test_forks_without_end.pytestmark = [*test_forks_without_end.pytestmark, *LEVELS[0].marks]  # type: ignore[attr-defined]


@pytest.mark.parametrize("level", CONFINING)
def test_nothing_outside_is_touched(tmp_path: Path, level: Level) -> None:
    """Each act in turn; what succeeded is told by the model's own exception."""
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "beside").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        acts = {
            "delete a model file": "os.remove('data.txt')",
            "write a model file": "open('data.txt', 'w')",
            "add a model file": "open('new.txt', 'w')",
            "read beside": "open('../secret').read()",
            "read through a link": "open('link').read()",
            "write beside": "open('../beside/x', 'w')",
            "delete beside": "os.rmdir('../beside')",
            "read the caller's environment": f"open('/proc/{os.getpid()}/environ').read()[0]",
            "connect": f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 1)",
            "signal the caller": f"os.kill({os.getppid()}, 0) or (os.getppid() == {os.getppid()} and 1/0)",
        }
        if level is Level.LANDLOCK:
            del acts["signal the caller"]
        code = f"""
import os, socket
assert open('data.txt').read() == 'kept'
done = []
for name, act in {acts!r}.items():
    try:
        exec(act)
        done.append(name)
    except (OSError, IndexError):
        pass
if done: raise AssertionError(done)
"""
        root = write(tmp_path, {"__init__.py": code + HEAD + MODEL, "data.txt": "kept"})
        (root / "link").symlink_to("../secret")
        assert diagnose(root, level=level) == []
    assert (root / "data.txt").read_text() == "kept"
    assert sorted(path.name for path in root.iterdir()) == ["__init__.py", "data.txt", "link"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside", "model", "secret"]


@pytest.mark.slow
@pytest.mark.parametrize("level", CONFINING)
@pytest.mark.parametrize(
    "code",
    ["open('x', 'w')", "open('../secret')", "import socket; socket.socket().connect(('127.0.0.1', 9))"],
)
def test_a_forbidden_act_has_a_place_and_a_hint(tmp_path: Path, level: Level, code: str) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (found,) = said(tmp_path, code, level)
    assert found.startswith(f"{PLACE}M001  the model raised ")
    assert found.endswith(f"; {ALONE}")
    assert "s3cret" not in found


FORGERIES = {
    "json": "import threatmodel.inside.child as c; c.compact_bytes = lambda value: b'forged'",
    "plain values": "import threatmodel.inside.child as c; c.to_wire = lambda *_, **__: {'x': 1}",
    "explanations": "import threatmodel.inside.child as c; c.to_wire = lambda *_, **__: {'id': 1}",
    "session": "from threatmodel.dsl.session import current; current().diagnostics.append('x')",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_answer_is_refused(tmp_path: Path, name: str) -> None:
    (found,) = said(tmp_path, FORGERIES[name], None)
    assert found.startswith(("model  M026  the model's answer is not valid (", "model  M019  "))


_EMPTY = {
    "configuration": {"name": "default", "options": {}},
    "boundaries": [],
    "elements": [],
    "flows": [],
}


def forged(first: bytes = b"", **changes: Any) -> str:
    """A model that answers by itself, with an answer of the right form; `first` goes before it."""
    project = {"id": "m", "name": "M", "default_configuration": "default", "systems": [_EMPTY], "parts": {}}
    answer = {"answer": {"project": {**project, **changes}, "diagnostics": []}}
    return f"import os; os.write(3, {first + json.dumps(answer).encode()!r}); os._exit(0)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"default_configuration": "other"},
            "M026  the model's answer does not hold each configuration once",
        ),
        ({"systems": []}, "M026  the model's answer does not hold each configuration once"),
        (
            {"controls": [{"id": "c", "title": "C", "provides": ["no-such-class"]}]},
            'M010  control "c": unknown',
        ),
        ({"adversaries": [{"id": "a", "name": "A", "controls": ["root"]}]}, 'M016  adversary "a"'),
        ({"data": [{"id": "../..", "name": "D"}]}, "M005  data asset '../..' is not an id"),
        *(
            (
                {"systems": [{**_EMPTY, "flows": [number]}]},
                "M026  the model's answer is not valid (a system names a part that is not there)",
            )
            for number in (0, -1, 10**30)
        ),
        (
            {"name": 7},
            "M026  the model's answer is not valid (answer.project.name: Input should be a valid string)",
        ),
    ],
)
def test_a_forged_answer_is_judged_like_any_other(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    assert any(f"model  {expected}" in line for line in said(tmp_path, forged(**changes), None))


_CONTROL = {"id": "c", "title": "C", "provides": ["no-such-class"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"\n", ""),
        (b"{}\n", ""),
        (b"garbage\n", "M026  the model's answer is not valid ("),
        (
            b'{"declared": {"controls": [7]}}\n',
            "M026  the model's answer is not valid (declared.controls.0: ",
        ),
        (b"{}\n{}\n", "M026  the model's answer is not valid ("),
        (json.dumps({"declared": {"controls": [_CONTROL]}}).encode() + b"\n", 'M010  control "c": unknown'),
        (b'{"answer": null}\n', ""),
    ],
)
def test_a_forged_first_line_is_judged_too(tmp_path: Path, first: bytes, expected: str) -> None:
    lines = said(tmp_path, forged(first), None)
    assert any(line.startswith(f"model  {expected}") for line in lines) if expected else lines == []


@pytest.mark.slow
def test_what_is_declared_while_building_is_not_lost(tmp_path: Path) -> None:
    """The first line has gone by then."""
    late = "    Control('late', 'Late', provides=['no-such-class'])\n"
    root = write(tmp_path, {"__init__.py": f"{HEAD}{late}{MODEL}"})
    found = diagnose(root, limits=LIMITS, level=None)
    assert any('M010  control "late": unknown' in line for line in found)
    assert any("M017" in line for line in found)


@pytest.mark.slow
def test_diagnostics_of_the_child_are_shown_harmlessly(tmp_path: Path) -> None:
    code = "raise ValueError('a\\n\\x1b[2Jb\\u202e')"
    assert said(tmp_path, code, None) == [f"{PLACE}M001  the model raised ValueError: a <U+001B>[2Jb<U+202E>"]


@pytest.mark.slow
def test_what_a_model_prints_is_a_warning(tmp_path: Path) -> None:
    code = """import sys; print('{"project": null, "diagnostics": []}'); sys.stderr.write("x")"""
    assert said(tmp_path, code, None) == [
        'model  M021  the model prints: {"project": null, "diagnostics": []}'
    ]


@pytest.mark.slow
@pytest.mark.parametrize("times", range(3))
def test_a_copy_of_the_process_does_not_answer(tmp_path: Path, times: int) -> None:
    assert said(tmp_path, "import os; os.fork()", None) == []


def running(marker: str) -> bool:
    found = False
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found = found or marker.encode() in place.read_bytes()
        except OSError:  # ended meanwhile
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_no_daemon_is_left_behind(tmp_path: Path, level: Level) -> None:
    marker = f"daemon-{tmp_path.name}-{os.getpid()}"
    code = (
        "import os, sys\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n"
        f"    os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', {marker!r}])\n"
        "  os._exit(0)\nos.wait()"
    )
    assert said(tmp_path, code, level) == []
    assert not running(marker)


@pytest.mark.slow
def test_the_level_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, {"__init__.py": HEAD + MODEL})
    assert load_model(root, "m", VOCABULARY, limits=LIMITS, level=Level.LIMITS).level == "limits"
