"""The outputs in README are those of the program: every line that it shows comes, in this order."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.harness import Cli

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RUN = re.compile(
    r"(check|configurations|compare|coverage|explain|paths|storage) models/\S+(?!.*(--config-file|--source))"
    r"|threats models/self"
)
"""Commands that need nothing but the repository."""


def _shown() -> Iterator[tuple[str, list[str]]]:
    """Each command of README with the lines that are shown of its output."""
    for block in re.findall(
        r"^```text\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        for part in re.split(r"^\$ threatmodel ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield command, [line for line in lines if line.strip() not in {"", "…"}]


CASES = [(command, lines) for command, lines in _shown() if RUN.match(command)]


def _pattern(line: str) -> re.Pattern[str]:
    """The line as a pattern: … stands for anything, one space for any number of them."""
    return re.compile(r"\s+".join(re.escape(word).replace("…", ".*") for word in line.split()))


def test_the_commands_are_found() -> None:
    assert len(CASES) >= 7
    assert {command.split()[0] for command, _ in CASES} >= {
        "check",
        "configurations",
        "compare",
        "storage",
        "threats",
    }


@pytest.mark.parametrize(("command", "lines"), CASES, ids=[command for command, _ in CASES])
def test_each_line_is_said(command: str, lines: list[str], tmp_path: Path) -> None:
    said = Cli(
        cwd=ROOT, path=os.environ["PATH"], environ={"XDG_CACHE_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    )(*shlex.split(command))
    left = iter([*said.err.splitlines(), *said.out.splitlines()])
    missing = [line for line in lines if not any(_pattern(line).fullmatch(text.strip()) for text in left)]
    assert missing[:1] == []
