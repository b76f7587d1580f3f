"""What tools that look dependencies up in a database of advisories have in common."""

from __future__ import annotations

import re
from pathlib import Path

from scanners.adapters.file_tool import Report
from scanners.adapters.tool import ending_of_one
from scanners.protocol import RawOutput, SourceFiles

_HEAD = 4000
"""Bytes of an advisory in which its day stands."""


def ended_well(report: Report, good: tuple[int, ...]) -> tuple[list[tuple[str, RawOutput]], dict[str, str]]:
    """The runs that ended by themselves, by path, and for the other paths why theirs did not."""
    problems = {path: why for path, raw in report.runs if (why := ending_of_one(raw.outcome, good))}
    return [(path, raw) for path, raw in report.runs if path not in problems], problems


def newest_of(folder: Path | None, pattern: str, date: re.Pattern[bytes]) -> tuple[int, str]:
    """How many advisories a database has, and the day of the newest, as the files say it."""
    count, newest = 0, b""
    for path in folder.glob(pattern) if folder else ():
        if path.is_file() and not path.is_symlink():
            count += 1
            with path.open("rb") as handle:
                found = date.search(handle.read(_HEAD))
            newest = max(newest, found[1] if found else b"")
    return count, newest.decode() or "an unknown day"


def package_line(tree: SourceFiles, path: str, name: str, version: str) -> int:
    """The line of a lock file in TOML on which a package of that version stands; 0 where it does not."""
    if path not in tree.paths():
        return 1
    lines = tree.read(path).decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        following = lines[number].strip() if number < len(lines) else ""
        if line.strip() == f'name = "{name}"' and following == f'version = "{version}"':
            return number
    return 0
