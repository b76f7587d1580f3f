"""The security rules of ruff (S) over the Python files of a tree. Settings and `noqa` comments have no effect."""

from __future__ import annotations

import re
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, has_script, loaded, staged_root
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, normal_path, text
from scanners.adapters.weaknesses import weakness
from scanners.protocol import SourceFiles

_NOT_PARSED = "invalid-syntax"
_CHECKED = re.compile(r"\[ruff::diagnostics\]\[DEBUG\] Checking: (.+)")
_WARNING = re.compile(r"(?:warning|error): (.+)")


def wants(path: str, tree: SourceFiles) -> bool:
    return path.endswith(".py") or has_script(path, tree, ("python", "python3"))


def read(report: Report) -> Account:
    if report.raw.report is None:
        raise Unusable(report.raw.report_problem)
    found = tuple(items(loaded(report.raw.report), "the list"))
    root = staged_root((text(item.get("filename")) for item in found), report.planted[0])
    problems: dict[str, str] = {}
    for item in found:
        if item.get("code") == _NOT_PARSED:
            problems.setdefault(_path(item, root), f"not parsed: {text(item.get('message'), 200)}")
    said = report.raw.outcome.stderr.decode("utf-8", "replace").splitlines()
    checked = {match[1].removeprefix(root) for line in said if (match := _CHECKED.search(line))}
    notes = [text(match[1].replace(root, ""), 300) for line in said if (match := _WARNING.match(line))]
    return Account(
        scanned=frozenset(checked),
        problems=problems,
        claims=tuple(_claim(item, root) for item in found if item.get("code") != _NOT_PARSED),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes) or report.raw.outcome.stderr_truncated,
    )


def _path(item: dict[str, Any], root: str) -> str:
    return normal_path(text(item.get("filename")).removeprefix(root))


def _claim(item: dict[str, Any], root: str) -> Claim:
    rule = text(item.get("code"), 200) or "(no rule)"
    start, end = mapping(item.get("location")), mapping(item.get("end_location"))
    return Claim(
        rule=rule,
        message=text(item.get("message")),
        severity="warning",
        confidence="medium",
        cwe=cwe_list([weakness("ruff", rule)]),
        stride="",
        path=_path(item, root),
        line=start.get("row"),
        column=start.get("column"),
        end_line=end.get("row"),
        end_column=end.get("column"),
    )


SCANNER = FileTool(
    name="ruff",
    licence="MIT",
    argv=(
        "check",
        "--isolated",
        "--no-cache",
        "--select=S",
        "--ignore=S101",
        "--ignore-noqa",
        "--verbose",
        "--output-format=json",
        "--output-file",
        "{output}",
        FILES,
    ),
    wants=wants,
    read=read,
    planted=Planted(ending=".py", content=b"exec(input())\n", rule="S102"),
    good=(0, 1),
    env={"NO_COLOR": "1"},
)
