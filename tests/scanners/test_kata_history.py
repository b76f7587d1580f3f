"""The rules for published advisories of Kata Containers: each is proved on the releases around the fix."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanners.adapters.semgrep import SemgrepScanner
from scanners.adapters.semgrep_rules import load_rules
from scanners.history import PACKS, HistoryCase, history_cases
from scanners.run.scheduler import DEFAULT_LIMITS
from tests.scanners.support import TOOLS, make_tree, run_scan
from tests.scanners.test_rulepack import HISTORY, PACK, read_rules, rule_files
from threatmodel.source import open_source

ROOT = Path(__file__).resolve().parents[2]
SOURCE = os.environ.get("KATA_SOURCE", "").partition("@")[0]


def read_table() -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = yaml.safe_load(HISTORY.with_suffix(".yaml").read_text())["advisories"]
    return table


CASES = history_cases(HISTORY)
RULES = {rule["id"]: rule for path in rule_files(HISTORY) for rule in read_rules(path)}
ADVISORIES: dict[str, dict[str, Any]] = {
    entry["id"]: entry
    for entry in yaml.safe_load((ROOT / "models/kata/advisories.yaml").read_text())["advisories"]
}


def test_the_pack_is_one_that_a_backtest_runs() -> None:
    assert HISTORY in PACKS
    assert [(case.before, case.after) for case in CASES if case.path != case.fixed_path] == [
        (
            "3.32.0/src/dragonball/dbs_virtio_devices/src/block/handler.rs",
            "4.0.0/src/dragonball/crates/dbs_virtio_devices/src/block/handler.rs",
        )
    ]


def test_every_rule_has_a_case_of_its_own_advisory() -> None:
    assert {(case.rule, case.advisory) for case in CASES} == {
        (name, rule["metadata"]["kata-advisory"]) for name, rule in RULES.items()
    }


def test_every_advisory_since_2025_with_a_known_fix_has_a_rule() -> None:
    assert {case.advisory for case in CASES} == {
        name
        for name, entry in ADVISORIES.items()
        if entry.get("fix_commits") and str(entry["published"]) >= "2025"
    }


@pytest.mark.parametrize("entry", read_table(), ids=lambda entry: entry["id"])
def test_the_table_agrees_with_the_list_of_advisories(entry: dict[str, Any]) -> None:
    known = ADVISORIES[entry["id"]]
    assert [span["fixed"] for span in known["ranges"]] == [entry["fixed"]]
    for row in entry["rules"]:
        metadata = RULES[row["rule"]]["metadata"]
        assert metadata["references"][0] == known["source"]
        assert set(metadata["cwe"]) >= set(known["cwe"])
        assert metadata["stride"] == known["stride"]
        assert row["findings"] > 0


def test_the_pack_is_not_a_part_of_the_pack_that_every_scan_uses() -> None:
    every = load_rules(PACK)
    assert SemgrepScanner().rules == PACK
    assert set(load_rules(HISTORY).rules) == set(RULES)
    assert not set(RULES) & set(every.rules)


def contains(tag: str, commit: str) -> bool:
    command = ["git", "-C", SOURCE, "merge-base", "--is-ancestor", commit, tag]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(
    not Path(SOURCE or "/nowhere").is_dir(), reason="KATA_SOURCE does not name a local repository"
)
@pytest.mark.parametrize("entry", read_table(), ids=lambda entry: entry["id"])
def test_the_fix_is_in_the_fixed_release_alone(entry: dict[str, Any]) -> None:
    for commit in ADVISORIES[entry["id"]]["fix_commits"]:
        assert [contains(entry[state], commit) for state in ("affected", "fixed")] == [False, True]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    """Rule and flagged lines of each result, by release and path, of one scan over all files of the table."""
    if not SOURCE:
        pytest.skip("KATA_SOURCE does not name a git repository of Kata Containers")
    folder = tmp_path_factory.mktemp("history")
    files: dict[str, str | bytes] = {}
    wanted = sorted({path for case in CASES for path in (case.before, case.after)})
    for tag in sorted({path.partition("/")[0] for path in wanted}):
        with open_source(f"{SOURCE}@{tag}", cache=folder / "cache", base=ROOT) as tree:
            files |= {p: tree.read(p.partition("/")[2]) for p in wanted if p.partition("/")[0] == tag}
    make_tree(folder / "tree", files)
    (result,) = run_scan(folder, (SemgrepScanner(rules=HISTORY),), tools=(TOOLS,), limits=DEFAULT_LIMITS)
    assert result.status == "complete", result.not_scanned
    assert set(result.files_scanned) == set(wanted)
    out: dict[str, list[tuple[str, str]]] = {path: [] for path in wanted}
    for finding in result.findings:
        where = finding.location
        data = files[where.path]
        lines = (data if isinstance(data, str) else data.decode()).splitlines()
        covered = lines[where.line - 1 : where.end_line or where.line]
        out[where.path].append((finding.rule, "\n".join(covered)))
    return out


@pytest.mark.tools
@pytest.mark.slow
@pytest.mark.xdist_group("kata-history")
@pytest.mark.skipif(not (TOOLS / "semgrep").is_file(), reason="no scanners in .venv-scanners")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.advisory}-{case.rule}")
def test_the_rule_fires_before_the_fix_and_is_quiet_after_it(
    case: HistoryCase, found: dict[str, list[tuple[str, str]]]
) -> None:
    counts = Counter(
        path
        for path in (case.before, case.after)
        for rule, lines in found[path]
        if rule == case.rule and re.search(case.place, lines)
    )
    assert counts == {case.before: case.findings}
