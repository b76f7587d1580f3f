"""Order of versions, and which versions a range holds."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.dependencies.component import Ecosystem
from scanners.dependencies.matching import affecting
from scanners.dependencies.osv import Affected, Range
from scanners.dependencies.versions import NoVersion, parse

SEMANTIC = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.0.1", "1.1.0", "2.0.0", "10.0.0"]  # fmt: skip
GO = ["0.0.0-20190314233015-f79a8a8ca69d", "0.0.0-20210304033056-74c60be0ef68", "0.0.1",
      "0.0.2-0.20210101000000-abcdefabcdef",
      "0.0.2", "2.0.0+incompatible", "2.0.1+incompatible"]  # fmt: skip
PYTHON = ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1", "1!0.1"]

Identifier = st.one_of(
    st.integers(0, 99).map(str), st.from_regex(r"[A-Za-z-][0-9A-Za-z-]{0,3}", fullmatch=True)
)
Model = tuple[int, int, int, tuple[str, ...]]
Versions = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.integers(0, 12), st.lists(Identifier, max_size=3).map(tuple)
)


def written(model: Model) -> str:
    major, minor, patch, stage = model
    return f"{major}.{minor}.{patch}" + (f"-{'.'.join(stage)}" if stage else "")


def place(model: Model) -> Any:
    """The order that section 11 of Semantic Versioning 2.0.0 asks for, as a key."""
    stage = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in model[3])
    return (*model[:3], not stage, stage)


@pytest.mark.parametrize(
    ("ecosystem", "chain"), [("crates.io", SEMANTIC), ("Go", SEMANTIC), ("Go", GO), ("PyPI", PYTHON)]
)
def test_versions_come_in_the_order_of_their_standard(ecosystem: Ecosystem, chain: list[str]) -> None:
    parsed = [parse(ecosystem, text) for text in chain]
    assert all(a < b and not b < a for a, b in itertools.pairwise(parsed))


@given(Versions, Versions)
def test_semantic_versions_are_ordered_as_the_standard_says(a: Model, b: Model) -> None:
    here, there = parse("Go", written(a)), parse("Go", written(b))
    assert (here < there) == (place(a) < place(b))
    assert (here == there) == (place(a) == place(b))


@given(Versions, st.from_regex(r"[0-9A-Za-z-]{1,5}", fullmatch=True))
def test_build_metadata_and_a_leading_v_have_no_effect(model: Model, build: str) -> None:
    assert parse("Go", f"v{written(model)}+{build}") == parse("Go", written(model))


@pytest.mark.parametrize(("short", "full"), [("0", "0.0.0"), ("1", "1.0.0"), ("1.2-rc.1", "1.2.0-rc.1")])
def test_missing_numbers_are_zero(short: str, full: str) -> None:
    assert parse("crates.io", short) == parse("crates.io", full)


@pytest.mark.parametrize("text", ["", "x", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3 ", "1" * 300])
def test_what_is_no_semantic_version(text: str) -> None:
    with pytest.raises(NoVersion):
        parse("Go", text)


def test_what_is_no_python_version() -> None:
    with pytest.raises(NoVersion, match=r"'1\.0-x-y' is no version"):
        parse("PyPI", "1.0-x-y")


def affected(*events: tuple[str, str], kind: str = "SEMVER", versions: tuple[str, ...] = ()) -> Affected:
    ranges = (Range(kind, events),) if events else ()
    return Affected(versions=frozenset(versions), ranges=ranges, guessed=False)


@pytest.mark.parametrize(
    ("ecosystem", "kind", "events", "inside", "outside"),
    [
        ("crates.io", "SEMVER", "introduced 0.0.0-0, fixed 0.3.24, introduced 0.4.0-0, fixed 0.4.2",
         ["0.1.0", "0.3.23", "0.4.0-rc.1", "0.4.1"], ["0.3.24", "0.3.99", "0.4.2", "1.0.0"]),
        ("crates.io", "SEMVER", "introduced 0", ["0.0.0-0", "99.0.0"], []),
        ("Go", "SEMVER", "introduced 0, fixed 1.7.30, introduced 2.0.0-beta.0, fixed 2.0.8",
         ["1.7.29", "2.0.0-rc.1", "2.0.7", "0.0.0-20190314233015-f79a8a8ca69d"], ["1.7.30", "1.8.0", "2.0.8"]),
        ("Go", "SEMVER", "introduced 0, fixed 2.8.6+incompatible", ["2.8.5+incompatible"], ["2.8.6+incompatible"]),
        ("Go", "SEMVER", "introduced 0, last_affected 1.2.0", ["1.1.0", "1.2.0"], ["1.2.1", "1.2.1-rc.1"]),
        ("PyPI", "ECOSYSTEM", "introduced 2.0, fixed 3.1.3", ["2.0", "3.1.2", "3.1.3rc1"], ["1.9", "3.1.3", "3.1.4"]),
        ("PyPI", "ECOSYSTEM", "introduced 0, last_affected 3.1", ["0.1", "3.1", "3.1.0"], ["3.1.1", "3.1.post1"]),
        ("crates.io", "ECOSYSTEM", "introduced 1.0.0, fixed 1.2.0", ["1.1.9"], ["0.9.0", "1.2.0"]),
        ("Go", "SEMVER", "introduced 0, limit 2.0.0", ["1.9.9"], ["2.0.0", "3.0.0"]),
        ("Go", "SEMVER", "introduced 0, limit *", ["1.9.9", "3.0.0"], []),
    ],
)  # fmt: skip
def test_ranges_hold_what_the_schema_says(
    ecosystem: Ecosystem, kind: str, events: str, inside: list[str], outside: list[str]
) -> None:
    pairs = [(words[0], words[1]) for event in events.split(", ") if (words := event.split())]
    given_ = affected(*pairs, kind=kind)
    assert [text for text in inside if affecting(ecosystem, text, given_) is None] == []
    assert [text for text in outside if affecting(ecosystem, text, given_) is not None] == []


@given(st.lists(Versions, min_size=1, max_size=8, unique_by=place), Versions, st.randoms())
def test_a_version_is_inside_where_an_interval_holds_it(
    bounds: list[Model], model: Model, rng: random.Random
) -> None:
    """The events may stand in any order; the next fixed version is the end of the interval."""
    bounds.sort(key=place)
    events = [("introduced" if at % 2 == 0 else "fixed", written(bound)) for at, bound in enumerate(bounds)]
    below = [at for at, bound in enumerate(bounds) if place(bound) <= place(model)]
    inside = bool(below) and below[-1] % 2 == 0
    rng.shuffle(events)
    found = affecting("Go", written(model), affected(*events))
    assert (found is not None) == inside
    if found is not None:
        assert found == tuple(written(bound) for bound in bounds[below[-1] + 1 : below[-1] + 2])


@pytest.mark.parametrize(
    ("ecosystem", "version", "listed", "inside"),
    [
        ("crates.io", "1.2.3", "1.2.3", True),
        ("crates.io", "1.2.4", "1.2.3", False),
        ("Go", "1.2.3", "v1.2.3", True),
        ("PyPI", "1.0", "1.0.0", True),
        ("PyPI", "1.0", "2004a-odd", False),
        ("PyPI", "2004a-odd", "2004a-odd", True),
    ],
)
def test_listed_versions(ecosystem: Ecosystem, version: str, listed: str, inside: bool) -> None:
    assert (affecting(ecosystem, version, affected(versions=(listed,))) is not None) == inside


@pytest.mark.parametrize(
    ("version", "given_"),
    [
        ("1.0.0", affected()),
        ("1.0.0", affected(("introduced", "0"), ("fixed", "next"))),
        ("x", affected(("introduced", "0"), ("fixed", "2.0.0"))),
        ("1.0.0", affected(("introduced", "0"), ("limit", "x"))),
    ],
)
def test_what_cannot_be_compared_is_never_taken_for_free_of_it(version: str, given_: Affected) -> None:
    with pytest.raises(NoVersion):
        affecting("Go", version, given_)


def test_a_range_that_cannot_be_read_hides_no_other() -> None:
    ranges = (Range("SEMVER", (("introduced", "x"),)), Range("SEMVER", (("introduced", "1.0.0"),)))
    given_ = Affected(versions=frozenset(), ranges=ranges, guessed=False)
    assert affecting("Go", "1.5.0", given_) == ()
    with pytest.raises(NoVersion):
        affecting("Go", "0.5.0", given_)
