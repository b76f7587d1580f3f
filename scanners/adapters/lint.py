"""What shellcheck and hadolint have in common: a list of messages, and a rule for a file that could not be parsed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from scanners.adapters.file_tool import Report
from scanners.adapters.judge import Account, Claim, cwe_list, normal_path, text
from scanners.adapters.weaknesses import weakness
from scanners.finding import Severity

_SEVERITY: Mapping[str, Severity] = {"error": "warning"}
"""They look for mistakes, few of which are weaknesses; so their levels count one less."""


def lint_account(
    report: Report,
    messages: Sequence[Mapping[str, Any]],
    tool: str,
    rule_of: Callable[[Mapping[str, Any]], str],
    not_parsed: Collection[str],
) -> Account:
    """The account of a tool that was given its files by name. A message of a rule in `not_parsed` says that the tool has
    given the file up; it is no finding."""
    problems, notes = complaints(report)
    claims = []
    for message in messages:
        rule = rule_of(message)
        if rule in not_parsed:
            why = " ".join(text(message.get("message"), 200).split())
            problems.setdefault(normal_path(message.get("file")), f"not parsed: {why}")
        else:
            claims.append(_claim(message, tool, rule))
    return Account(
        scanned=frozenset((*report.files, *report.planted)),
        problems=problems,
        claims=tuple(claims),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def complaints(report: Report) -> tuple[dict[str, str], list[str]]:
    """Standard error: by file what a line says of it, and the lines that are about none."""
    known = {path: path for path in (*report.files, *report.planted)}
    problems: dict[str, str] = {}
    notes: list[str] = []
    for line in report.raw.outcome.stderr[:1_000_000].decode("utf-8", "replace").splitlines():
        head = normal_path(line.split(": ", 1)[0].strip())
        text = " ".join(line.split())[:300]
        if head in known:
            problems.setdefault(head, text)
        elif text:
            notes.append(text)
    if report.raw.outcome.stderr_truncated:
        notes.append("its messages reached the limit")
    return problems, notes


def _claim(message: Mapping[str, Any], tool: str, rule: str) -> Claim:
    line = message.get("line")
    return Claim(
        rule=rule,
        message=text(message.get("message")),
        severity=_SEVERITY.get(str(message.get("level")), "note"),
        confidence="medium",
        cwe=cwe_list([weakness(tool, rule)]),
        stride="",
        path=normal_path(message.get("file")),
        line=line,
        column=message.get("column"),
        end_line=message.get("endLine", line),
        end_column=message.get("endColumn"),
    )
