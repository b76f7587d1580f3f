"""Criteria that can never decide are told; what can decide is not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.policy import Criterion, Subject, read_policy, strangers, unreachable
from threatmodel.core.diagnostics import Place, Severity
from threatmodel.load import Manifest

Facts = Mapping[str, tuple[str, ...]]


def criteria(about: Subject, *facts: Facts) -> tuple[Criterion, ...]:
    """One criterion for each, in lines 1, 2 …"""
    return tuple(
        Criterion(priority="p1", about=about, facts=found, because="so", place=Place("t.toml", line))
        for line, found in enumerate(facts, 1)
    )


def dead(about: Subject, *facts: Facts) -> list[int]:
    """The lines of those that never decide."""
    return [found.place.line for found in unreachable(criteria(about, *facts)) if found.place]


ALL_RISKS = ("low", "medium", "high", "critical")


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ([{"risk": ("high",)}, {"risk": ("critical", "high")}], []),
        ([{"risk": ("critical", "high")}, {"risk": ("high",)}], [2]),
        ([{"risk": ("high",)}, {"risk": ("high",), "status": ("open",)}], [2]),
        ([{"risk": ("high",), "status": ("open",)}, {"risk": ("high",)}], []),
        ([{"risk": ("high",)}, {"risk": ("low",)}, {"risk": ("high", "low"), "rule": ("X",)}], [3]),
        ([{}, {"risk": ("high",)}], [2]),
        ([{"risk": ALL_RISKS}, {"status": ("open",)}], [2]),
        ([{"risk": ALL_RISKS[1:]}, {"status": ("open",)}], []),
        ([{"status": ("open", "unverified", "contradicted")}, {"risk": ("low",)}], [2]),
        ([{"status": ("mitigated",)}], [1]),
        ([{"status": ("mitigated", "open")}], []),
        ([{"rule": ("A",)}, {"rule": ("A", "B")}], []),
        ([{"rule": ("A",)}, {"pack": ("ipc",)}], []),
        ([{"adversary": ("a", "b")}, {"adversary": ("a",)}], [2]),
        ([{"adversary": ("a",)}, {"adversary": ("a", "b")}], []),
        ([{"privilege": ("none", "restricted", "user", "elevated", "root", "kernel")}, {}], [2]),
    ],
)
def test_what_is_told(facts: list[Facts], lines: list[int]) -> None:
    assert dead("threat", *facts) == lines


def test_criteria_about_other_things_hide_nothing() -> None:
    found = (*criteria("claim", {}), *criteria("finding", {"cwe": ("CWE-1",)}))
    assert unreachable(found) == ()
    assert dead("claim", {"state": ("verified",)}) == [1]


def test_the_warning_names_what_hides_the_criterion() -> None:
    (told,) = unreachable(
        criteria("threat", {"risk": ("high",)}, {"risk": ("high",), "stride": ("tampering",)})
    )
    assert told.render() == (
        "t.toml:2  M037  this criterion never decides: everything that fits it fits an earlier one, that of p1 in "
        "line 1; move it up, narrow what stands above it, or remove it"
    )
    assert told.severity is Severity.WARNING


def test_the_defaults_all_decide() -> None:
    assert unreachable(read_policy(Manifest()).criteria) == ()


words = st.lists(st.sampled_from(("a", "b")), min_size=1, max_size=2, unique=True).map(tuple)
risks = st.lists(st.sampled_from(ALL_RISKS), min_size=1, max_size=4, unique=True).map(tuple)


@given(
    st.lists(
        st.fixed_dictionaries({}, optional={"risk": risks, "rule": words, "adversary": words}), max_size=5
    )
)
def test_by_its_definition(facts: list[Facts]) -> None:
    """Every combination of values, with one value that nobody names and every set of adversaries."""
    sets = [set(found) for n in range(4) for found in itertools.combinations(("a", "b", "other"), n)]
    decided = set()
    for risk, rule, people in itertools.product(ALL_RISKS, ("a", "b", "other"), sets):
        values = {"risk": {risk}, "rule": {rule}, "adversary": people}
        fitting = (
            line
            for line, found in enumerate(facts, 1)
            if all(not values[name].isdisjoint(words) for name, words in found.items())
        )
        decided.add(next(fitting, 0))
    assert dead("threat", *facts) == [line for line in range(1, len(facts) + 1) if line not in decided]


def test_a_search_that_is_too_long_tells_nothing() -> None:
    many = [{"rule": (f"r{n}",), "adversary": (f"a{n}",)} for n in range(60)]
    everything = {
        "rule": tuple(f"r{n}" for n in range(60)),
        "adversary": tuple(f"a{n}" for n in range(60)),
    }
    assert dead("threat", *many, everything) == []


def test_names_that_the_model_does_not_have() -> None:
    found = criteria("threat", {"adversary": ("hostile-gest", "hostile-guest"), "risk": ("high",)})
    (told,) = strangers(found, {"adversary": ["hostile-guest"]})
    assert told.render() == (
        't.toml:1  M028  a criterion of p1: adversary "hostile-gest" is not in the model; '
        'did you mean "hostile-guest"?'
    )
