"""Covers: every possible pair is held, nothing that is invalid is in them, the same options give the same rows."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.system import OptionSpec
from threatmodel.system.cover import Combination, Cover, make_cover


def specs(*sizes: int) -> list[OptionSpec]:
    return [
        OptionSpec(name=f"o{at}", values=tuple(f"v{value}" for value in range(size)))
        for at, size in enumerate(sizes)
    ]


def forbidding(pairs: set[tuple[str, str, str, str]]) -> object:
    return lambda row: all(not (row[a] == b and row[c] == d) for a, b, c, d in pairs)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[OptionSpec], set[tuple[str, str, str, str]]]:
    options = specs(*draw(st.lists(st.integers(2, 4), min_size=2, max_size=5)))
    pairs = [
        (one.name, a, other.name, b)
        for one, other in combinations(options, 2)
        for a, b in product(one.values, other.values)
        if (a, b) != ("v0", "v0")  # the defaults are valid
    ]
    return options, draw(st.sets(st.sampled_from(pairs), max_size=6))


def every(options: list[OptionSpec], cover: Cover) -> set[tuple[str, str, str, str]]:
    return {
        (one.name, row[one.name], other.name, row[other.name])
        for row in cover.combinations
        for one, other in combinations(options, 2)
    }


@given(worlds())
def test_pairs_are_held_or_named(world: tuple[list[OptionSpec], set[tuple[str, str, str, str]]]) -> None:
    options, forbidden = world
    valid = forbidding(forbidden)
    cover = make_cover(options, ["o0"], [], valid)  # type: ignore[arg-type]
    assert all(valid(row) for row in cover.combinations)  # type: ignore[operator]
    held, missed = every(options, cover), set(cover.impossible)
    assert not held & missed
    assert len(held) + len(missed) == cover.pairs
    assert forbidden <= missed
    assert cover == make_cover(options, ["o0"], [], valid)  # type: ignore[arg-type]


def test_without_rules_every_structural_combination_and_every_pair_is_there() -> None:
    options = specs(2, 3, 2, 2, 4)
    cover = make_cover(options, ["o0", "o1"], [], lambda row: True)
    assert [(row["o0"], row["o1"]) for row in cover.structural] == [
        *product(("v0", "v1"), ("v0", "v1", "v2"))
    ]
    assert (cover.asked, cover.impossible) == (6, ())
    assert len(every(options, cover)) == cover.pairs
    assert len(cover.pairwise) < 2 * 3 * 2 * 2 * 4 / 3


def test_a_rule_between_two_options_is_met_by_changing_one_more() -> None:
    options = specs(2, 2, 2)

    def valid(row: Combination) -> bool:
        return (row["o0"] == "v1") == (row["o1"] == "v1")

    cover = make_cover(options, ["o0"], [], valid)
    assert [dict(row) for row in cover.structural] == [
        {"o0": "v0", "o1": "v0", "o2": "v0"},
        {"o0": "v1", "o1": "v1", "o2": "v0"},
    ]
    assert cover.impossible == (("o0", "v0", "o1", "v1"), ("o0", "v1", "o1", "v0"))


@pytest.mark.parametrize("starts", [[], [{"o1": "v1"}]])
def test_starts_that_are_invalid_are_left_out(starts: list[Combination]) -> None:
    cover = make_cover(specs(2, 2), [], starts, lambda row: row["o1"] == "v0")
    assert cover.structural == ()
    assert all(row["o1"] == "v0" for row in cover.pairwise)
    assert bool(cover.pairwise) == (not starts)
