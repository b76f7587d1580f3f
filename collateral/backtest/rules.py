"""The rules for published advisories, run on the releases around a fix."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import re2

from collateral.backtest.model import RuleRun, Rules
from scanners.adapters.semgrep import SemgrepScanner
from scanners.finding import ScanResult
from scanners.history import PACKS, HistoryCase, history_cases
from scanners.protocol import Scanner
from threatmodel.claims.check import Tree
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.text import fold
from threatmodel.source import DirectoryTree, SourceTree

Scan = Callable[[SourceTree, Sequence[Scanner]], tuple[ScanResult, ...]]
"""Runs scanners over a tree."""


def cases_for(ids: Collection[str]) -> tuple[HistoryCase, ...]:
    """What is proved for these advisories."""
    return tuple(case for pack in PACKS for case in history_cases(pack) if case.advisory in ids)


def not_run(cases: Sequence[HistoryCase], reason: str) -> Rules:
    """The rules of one advisory where they were not run."""
    if not cases:
        return Rules(verdict="no-rule")
    runs = tuple(RuleRun(rule=case.rule, path=case.path) for case in cases)
    return Rules(verdict="not-checked", runs=runs, reason=reason)


def run_rules(
    cases: Sequence[HistoryCase], trees: Mapping[str, Tree | str], scan: Scan
) -> Mapping[str, Rules]:
    """What the rules make of each advisory. `trees` holds the tree of a release, or why it cannot be read."""
    files: dict[str, bytes | str] = {}
    for case in cases:
        for tag, path, name in (
            (case.affected, case.path, case.before),
            (case.fixed, case.fixed_path, case.after),
        ):
            files[name] = _file(trees.get(tag, f"{tag} was not read"), path)
    counts = _counts(cases, files, scan)
    grouped: dict[str, list[HistoryCase]] = {}
    for case in cases:
        grouped.setdefault(case.advisory, []).append(case)
    return {advisory: _judged(here, counts) for advisory, here in grouped.items()}


def _file(tree: Tree | str, path: str) -> bytes | str:
    """The bytes of a file, or why they cannot be had."""
    if isinstance(tree, str):
        return tree
    try:
        return tree.read(path)
    except KeyError:
        return f"the source has no {path}"
    except ThreatModelError as error:
        return fold(str(error))


Counts = Mapping[str, Mapping[str, int] | str]
"""Results by rule for each file that was scanned; for others, why there are none."""


def _counts(cases: Sequence[HistoryCase], files: Mapping[str, bytes | str], scan: Scan) -> Counts:
    there = {name: data for name, data in files.items() if isinstance(data, bytes)}
    out: dict[str, Mapping[str, int] | str] = {n: why for n, why in files.items() if isinstance(why, str)}
    if not there:
        return out
    with tempfile.TemporaryDirectory(prefix="threatmodel-rules-") as folder:
        for name, data in there.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        with DirectoryTree(Path(folder), name="releases") as tree:
            results = [result for pack in PACKS for result in scan(tree, [SemgrepScanner(rules=pack)])]
    for name, data in there.items():
        unread = [result for result in results if name not in result.files_scanned]
        if unread:
            whys = (dict(result.not_scanned).get(name) or result.reason for result in unread)
            out[name] = fold("; ".join(filter(None, whys))) or "the scanner did not read the file"
        else:
            out[name] = _by_rule(cases, name, data.decode("utf-8", "replace"), results)
    return out


def _by_rule(
    cases: Sequence[HistoryCase], name: str, text: str, results: Sequence[ScanResult]
) -> Mapping[str, int]:
    lines = text.splitlines()
    places = {case.rule: case.place for case in cases if name in (case.before, case.after)}
    counts = dict.fromkeys(places, 0)
    for result in results:
        for finding in result.findings:
            at = finding.location
            if at.path != name or finding.rule not in places:
                continue
            covered = "\n".join(lines[at.line - 1 : at.end_line or at.line])
            counts[finding.rule] += bool(re2.search(places[finding.rule], covered))
    return counts


def _judged(cases: Sequence[HistoryCase], counts: Counts) -> Rules:
    runs = []
    reasons = []
    for case in cases:
        here, there = counts[case.before], counts[case.after]
        reasons += [side for side in (here, there) if isinstance(side, str)]
        runs.append(
            RuleRun(
                rule=case.rule,
                path=case.path,
                affected=here[case.rule] if isinstance(here, Mapping) else None,
                fixed=there[case.rule] if isinstance(there, Mapping) else None,
            )
        )
    if reasons:
        return Rules(verdict="not-checked", runs=tuple(runs), reason="; ".join(dict.fromkeys(reasons)))
    flagged = all(run.affected and run.fixed == 0 for run in runs)
    return Rules(verdict="flagged" if flagged else "not-flagged", runs=tuple(runs))
