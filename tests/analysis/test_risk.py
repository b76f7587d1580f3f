"""Risk: the matrix, the weights, and what a proven mitigation leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.support import DAY, RULES, VOCABULARY, chain, projects
from threatmodel.analysis import RISK_LEVELS, RiskSettings, analyse
from threatmodel.analysis.judgement import judge
from threatmodel.analysis.risk import clamp, level, residual, steps
from threatmodel.rules import Rule
from threatmodel.rules.language import compile_condition
from threatmodel.system import HOLDS, ControlState, Project
from threatmodel.system.risk import DEFAULT_MATRIX, DEFAULT_PRIVILEGE, PRIVILEGES, Mitigation, falls

NUMBERS = st.integers(1, 5)


@st.composite
def risks(draw: Any) -> RiskSettings:
    """Any settings that a file may hold."""
    heights = [sorted(draw(st.lists(st.integers(0, 3), min_size=5, max_size=5))) for _ in range(5)]
    rows = [[max(row[at] for row in heights[: n + 1]) for at in range(5)] for n in range(5)]
    privilege = sorted(draw(st.lists(st.integers(0, 5), min_size=6, max_size=6)))
    verified = draw(st.integers(0, 4))
    return RiskSettings(
        matrix=tuple(tuple(RISK_LEVELS[number] for number in row) for row in rows),
        reach=tuple(sorted(draw(st.lists(NUMBERS, min_size=5, max_size=5)), reverse=True)),
        privilege=dict(zip(PRIVILEGES, privilege, strict=True)),
        mitigation=Mitigation(verified=verified, attested=draw(st.integers(0, verified))),
    )


def test_the_built_in_matrix_rises() -> None:
    ranks = [tuple(RISK_LEVELS.index(cell) for cell in row) for row in DEFAULT_MATRIX]
    assert [falls(row) for row in ranks] == [None] * 5
    assert [falls(column) for column in zip(*ranks, strict=True)] == [None] * 5
    assert falls((1, 1, 0)) == 2


@given(risks(), st.integers(-5, 12), st.integers(-5, 12), st.integers(0, 3), st.integers(0, 3))
def test_risk_rises_with_likelihood_and_impact(
    risk: RiskSettings, likelihood: int, impact: int, more: int, worse: int
) -> None:
    low, high = level(likelihood, impact, risk), level(likelihood + more, impact + worse, risk)
    assert RISK_LEVELS.index(low) <= RISK_LEVELS.index(high)


@given(st.integers(-5, 12), st.sampled_from([*HOLDS]), risks())
def test_a_mitigation_never_raises_the_likelihood(
    likelihood: int, state: ControlState, risk: RiskSettings
) -> None:
    taken = steps([state], risk.mitigation)
    assert 1 <= residual(likelihood, taken) <= clamp(likelihood) <= 5
    assert residual(likelihood, taken) >= residual(likelihood, steps(["verified"], risk.mitigation))


def test_the_weakest_control_decides_how_much_a_mitigation_takes_away() -> None:
    risk = Mitigation(verified=3, attested=1)
    assert steps(["verified"], risk) == 3
    assert steps(["attested"], risk) == steps(["verified", "attested"], risk) == 1
    provides = {"a-word": ("a",), "b-check": ("a",), "c-check": ("b",)}
    states: dict[str, ControlState] = {
        "a-word": "attested", "b-check": "verified", "c-check": "verified"
    }  # fmt: skip
    assert judge([["a"]], provides, states)[1] == ("b-check",), "a checked control before an attested one"
    del provides["b-check"]
    assert judge([["a"]], provides, states)[1] == ("a-word",)
    assert judge([["a"], ["b"]], provides, states)[1] == ("c-check",), "a checked list before an attested one"


@settings(max_examples=25)
@given(projects(), risks(), st.sampled_from(["verified", "attested", "not-checked", "contradicted"]))
def test_levels_are_read_from_the_numbers_that_are_shown(
    project: Project, risk: RiskSettings, state: ControlState
) -> None:
    for threat in analyse(project, RULES, {("x", "k"): state}, as_of=DAY, risk=risk):
        here = threat.by_configuration["x"]
        assert here.inherent == level(here.likelihood, here.impact, risk)
        assert here.risk == level(here.residual_likelihood, here.impact, risk)
        assert here.residual_likelihood <= here.likelihood
        assert RISK_LEVELS.index(here.risk) <= RISK_LEVELS.index(here.inherent)


@settings(max_examples=25)
@given(projects(), risks())
def test_proof_never_raises_a_risk(project: Project, risk: RiskSettings) -> None:
    found = {
        state: analyse(project, RULES, {("x", "k"): state}, as_of=DAY, risk=risk)
        for state in ("not-checked", "attested", "verified")
    }
    for rows in zip(found["not-checked"], found["attested"], found["verified"], strict=True):
        ranks = [RISK_LEVELS.index(threat.risk) for threat in rows]
        assert ranks == sorted(ranks, reverse=True)
        assert len({threat.by_configuration["x"].inherent for threat in rows}) == 1


@settings(max_examples=25)
@given(projects(), risks())
def test_settings_make_no_threat_come_or_go(project: Project, risk: RiskSettings) -> None:
    def facts(settings: RiskSettings) -> list[tuple[object, ...]]:
        return [
            (t.id, t.status, t.adversaries, t.by_configuration["x"].controls)
            for t in analyse(project, RULES, as_of=DAY, risk=settings)
        ]

    assert facts(risk) == facts(RiskSettings())


@settings(max_examples=25)
@given(projects())
def test_higher_weights_never_lower_a_risk(project: Project) -> None:
    steps = [
        RiskSettings(reach=(reach,) * 5, privilege=dict.fromkeys(PRIVILEGES, privilege))
        for reach, privilege in ((1, 0), (3, 3), (5, 5))
    ]
    rows = [analyse(project, RULES, as_of=DAY, risk=risk) for risk in steps]
    for low, middle, high in zip(*rows, strict=True):
        ranks = [RISK_LEVELS.index(threat.risk) for threat in (low, middle, high)]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_likelihood_rises_with_reach_and_impact_with_privilege(rule: Rule) -> None:
    """What `docs/risk.md` says of every rule: it starts from reach, and more reach or privilege never gives less."""
    assert "reach(" in rule.likelihood.text
    for code in (rule.likelihood.code, rule.impact.code):
        for data in (0, 3):
            for fixed in (0, 5):
                for made in (
                    (_Flat(n, fixed, data) for n in range(6)),
                    (_Flat(fixed, n, data) for n in range(6)),
                ):
                    numbers = [code(world, {rule.applies_to: _THING}) for world in made]
                    assert numbers == sorted(numbers)


_THING: Any = object()


class _Flat:
    """A world in which everything has the same reach, privilege and level of data."""

    def __init__(self, reach: int, privilege: int, data: int) -> None:
        self._numbers = {"reach": reach, "privilege": privilege}
        self._data = data

    def __getattr__(self, name: str) -> Any:
        if name in {"source", "target"}:
            return lambda _: _THING
        return lambda _: self._numbers.get(name, self._data)


def _with(likelihood: str, impact: str) -> Rule:
    def made(text: str, kind: str) -> Any:
        return compile_condition(text, "flow", kind, VOCABULARY)

    return replace(
        next(rule for rule in RULES if rule.applies_to == "flow"),
        id="X",
        when=made("controls(flow.source)", "bool"),
        likelihood=made(likelihood, "int"),
        impact=made(impact, "int"),
    )


def test_weights_stand_for_the_functions_of_a_rule() -> None:
    rule = _with("reach(flow.target)", "privilege(flow.target)")

    def numbers(**changes: Any) -> Iterator[int]:
        (threat,) = analyse(chain(), [rule], as_of=DAY, risk=RiskSettings(**changes))
        here = threat.by_configuration["x"]
        return iter((here.likelihood, here.impact))

    assert tuple(numbers()) == (4, 4)
    assert tuple(numbers(reach=(5, 2, 1, 1, 1))) == (2, 4)
    assert tuple(numbers(privilege={**DEFAULT_PRIVILEGE, "root": 2})) == (4, 2)
