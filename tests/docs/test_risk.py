"""`docs/risk.md` says what the program does: its tables are made by a run."""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path

import pytest

from collateral.policy import Priorities, read_policy
from threatmodel.analysis import analyse
from threatmodel.load import load_model, read_manifest
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import ControlState
from threatmodel.system.risk import DEFAULT_IMPACT, DEFAULT_LIKELIHOOD, DEFAULT_MATRIX, RiskSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/risk.md").read_text("utf-8")


def _rows(head: str) -> list[list[str]]:
    """The rows of the table below this head."""
    lines = TEXT[TEXT.index(head) :].splitlines()[2:]
    end = next(at for at, line in enumerate(lines) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[:end]]


def test_matrix_and_scales_are_the_built_in_ones() -> None:
    assert _rows("| likelihood | impact 1 |") == [[str(n), *row] for n, row in enumerate(DEFAULT_MATRIX, 1)]
    assert _rows("| | likelihood | impact |") == [
        [str(n), *texts] for n, texts in enumerate(zip(DEFAULT_LIKELIHOOD, DEFAULT_IMPACT, strict=True), 1)
    ]


def test_the_section_that_is_shown_is_the_default(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(\[risk\]\n.*?)```", TEXT, re.DOTALL)
    assert set(tomllib.loads(block)["risk"]) == {"matrix", "reach", "privilege", "mitigation"}
    (tmp_path / "threatmodel.toml").write_text(block)
    assert read_manifest(tmp_path, "m").risk == RiskSettings()


@pytest.mark.slow
def test_the_example_is_that_of_a_run() -> None:
    loaded = load_model(ROOT / "models/kata", "models/kata", load_vocabulary())
    rules = [rule for rule in load_packs(loaded.manifest.packs, load_vocabulary()) if rule.id == "VIRT-007"]
    (name,) = re.findall(r"in the configuration `([^`]+)`", TEXT)
    priorities = Priorities(loaded.project, read_policy(loaded.manifest).criteria)
    rows = _rows("| claims of the control |")
    states: tuple[ControlState, ...] = ("not-checked", "verified", "contradicted")
    assert [row[0] for row in rows] == list(states)
    for state, row in zip(states, rows, strict=True):
        threats = analyse(
            loaded.project,
            rules,
            {(name, control.id): state for control in loaded.project.controls},
            as_of=datetime.date(2026, 1, 1),
            risk=loaded.manifest.risk,
            configurations=[name],
        )
        (threat,) = [threat for threat in threats if threat.id == "VIRT-007@F46.balloon"]
        here = threat.by_configuration[name]
        numbers = (here.likelihood, here.residual_likelihood, here.impact, here.inherent, here.risk)
        assert row[1:] == [here.status, *map(str, numbers), priorities.of_threat(threat, name).priority]
    assert f"`likelihood: {rules[0].likelihood.text}`" in TEXT
    assert f"`impact: {rules[0].impact.text}`" in TEXT
