"""The tutorial followed word by word: its blocks run in order, and say what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_BLOCKS = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each block of commands with the output that is shown after it."""
    found: list[tuple[str, str]] = []
    for kind, body in _BLOCKS.findall(TUTORIAL.read_text("utf-8")):
        if kind == "sh":
            found.append((body, ""))
        else:
            assert found[-1][1] == "", "an output without commands"
            found[-1] = (found[-1][0], body)
    return found


def pattern(shown: str) -> str:
    """A line of dots alone stands for any lines, dots within a line for any text."""
    lines = [
        r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in shown.splitlines()
    ]
    return "".join(lines)


def _without_network() -> list[str]:
    """What starts a command in a network namespace of its own, which has no way out; nothing where that is barred."""
    if (program := shutil.which("unshare")) is None:
        return []
    prefix = [program, "--map-root-user", "--net"]
    return prefix if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0 else []


@pytest.mark.slow
def test_every_block_runs_and_says_what_is_shown(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "mkdir", "cat", "cp", "ls", "bwrap"):
        if (found := shutil.which(name)) is not None:
            (tools / name).symlink_to(found)
    program = tools / "threatmodel"
    program.write_text(
        f"#!{sys.executable} -I\nimport sys\nfrom collateral.cli.main import entry\nsys.exit(entry())\n"
    )
    program.chmod(0o755)
    work, home = tmp_path / "work", tmp_path / "home"
    for folder in (work, home):
        folder.mkdir()
    checked, alone = 0, _without_network()
    for commands, shown in steps():
        done = subprocess.run(
            [*alone, "sh", "-eu"],
            input=commands,
            cwd=work,
            env={"PATH": str(tools), "HOME": str(home), "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (commands, done.stdout, done.stderr)
        assert re.fullmatch(pattern(shown), done.stdout), (commands, done.stdout)
        checked += bool(shown)
        work = tmp_path / "work" / "shop"
    assert checked >= 8
