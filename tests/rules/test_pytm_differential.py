"""The pack `pytm` finds what pytm's own `resolve()` finds, on any model."""

from __future__ import annotations

import datetime
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytm
from hypothesis import example, given, settings

from tests.rules.pytm_models import SPECS, Made, Spec, build, crowd, project_of, resolved
from threatmodel.analysis import analyse
from threatmodel.analysis.library import matches
from threatmodel.core.errors import InvalidInput
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import Project

RULES = load_packs(["pytm"], load_vocabulary())
FORUM = Path(__file__).parents[1] / "data/pytm/forum.py"
DAY = datetime.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    pytm.TM.reset()


def compare(tm: Any) -> None:
    """Hold the pack to pytm on one model."""
    project, reported = project_of(tm)
    if project.pytm is None:
        assert [found.code for found in reported if found.code == "M040"]
        with pytest.raises((ValueError, TypeError, RecursionError)):
            tm.check()
        with pytest.raises(InvalidInput, match="R013"):
            analyse(project, RULES, as_of=DAY)
        return
    pairs_are_equal(tm, project)


def pairs_are_equal(tm: Any, project: Project) -> None:
    """Findings, what an assumption excludes, and what becomes a threat."""
    assert project.pytm is not None
    kept: set[tuple[str, str]] = set()
    excluded: set[tuple[str, str]] = set()
    left_out: set[tuple[str, str]] = set()
    for rule, node, _ in matches(project, RULES):
        assert rule.library is not None
        sid = rule.library.sid
        assumed = node.assumed.get(sid, project.pytm.assumed.get(sid))
        (kept if assumed is None else excluded if assumed else left_out).add((sid, node.id))
    theirs = resolved(tm, project)
    assert kept == theirs.findings
    assert excluded == theirs.excluded
    assert {sid for sid, _ in left_out} <= {*pytm.TM._threatsExcluded}
    boundaries = {node.id for node in project.pytm.nodes if node.kind == "boundary"}
    threats = analyse(project, RULES, as_of=DAY)
    open_ = {(t.rule.removeprefix("PYTM-"), t.target.id) for t in threats if not t.disposition}
    proposed = {(t.rule.removeprefix("PYTM-"), t.target.id) for t in threats if t.disposition}
    assert open_ == {pair for pair in kept if pair[1] not in boundaries}
    assert proposed == {pair for pair in excluded | left_out if pair[1] not in boundaries}


_TWICE = Spec(
    tm={},
    excluded=(),
    boundaries=(),
    data=(),
    elements=(
        Made(cls=pytm.Server, attributes={}, controls={}, numbers=(0,) * 5, overrides=("AA01", "AA01")),
    ),
    flows=(),
)


@settings(max_examples=25)
@given(SPECS)
@example(_TWICE)  # pytm refuses it
def test_a_few_models(spec: Spec) -> None:
    compare(build(spec))


def test_a_model_in_the_style_of_pytm_s_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytm.TM, "process", lambda _: None)
    tm = runpy.run_path(str(FORUM), run_name="__main__")["tm"]
    compare(tm)
    assert (len(tm.findings), len(tm.excluded_findings)) == (174, 1)


@pytest.mark.slow
@settings(max_examples=500)
@given(SPECS)
def test_many_models(spec: Spec) -> None:
    compare(build(spec))


@pytest.mark.slow
def test_every_rule_fires_and_stays_quiet_where_pytm_does() -> None:
    """Guards the tests above: a rule that random models never reach would be held to nothing."""
    tm = crowd(120)
    project, _ = project_of(tm)
    pairs_are_equal(tm, project)
    assert project.pytm is not None
    fired = Counter(rule.id for rule, _, _ in matches(project, RULES))
    for rule in RULES:
        assert rule.library is not None
        asked = [
            node
            for node in project.pytm.nodes
            if node.attributes.get("inScope", True)
            and rule.library.targets & {*project.pytm.classes[node.cls].classes}
        ]
        assert 0 < fired[rule.id] < len(asked), rule.id
