"""bandit over the Python files of a tree. Configuration and `# nosec` comments of the tree have no effect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.judge import (
    Account,
    Claim,
    Unusable,
    conclude,
    cwe_list,
    failed,
    https,
    items,
    normal_path,
    one_based,
    read_json,
    text,
)
from scanners.adapters.tool import ending, execute, inspect, stage
from scanners.finding import SEVERITIES, Confidence, RuleInfo, ScanResult, Severity
from scanners.protocol import Description, Launch, RawOutput, SourceFiles, ToolEnv, Work
from threatmodel.core.canonical import digest

_ARGV = ("-r", ".", "-x", "//", "--skip=B101", "--ignore-nosec", "--quiet", "-f", "json", "-o", "{output}")
"""`-x //` replaces the default exclusions, which match any part of a path (`.git` hides `.github/x.py`), by one
that matches no path. B101 reports every `assert`, which is no weakness by itself and what tests consist of."""
_SEVERITY: dict[str, Severity] = {"HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
_CONFIDENCE: dict[str, Confidence] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_SHEBANG = re.compile(rb"#!.*python[0-9.]*(?: .*)?")
_MAX_SCRIPTS = 500
"""They are named on the command line, which has a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditScanner:
    """bandit with all of its own tests but B101."""

    @property
    def name(self) -> str:
        return "bandit"

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        tool = inspect("bandit", env, launch, {})
        return Description(
            version=tool.version if tool else "",
            tool_digest=tool.digest if tool else "",
            ruleset_digest=digest(list(_ARGV)),
            licence="Apache-2.0",
            needs_network=False,
            available=tool is not None,
            reason="" if tool else "not installed",
        )

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        paths = tree.paths()
        scripts = {path for path in paths if "." not in PurePosixPath(path).name and _is_script(path, tree)}
        return tuple(path for path in paths if path.endswith(".py") or path in scripts)

    def run(self, work: Work) -> RawOutput:
        tool = inspect("bandit", work.env, work.launch, {})
        if tool is None:
            raise FileNotFoundError("bandit is not installed")
        # `-r` takes only *.py; more scripts than fit stay unnamed and are then reported as not read
        scripts = [f"./{path}" for path in work.files if not path.endswith(".py")][:_MAX_SCRIPTS]
        return execute(tool, work, (*_ARGV, *scripts), stage(work), {})

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        if why := ending(raw.outcome, good=(0, 1)):
            return failed(self.name, description, why, raw)
        try:
            account = _account(read_json(raw))
        except Unusable as error:
            return failed(self.name, description, str(error), raw)
        return conclude(self.name, description, raw, account, tree)


def _is_script(path: str, tree: SourceFiles) -> bool:
    return _SHEBANG.fullmatch(tree.read(path)[:200].split(b"\n", 1)[0].rstrip()) is not None


def _account(report: dict[str, Any]) -> Account:
    metrics = report.get("metrics")
    if not isinstance(metrics, dict):
        raise Unusable('its report does not say which files were read ("metrics")')
    results = tuple(items(report.get("results"), "results"))
    problems: dict[str, str] = {}
    notes: list[str] = []
    for error in items(report.get("errors"), "errors"):
        path = normal_path(error.get("filename"))
        reason = " ".join(text(error.get("reason"), 300).split()) or "error without a reason"
        if path:
            problems[path] = reason
        else:
            notes.append(reason)
    return Account(
        scanned=frozenset(normal_path(path) for path in metrics if path != "_totals"),
        problems=problems,
        claims=tuple(_claim(item) for item in results),
        rules=_rules(results),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any]) -> Claim:
    weakness = item.get("issue_cwe")
    lines = [line for line in item.get("line_range") or () if isinstance(line, int)]
    column, end_column = (one_based(item.get(key)) for key in ("col_offset", "end_col_offset"))
    return Claim(
        rule=text(item.get("test_id"), 200) or "(no rule)",
        message=text(item.get("issue_text")),
        severity=_SEVERITY.get(str(item.get("issue_severity")), "note"),
        confidence=_CONFIDENCE.get(str(item.get("issue_confidence")), "low"),
        cwe=cwe_list([weakness.get("id")]) if isinstance(weakness, dict) else (),
        stride="",
        path=normal_path(item.get("filename")),
        line=item.get("line_number"),
        column=column,
        end_line=max(lines, default=item.get("line_number")),
        end_column=end_column,
    )


def _rules(results: tuple[dict[str, Any], ...]) -> tuple[RuleInfo, ...]:
    """The tests that reported something, each at the worst level that it gave."""
    found: dict[str, RuleInfo] = {}
    for item in results:
        claim = _claim(item)
        name = text(item.get("test_name"), 200).replace("_", " ")
        before = found.get(claim.rule)
        worst = min((claim.severity, *((before.severity,) if before else ())), key=SEVERITIES.index)
        found[claim.rule] = RuleInfo(
            id=claim.rule,
            title=name or claim.rule,
            description=f"bandit test {claim.rule} ({name})" if name else f"bandit test {claim.rule}",
            cwe=claim.cwe if before is None else cwe_list({*before.cwe, *claim.cwe}),
            help_uri=https(item.get("more_info")),
            severity=worst,
        )
    return tuple(found.values())
