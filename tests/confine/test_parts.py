"""Paths, environment, values and the words about each level."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.confine import ConfineError, Level, Limits, clean_env, detect, levels, python_paths
from threatmodel.confine.bubblewrap import covers, identity_map
from threatmodel.confine.paths import outermost
from threatmodel.confine.process import _read_report
from threatmodel.confine.seccomp import program, supported
from threatmodel.confine.types import Mechanism


def test_clean_env_owes_nothing_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("SECRET_TOKEN", "x")
    env = clean_env(HOME="/h")
    assert set(env) == {"HOME", "LANG", "LC_ALL", "PATH", "PYTHONDONTWRITEBYTECODE", "TZ"}
    assert (env["HOME"], env["TZ"]) == ("/h", "UTC")


def test_python_paths_cover_what_a_child_imports() -> None:
    import pydantic
    import pytm

    import threatmodel

    paths = python_paths()
    for module in (pytm, pydantic, threatmodel, subprocess):
        assert any(Path(str(module.__file__)).is_relative_to(path) for path in paths), module
    assert paths == outermost(paths)


def test_python_paths_name_a_missing_package() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        python_paths("no_such_package")


def test_outermost_leaves_out_the_inner_and_the_absent(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    given_paths = (tmp_path / "a" / "b", tmp_path / "ab", tmp_path / "a", tmp_path / "none", tmp_path / "a")
    assert outermost(given_paths) == (tmp_path / "a", tmp_path / "ab")


@pytest.mark.parametrize(
    "change",
    [{"wall_seconds": 0}, {"memory_bytes": 0}, {"processes": 0}, {"output_bytes": -1}, {"open_files": 0}],
)
def test_limits_are_positive(change: dict[str, int]) -> None:
    nothing = {"memory_bytes": None, "processes": None}
    good = {"wall_seconds": 1, "cpu_seconds": 1, "output_bytes": 1, "open_files": 8}
    with pytest.raises(ValueError, match="greater than zero"):
        Limits(**(nothing | good | change))  # type: ignore[arg-type]


def test_detection_says_what_is_not_held() -> None:
    found = detect()
    assert found.level in Level
    assert found.does_not_hold
    assert found.level.value in found.reason
    assert not set(found.holds) & set(found.does_not_hold)
    assert ("no network" in found.holds) is (found.level is not Level.LIMITS)


def test_identity_map_keeps_every_number() -> None:
    own = "         0     100000      65536\n     70000          5          1\n"
    assert identity_map(own) == "0 0 65536\n70000 70000 1\n"
    assert covers(own, 65534)
    assert covers(own, 70000)
    assert not covers(own, 65536)


def _targets(code: bytes) -> list[int]:
    """Where each jump of a filter leads."""
    found = []
    for index, (kind, true, false, _) in enumerate(struct.iter_unpack("=HBBI", code)):
        if kind & 7 == 5:
            found += [index + 1 + true, index + 1 + false]
    return found


@pytest.mark.skipif(not supported(), reason="no filter for this processor")
@pytest.mark.parametrize("families", [(), (1,), (1, 2, 10)])
def test_filter_is_well_formed(families: tuple[int, ...]) -> None:
    code = program(families)
    length = len(code) // 8
    assert len(code) % 8 == 0
    assert max(_targets(code)) < length
    assert struct.unpack("=HBBI", code[-8:])[0] == 6
    assert program(reversed(families)) == code


@given(st.binary(max_size=300))
def test_any_report_is_read_without_an_exception(data: bytes) -> None:
    report = _read_report(data)
    assert isinstance(report, str) or report.peak_bytes >= 0


def test_the_trampoline_loads_little() -> None:
    script = Path(sys.modules["threatmodel.confine"].__path__[0], "trampoline.py")
    code = f"import sys; exec(compile(open({str(script)!r}).read(), 't', 'exec'), {{}})"
    shown = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code + "; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(shown.stdout.split())
    assert {"ctypes", "resource"} <= loaded
    assert not loaded & {"re", "typing", "enum", "pathlib", "json", "subprocess", "threatmodel"}


def test_looking_ahead_finds_the_level_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Level] = []
    levels._looked_for.cache_clear()

    def nowhere(level: Level) -> str:
        asked.append(level)
        return "not here"

    monkeypatch.setattr(levels, "_probe", nowhere)
    levels.look_ahead()
    with pytest.raises(ConfineError):
        detect()
    levels._looked_for.cache_clear()
    assert asked[-len(Level) :] == list(Level)


def test_looking_ahead_and_asking_at_once_probe_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Level] = []

    def first(level: Level) -> Mechanism:
        asked.append(level)
        return Mechanism(level=level)

    levels._looked_for.cache_clear()
    monkeypatch.setattr(levels, "_probe", first)
    levels.look_ahead()
    found = [detect() for _ in range(3)]
    levels._looked_for.cache_clear()
    assert asked == [next(iter(Level))]
    assert {item.level for item in found} == {next(iter(Level))}
