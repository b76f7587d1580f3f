"""A verdict for people and for programs. Nothing is judged here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from collateral.assessment import Edition
from collateral.gate.model import Event, Verdict
from collateral.gate.rules import RULES
from collateral.policy import LEVELS, Level
from collateral.report.markdown import inline
from scanners.sarif import ROOT, SCHEMA
from scanners.sarif_baseline import FINGERPRINT
from threatmodel import __version__
from threatmodel.core.canonical import digest
from threatmodel.core.text import fold

MARKER = "<!-- threatmodel:gate -->"
MODEL_ROOT = "%MODELROOT%"
_SHOWN: tuple[Level, ...] = ("block", "warn", "info")
LONGEST_COMMENT = 60_000
"""Characters; GitHub takes 65,536."""
_FRAMES = 2_000
"""Characters kept for heads of tables and the lines that say what is left out."""
_MOST_ROWS = 40
_MOST_ITEMS = 20
_LONGEST_CELL = 400
_PLAIN = re.compile(r"[^`|\\\n]+")
_SARIF_LEVEL = {"block": "error", "warn": "warning", "info": "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFile:
    """The verdict as JSON."""

    format: Literal["threatmodel/gate"] = "threatmodel/gate"
    version: Literal[1] = 1
    project: str
    edition: Edition
    verdict: Verdict


def headline(verdict: Verdict) -> str:
    """What came out, in one line."""
    if not verdict.enforced:
        if verdict.blocked:
            return f"report only: with --enforce this would be blocked with exit code {int(verdict.would)}"
        if verdict.undone:
            return "report only: nothing would be blocked, but not everything could be checked (exit code 3)"
        return "report only: nothing would be blocked (exit code 0)"
    if verdict.blocked:
        return f"blocked (exit code {int(verdict.exit)})"
    if verdict.undone:
        return "not blocked, but not everything could be checked (exit code 3)"
    return "passed (exit code 0)"


def counts(verdict: Verdict) -> str:
    """How many events of each level."""
    found: Counter[Level] = Counter()
    for event in verdict.events:
        found[event.level] += event.count
    return ", ".join(f"{found[level]} {level}" for level in reversed(LEVELS) if found[level]) or "no events"


def text(verdict: Verdict) -> str:
    """For a terminal or a log: each event with its reason and its place."""
    lines = [
        headline(verdict),
        f"{_short(verdict.base)} → {_short(verdict.head)}, stage {verdict.stage}, expiry judged on {verdict.as_of}",
    ]
    for event in _shown(verdict):
        priority = f"  {event.priority}" if event.priority != "none" else ""
        waived = f"  waived by {event.waived_by}" if event.waived_by else ""
        lines.append(f"{event.level:5}  {event.rule}  {_one(event.subject)}{priority}{waived}")
        lines += [f"       {_one(part)}" for part in (event.message, event.why) if part]
        if event.place is not None:
            lines.append(f"       {event.tree}: {_one(str(event.place))}")
    lines.append(counts(verdict))
    lines += [f"not checked: {_one(item)}" for item in verdict.undone]
    lines += [f"not looked at: {_one(item)}" for item in verdict.notes]
    return fold("\n".join(lines)) + "\n"


def markdown(verdict: Verdict, project: str) -> str:
    """One comment for a pull request. The marker lets a workflow find the comment and write it anew."""
    lines = [MARKER, f"### Threat model gate: {inline(project)}", "", f"**{headline(verdict)}**", ""]
    lines += [
        f"{_code(_short(verdict.base))} → {_code(_short(verdict.head))} · {verdict.stage} · {counts(verdict)}"
        f" · expiry judged on {verdict.as_of}",
        "",
    ]
    serious = [event for event in _shown(verdict) if event.level != "info"]
    rest = [event for event in _shown(verdict) if event.level == "info"]
    end = _lists(verdict)
    room = LONGEST_COMMENT - _FRAMES - sum(len(line) + 1 for line in (*lines, *end))
    table, room = _table(serious, room)
    lines += table
    if rest:
        table, _ = _table(rest, room)
        lines += ["<details><summary>For information</summary>", "", *table, "</details>", ""]
    lines += [*end, "Policy, waivers, rules and decisions are those of the base."]
    return "\n".join(lines) + "\n"


def _lists(verdict: Verdict) -> list[str]:
    """What was not checked and not looked at."""
    lines: list[str] = []
    for title, items in (("Not checked", verdict.undone), ("Not looked at", verdict.notes)):
        if items:
            lines += [f"{title}:", "", *(f"- {_cell(item)}" for item in items[:_MOST_ITEMS])]
            lines += [f"- and {len(items) - _MOST_ITEMS} more"] if len(items) > _MOST_ITEMS else []
            lines.append("")
    return lines


def _table(events: list[Event], room: int) -> tuple[list[str], int]:
    """The events, as many as there is room for, and the room that is left."""
    if not events:
        return [], room
    rows: list[str] = []
    for row in map(_row, events[:_MOST_ROWS]):
        if len(row) + 1 > room:
            break
        rows.append(row)
        room -= len(row) + 1
    head = ["| Level | Rule | What | Why | Place |", "| --- | --- | --- | --- | --- |"]
    lines = [*head, *rows, ""] if rows else []
    if left := len(events) - len(rows):
        lines += [f"and {left} {'more' if rows else 'left out'}; `threatmodel gate` lists them all", ""]
    return lines, room


def _row(event: Event) -> str:
    subject = f"{_code(event.subject)}<br>" if len(event.subject) < 80 else ""
    waived = f"waived by {event.waived_by}" if event.waived_by else ""
    why = "; ".join(part for part in (event.why, waived) if part)
    place = f"{event.tree} {_code(str(event.place))}" if event.place is not None else ""
    level = f"**{event.level}**" if event.level == "block" else event.level
    return f"| {level} | {event.rule} | {subject}{_cell(event.message)} | {_cell(why)} | {place} |"


def sarif(verdict: Verdict, project: str, model: str) -> dict[str, Any]:
    """SARIF 2.1.0: every event is a result at a file of the model or of the source."""
    names = [rule.name for rule in RULES]
    rules = [
        {
            "id": rule.name,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.find.__doc__ or rule.title},
        }
        for rule in RULES
    ]
    notes = [_notification(item, "not-checked", "warning") for item in verdict.undone]
    notes += [_notification(item, "not-looked-at", "note") for item in verdict.notes]
    run = {
        "tool": {"driver": {"name": "threatmodel gate", "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"{quote(_one(project), safe=' +@~:')}/gate/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT: {"description": {"text": "The top of the source tree."}},
            MODEL_ROOT: {"description": {"text": "The top of the repository that holds the model."}},
        },
        "invocations": [{"executionSuccessful": not verdict.undone, "toolExecutionNotifications": notes}],
        "results": [_result(event, names.index(event.rule), model) for event in _shown(verdict)],
        "properties": {"headline": headline(verdict), "stage": verdict.stage, "exit": int(verdict.exit)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(event: Event, index: int, model: str) -> dict[str, Any]:
    place = event.place
    path = place.path if place is not None else f"{model.strip('/')}/threatmodel.toml"
    base = ROOT if event.tree == "source" and place is not None else MODEL_ROOT
    message = f"{event.message}. {event.why}" if event.why else event.message
    out: dict[str, Any] = {
        "ruleId": event.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVEL[event.level],
        "message": {"text": _one(message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": quote(path.lstrip("/"), safe="/", errors="surrogateescape"),
                        "uriBaseId": base,
                    },
                    "region": {"startLine": max(1, place.line if place is not None else 1)},
                }
            }
        ],
        "partialFingerprints": {FINGERPRINT: digest([event.rule, event.subject, event.level])},
        "properties": {"subject": _one(event.subject), "gateLevel": event.level, "priority": event.priority},
    }
    if event.waived_by:
        out["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": _one(f"{event.why} ({event.waived_by})"),
            }
        ]
    return out


def _notification(message: str, kind: str, level: str) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": {"text": _one(message)}}


def _short(name: str) -> str:
    return name[:12] if re.fullmatch(r"[0-9a-f]{40,64}", name) else _one(name)


def _shown(verdict: Verdict) -> list[Event]:
    return [event for event in verdict.events if event.level in _SHOWN]


def _one(value: str) -> str:
    return fold(" ".join(value.split()))


def _cell(value: str) -> str:
    short = value if len(value) <= _LONGEST_CELL else value[: _LONGEST_CELL - 1] + "…"
    return inline(short)


def _code(value: str) -> str:
    """Text as a code span, where it has nothing that could end the span or the cell of a table. Shown it is the same
    text either way: a waiver copies its subject from here."""
    text = _one(value)
    text = text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"
    return f"`{text}`" if _PLAIN.fullmatch(text) else inline(text)
