"""Comments in the source that suppress a finding beside them, with a reason and a day on which that ends.

`threatmodel: ignore[RULE] until=2027-06-30 reason=words to the end of the line`, in whatever marks a comment in the
language, on the line of the finding or alone on the line above it. Several rules are separated by commas. Like every
other word of a source tree it changes no priority and no gate.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from collateral.ignores import Ignore, ignored, tree_ignores
from scanners.finding import Finding
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.text import fold
from threatmodel.source import SourceTree

_COMMENT = re.compile(r"threatmodel:[ \t]*ignore\[([^\]\n]{1,400})\]([^\n]{0,1000})")
_UNTIL = re.compile(r"\buntil=(\S{1,40})")
_REASON = re.compile(r"\breason=(.+)")
_CLOSERS = re.compile(r"\s*(?:\*/|-->|#\}|--\]\])\s*$")
_ALONE = re.compile(r"\s*(?:#|//|/\*|<!--|--|;|%|\{#)")
"""What a line starts with that has nothing but a comment."""
_MARK = b"threatmodel:"


@dataclass(frozen=True, slots=True)
class _Comment:
    line: int
    rules: frozenset[str]
    until: str
    reason: str
    problem: str


def inline_ignores(
    tree: SourceTree, findings: Iterable[Finding]
) -> tuple[dict[str, Ignore], tuple[str, ...]]:
    """By fingerprint what a comment beside a finding says, and the comments that suppress nothing because they lack a
    reason or a day. Only files with findings are read."""
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.location.line:
            by_path[finding.location.path].append(finding)
    found: dict[str, Ignore] = {}
    problems: list[str] = []
    for path in sorted(by_path):
        at: dict[int, list[_Comment]] = defaultdict(list)
        for line, said in _comments(tree, path):
            if said.problem:
                problems.append(f"{fold(path)}:{said.line}: {said.problem}, so it suppresses nothing")
            else:
                at[line].append(said)
        for finding in by_path[path] if at else ():
            named = (c for c in at.get(finding.location.line, ()) if finding.rule in c.rules)
            comment = next(named, None)
            if comment is not None:
                found[finding.fingerprint] = Ignore(
                    id=finding.rule,
                    reason=comment.reason,
                    origin=fold(f"{path}:{comment.line}"),
                    until=comment.until,
                    inline=True,
                )
    return found, tuple(problems)


def ignores_of(
    findings: Sequence[Finding], tree: SourceTree | None, vex: Iterable[Ignore], day: datetime.date
) -> tuple[dict[str, Ignore], tuple[str, ...]]:
    """By fingerprint what leaves a finding aside: a comment beside it that is in force, else what the tree's files and
    VEX documents say of it; and what of the tree could not be read or suppresses nothing."""
    if tree is None or not findings:
        return ignored(findings, vex, day), ()
    listed, unread = tree_ignores(tree)
    beside, unsaid = inline_ignores(tree, findings)
    found = ignored(findings, (*vex, *listed), day)
    for key, item in beside.items():
        if key not in found or item.in_force(day):
            found[key] = item
    return found, (*unread, *unsaid)


def _comments(tree: SourceTree, path: str) -> Iterator[tuple[int, _Comment]]:
    """The comments of a file with the line that each is about."""
    try:
        data = tree.read(path)
    except (KeyError, ThreatModelError):
        return
    if _MARK not in data:
        return
    lines = data.decode("utf-8", "replace").split("\n")
    found = {number: _read(number, m) for number, row in enumerate(lines, 1) if (m := _COMMENT.search(row))}
    for number, comment in found.items():
        about = number
        while about in found and _ALONE.match(lines[about - 1]):
            about += 1
        yield about, comment


def _read(line: int, match: re.Match[str]) -> _Comment:
    rest = _CLOSERS.sub("", match[2])
    until, reason = _UNTIL.search(rest), _REASON.search(rest)
    said = " ".join(reason[1].split()).strip("\"'") if reason else ""
    said = _UNTIL.sub("", said).strip()
    day = until[1] if until and _is_day(until[1]) else ""
    problem = "" if said else "it gives no reason"
    if not day:
        problem = f"until={fold(until[1])} is no ISO 8601 date" if until else "it gives no day with until="
    rules = frozenset(name.strip() for name in match[1].split(","))
    return _Comment(line, rules, day, fold(said)[:500], problem)


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
