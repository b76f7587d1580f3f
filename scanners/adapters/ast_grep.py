"""ast-grep with rules of our own on the shape of Go and Rust. Comments of the tree that switch rules off are changed.

One rule matches every file as a whole, so the report tells which files were read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, printed
from scanners.adapters.judge import (
    Account,
    Claim,
    Unusable,
    cwe_list,
    items,
    mapping,
    normal_path,
    one_based,
    text,
)
from scanners.adapters.lint import complaints
from scanners.finding import RuleInfo, Severity
from scanners.protocol import Example, SourceFiles
from threatmodel.core.yamlpos import load

RULES = Path(__file__).parent.parent / "rulepacks" / "ast-grep" / "rules.yaml"
_NOT_PARSED = "parse-error-"
_READ = "read-"
_LEVELS: Mapping[str, Severity] = {"error": "error", "warning": "warning"}


def wants(path: str, _tree: SourceFiles) -> bool:
    return path.endswith((".go", ".rs"))


def without_comments(data: bytes) -> bytes:
    """The file with the comments that switch rules off made plain ones of the same length."""
    return data.replace(b"ast-grep-ignore", b"ast-grep-ignorx")


def read(report: Report) -> Account:
    problems, notes = complaints(report)
    rules = our_rules()
    claims = []
    seen = {path for path in report.files if not report.tree.read(path).strip()}
    for item in items(printed(report.raw), "the list"):
        rule = text(item.get("ruleId"), 200)
        path = normal_path(item.get("file"))
        if rule.startswith(_READ):
            seen.add(path)
        elif rule.startswith(_NOT_PARSED):
            problems.setdefault(path, "not parsed: a place breaks the grammar")
        elif rule not in rules:
            raise Unusable(f"it reported a rule that is not ours: {rule}")
        else:
            claims.append(_claim(item, path, rules[rule]))
    return Account(
        scanned=frozenset(seen),
        problems=problems,
        claims=tuple(claims),
        rules=tuple(rule for rule, _ in rules.values()),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any], path: str, rule: tuple[RuleInfo, str]) -> Claim:
    info, stride = rule
    span = mapping(item.get("range"))
    start, end = mapping(span.get("start")), mapping(span.get("end"))
    return Claim(
        rule=info.id,
        message=info.description,
        severity=info.severity,
        confidence="medium",
        cwe=info.cwe,
        stride=stride,
        path=path,
        line=one_based(start.get("line")),
        column=one_based(start.get("column")),
        end_line=one_based(end.get("line")),
        end_column=one_based(end.get("column")),
    )


@cache
def our_rules() -> Mapping[str, tuple[RuleInfo, str]]:
    """The rules that find weaknesses by their id, each with its category of STRIDE."""
    found: dict[str, tuple[RuleInfo, str]] = {}
    for part in RULES.read_text("utf-8").split("\n---\n"):
        rule = load(part.encode(), RULES.name).value
        if not rule["id"].startswith((_NOT_PARSED, _READ)):
            info = RuleInfo(
                id=rule["id"],
                title=rule["id"].replace("-", " "),
                description=rule["message"],
                cwe=cwe_list([rule["metadata"]["cwe"]]),
                help_uri="",
                severity=_LEVELS.get(rule["severity"], "note"),
            )
            found[rule["id"]] = (info, rule["metadata"]["stride"])
    return found


SCANNER = FileTool(
    name="ast-grep",
    licence="MIT",
    package="ast_grep_cli",
    cost=5,
    argv=(
        "scan",
        "--inline-rules",
        RULES.read_text("utf-8"),
        "--json=compact",
        "--color=never",
        "--threads=1",
        "--no-ignore=hidden",
        "--no-ignore=dot",
        "--no-ignore=vcs",
        "--no-ignore=exclude",
        FILES,
    ),
    wants=wants,
    read=read,
    change=without_comments,
    planted=Planted(
        ending=".rs",
        content=b"fn planted(p: *mut u8) {\n    let _ = unsafe { Box::from_raw(p) };\n}\n",
        rule="rust-box-from-raw",
    ),
    good=(0, 1),
    example=Example(
        files={
            "a/one.go": b"package a\n\nfunc f() {\n\tdefer func() { recover() }()\n}\n",
            "two.rs": b"struct A(*mut u8);\nunsafe impl Send for A {}\n",
        },
        other={"x.py": b"recover()\n"},
        broken={"broken.rs": b"fn (\n"},
    ),
)
