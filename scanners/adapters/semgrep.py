"""semgrep with our own rules, offline. Its exit code says little, so the status is worked out from its report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scanners.adapters import semgrep_rules
from scanners.adapters.judge import (
    Account,
    Claim,
    Unusable,
    conclude,
    cwe_list,
    failed,
    items,
    mapping,
    normal_path,
    read_json,
    text,
)
from scanners.adapters.tool import ending, execute, inspect, stage
from scanners.finding import OUT_OF_MEMORY, TIMEOUT, ScanResult
from scanners.protocol import Description, Launch, RawOutput, SourceFiles, ToolEnv, Work
from threatmodel.core.canonical import digest

RULES = Path(__file__).parent.parent / "rulepacks" / "semgrep"
_LEAST_MEMORY = 4 << 30
"""Its parser reserves more address space than 2 GiB at the start."""
_ARGV = (
    "scan",
    "--config",
    "{config}",
    "--metrics=off",
    "--disable-version-check",
    "--no-rewrite-rule-ids",
    "--x-ignore-semgrepignore-files",
    "--no-git-ignore",
    "--disable-nosem",
    "--max-target-bytes",
    "0",
    "--timeout",
    "60",
    "--timeout-threshold",
    "0",
    "-j",
    "1",
    "--quiet",
    "--json",
    "-o",
    "{output}",
    ".",
)
_ENV = {
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_SETTINGS_FILE": "{home}/settings.yml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SemgrepScanner:
    """semgrep over the files that a folder of rule files applies to."""

    rules: Path = RULES
    cost: int = 100

    @property
    def name(self) -> str:
        return "semgrep"

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        rules = semgrep_rules.load_rules(self.rules)
        tool = inspect("semgrep", env, launch, _ENV)
        return Description(
            version=tool.version if tool else "",
            tool_digest=tool.digest if tool else "",
            ruleset_digest=digest([rules.digest, list(_ARGV)]),
            licence="LGPL-2.1-or-later",
            needs_network=False,
            available=tool is not None,
            reason="" if tool else "not installed",
        )

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        return semgrep_rules.plan(semgrep_rules.load_rules(self.rules), tree)

    def run(self, work: Work) -> RawOutput:
        tool = inspect("semgrep", work.env, work.launch, _ENV)
        if tool is None:
            raise FileNotFoundError("semgrep is not installed")
        memory = work.limits.memory_bytes
        enough = replace(work.limits, memory_bytes=max(memory, _LEAST_MEMORY) if memory else None)
        semgrep_rules.write_rules(semgrep_rules.load_rules(self.rules), work.workdir / "config")
        scripts = (path for path in work.files if semgrep_rules.is_script(path))
        tree = stage(work, scripts)
        return execute(tool, replace(work, limits=enough), _ARGV, tree, _ENV)

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        if why := ending(raw.outcome, good=(0, 1)):
            return failed(self.name, description, why, raw)
        try:
            report = read_json(raw)
            account = _account(report, semgrep_rules.load_rules(self.rules))
        except Unusable as error:
            return failed(self.name, description, str(error), raw)
        return conclude(self.name, description, raw, account, tree)


def _account(report: dict[str, Any], rules: semgrep_rules.RuleSet) -> Account:
    paths = report.get("paths")
    scanned = paths.get("scanned") if isinstance(paths, dict) else None
    if not isinstance(scanned, list):
        raise Unusable('its report does not say which files were read ("paths.scanned")')
    claims = tuple(_claim(item, rules) for item in items(report.get("results"), "results"))
    problems, notes = _errors(items(report.get("errors"), "errors"))
    for path, why in _fixpoints(report):
        problems.setdefault(path, []).append(why)
    for item in report.get("skipped_rules") or ():
        notes.append(f"rule not run: {text(item.get('rule_id') if isinstance(item, dict) else item, 200)}")
    unknown = sorted({claim.rule for claim in claims} - set(rules.rules))
    notes += [f"reported a rule that is not in the rule set: {rule}" for rule in unknown]
    return Account(
        scanned=frozenset(normal_path(path) for path in scanned),
        problems={path: _join(reasons) for path, reasons in problems.items()},
        claims=claims,
        rules=tuple(
            replace(rule.info, digest=digest([rule.info.digest, list(_ARGV)]))
            for rule in rules.rules.values()
        ),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any], rules: semgrep_rules.RuleSet) -> Claim:
    """A result; what the rule says of itself is taken from our rule file, not from the report."""
    start, end, extra = (mapping(item.get(key)) for key in ("start", "end", "extra"))
    identity = text(item.get("check_id"), 200) or "(no rule)"
    rule = rules.rules.get(identity)
    return Claim(
        rule=identity,
        message=text(extra.get("message")) or (rule.info.description if rule else identity),
        severity=rule.info.severity if rule else semgrep_rules.severity(extra.get("severity")),
        confidence=rule.confidence if rule else "low",
        cwe=rule.info.cwe if rule else cwe_list(()),
        stride=rule.stride if rule else "",
        path=normal_path(item.get("path")),
        line=start.get("line"),
        column=start.get("col"),
        end_line=end.get("line"),
        end_column=end.get("col"),
    )


def _errors(errors: Iterable[dict[str, Any]]) -> tuple[dict[str, list[str]], list[str]]:
    """Reasons by file, and notes of errors that name no file."""
    problems: dict[str, list[str]] = {}
    notes: list[str] = []
    for error in errors:
        reason = _error_reason(error)
        path = normal_path(error.get("path"))
        if path:
            problems.setdefault(path, []).append(reason)
        else:
            detail = " ".join(text(error.get("message"), 300).split())
            notes.append(f"{reason}: {detail}" if detail else reason)
    return problems, notes


def _error_reason(error: dict[str, Any]) -> str:
    kind = error.get("type")
    spans = 0
    if isinstance(kind, list):
        spans = len(kind[1]) if len(kind) > 1 and isinstance(kind[1], list) else 0
        kind = kind[0] if kind else ""
    name = text(kind, 100) or "error without a kind"
    lowered = name.lower().replace(" ", "")
    rule = text(error.get("rule_id"), 200)
    of_rule = f": rule {rule}" if rule else ""
    if "timeout" in lowered:
        return TIMEOUT + of_rule
    if "outofmemory" in lowered:
        return OUT_OF_MEMORY + of_rule
    if lowered == "partialparsing":
        return f"PartialParsing: {spans} span{'' if spans == 1 else 's'} not parsed"
    return name + of_rule


def _fixpoints(report: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Data-flow analyses that were cut short; semgrep lists them beside the timings only."""
    listed = mapping(report.get("time")).get("fixpoint_timeouts") or []
    for entry in listed if isinstance(listed, list) else ():
        found = mapping(entry)
        path = normal_path(found.get("path") or mapping(found.get("location")).get("path"))
        yield path or "(no usable path)", f"{TIMEOUT}: data-flow analysis cut short"


def _join(reasons: list[str]) -> str:
    """Several reasons as one text, time-outs first because they decide whether a result is repeatable."""
    ordered = sorted(set(reasons), key=lambda reason: (not reason.startswith(TIMEOUT), reason))
    return "; ".join(ordered[:5])
