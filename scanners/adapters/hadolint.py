"""hadolint over the Dockerfiles of a tree. Pragmas of the tree have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, complaints, printed
from scanners.adapters.judge import Account, Claim, cwe_list, items, normal_path, text
from scanners.adapters.weaknesses import weakness
from scanners.finding import Severity
from scanners.protocol import SourceFiles

_SEVERITY: Mapping[str, Severity] = {"error": "warning"}
"""It looks for mistakes, few of which are weaknesses; so its levels count one less."""
_NOT_PARSED = "DL1000"


def wants(path: str, _tree: SourceFiles) -> bool:
    name = PurePosixPath(path).name.lower()
    kinds = ("dockerfile", "containerfile")
    return (
        name in kinds
        or name.endswith(tuple(f".{kind}" for kind in kinds))
        or name.startswith(tuple(f"{kind}." for kind in kinds))
    )


def read(report: Report) -> Account:
    found = tuple(items(printed(report.raw), "the list"))
    problems, notes = complaints(report)
    for item in found:
        if item.get("code") == _NOT_PARSED:
            why = " ".join(text(item.get("message"), 200).split())
            problems.setdefault(normal_path(item.get("file")), f"not parsed: {why}")
    return Account(
        scanned=frozenset((*report.files, *report.planted)),
        problems=problems,
        claims=tuple(_claim(item) for item in found if item.get("code") != _NOT_PARSED),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any]) -> Claim:
    rule = text(item.get("code"), 200) or "(no rule)"
    return Claim(
        rule=rule,
        message=text(item.get("message")),
        severity=_SEVERITY.get(str(item.get("level")), "note"),
        confidence="medium",
        cwe=cwe_list([weakness("hadolint", rule)]),
        stride="",
        path=normal_path(item.get("file")),
        line=item.get("line"),
        column=item.get("column"),
        end_line=item.get("line"),
        end_column=0,
    )


SCANNER = FileTool(
    name="hadolint",
    licence="GPL-3.0-only",
    argv=("--no-fail", "--no-color", "--disable-ignore-pragma", "--format", "json", FILES),
    wants=wants,
    read=read,
    planted=Planted(ending=".dockerfile", content=b"FROM planted:latest\n", rule="DL3007"),
)
