"""What tools that look dependencies up in a database of advisories have in common."""

from __future__ import annotations

from scanners.adapters.file_tool import Report
from scanners.adapters.tool import ending
from scanners.protocol import RawOutput, SourceFiles


def ended_well(report: Report, good: tuple[int, ...]) -> tuple[list[tuple[str, RawOutput]], dict[str, str]]:
    """The runs that ended by themselves, by path, and for the other paths why theirs did not."""
    problems = {path: why for path, raw in report.runs if (why := ending(raw.outcome, good))}
    return [(path, raw) for path, raw in report.runs if path not in problems], problems


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
