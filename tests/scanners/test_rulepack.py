"""The semgrep rule packs: form of every rule, and their own unit tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "scanners" / "rulepacks" / "semgrep"
HISTORY = ROOT / "scanners" / "rulepacks" / "kata-history"
PACKS = (PACK, HISTORY)


def rule_files(pack: Path) -> list[Path]:
    return sorted(p for p in pack.rglob("*.yaml") if not p.name.endswith(".test.yaml"))


RULE_FILES = [path for pack in PACKS for path in rule_files(pack)]

SUFFIXES = {
    "go": ".go",
    "rust": ".rs",
    "bash": ".sh",
    "python": ".py",
    "yaml": ".test.yaml",
    "generic": ".txt",
    "dockerfile": ".dockerfile",
}
"""Folder of the pack -> suffix of the test file beside each rule."""

LANGUAGES = {folder: folder for folder in SUFFIXES} | {"generic": "regex", "dockerfile": "regex"}
LEVELS = {"HIGH", "MEDIUM", "LOW"}
STRIDE = {
    "spoofing",
    "tampering",
    "repudiation",
    "information-disclosure",
    "denial-of-service",
    "elevation-of-privilege",
}


def read_rules(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    assert set(document) == {"rules"}
    rules: list[dict[str, Any]] = document["rules"]
    return rules


def case_file(rule_file: Path) -> Path:
    return rule_file.with_name(rule_file.stem + SUFFIXES[rule_file.parent.name])


def find_semgrep() -> str | None:
    """Prefer the scanners' own environment, then the one that runs the tests, then PATH."""
    for folder in (ROOT / ".venv-scanners" / "bin", Path(sys.executable).parent):
        if os.access(folder / "semgrep", os.X_OK):
            return str(folder / "semgrep")
    return shutil.which("semgrep")


def test_pack_covers_every_language() -> None:
    files = rule_files(PACK)
    per_folder = {folder: sum(p.parent.name == folder for p in files) for folder in SUFFIXES}
    assert len(files) >= 80
    assert min(per_folder.values()) >= 3, per_folder


def test_ids_are_unique() -> None:
    ids = [rule["id"] for path in RULE_FILES for rule in read_rules(path)]
    assert len(ids) == len(set(ids))


def test_no_test_file_without_a_rule() -> None:
    expected = {path for rule in RULE_FILES for path in (rule, case_file(rule))}
    assert {p for pack in PACKS for p in pack.rglob("*") if p.is_file()} == expected


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda p: p.stem)
def test_rule_is_complete(path: Path) -> None:
    (rule,) = read_rules(path)
    folder = path.parent.name
    assert rule["id"] == path.stem
    assert re.fullmatch(rf"{folder}-[a-z0-9]+(-[a-z0-9]+)*", rule["id"])
    assert rule["languages"] == [LANGUAGES[folder]]
    assert rule["severity"] in {"ERROR", "WARNING", "INFO"}
    assert 60 <= len(rule["message"]) <= 400
    assert rule["message"] == rule["message"].strip()
    metadata = rule["metadata"]
    history = path.is_relative_to(HISTORY)
    extra = {"kata-advisory"} if history else {"impact", "likelihood", "false-positive"}
    assert set(metadata) == {"category", "confidence", "stride", "cwe", "references"} | extra
    assert metadata["category"] == "security"
    assert metadata["confidence"] in LEVELS
    if not history:
        assert {metadata["impact"], metadata["likelihood"]} <= LEVELS
        assert 20 <= len(metadata["false-positive"]) <= 200
    assert metadata["stride"] in STRIDE
    assert metadata["cwe"]
    assert all(re.fullmatch(r"CWE-[1-9][0-9]*", cwe) for cwe in metadata["cwe"])
    assert metadata["references"]
    assert all(url.startswith("https://") for url in metadata["references"])


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda p: p.stem)
def test_rule_has_firing_and_quiet_case(path: Path) -> None:
    text = case_file(path).read_text(encoding="utf-8")
    marks = re.findall(r"(?:#|//) (ruleid|ok): (\S+)", text)
    assert ("ruleid", path.stem) in marks
    assert ("ok", path.stem) in marks
    assert {rule for _, rule in marks} == {path.stem}


@pytest.mark.parametrize("path", rule_files(PACK), ids=lambda p: p.stem)
def test_rule_of_every_scan_has_two_cases_of_each_kind(path: Path) -> None:
    kinds = re.findall(r"(?:#|//) (ruleid|ok): ", case_file(path).read_text(encoding="utf-8"))
    assert min(kinds.count("ruleid"), kinds.count("ok")) >= 2


@pytest.mark.tools
@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_rules_pass_their_cases(pack: Path, tmp_path: Path) -> None:
    semgrep = find_semgrep()
    if semgrep is None:
        pytest.skip("semgrep is not installed")
    env = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SEND_METRICS": "off",
    }
    done = subprocess.run(
        [semgrep, "test", str(pack)], env=env, capture_output=True, text=True, timeout=300, check=False
    )
    report = done.stdout + done.stderr
    assert done.returncode == 0, report
    # A rule whose test file semgrep does not find is left out silently, so the count matters too.
    count = len(rule_files(pack))
    assert f"{count}/{count}" in report
