"""What stands behind a control: the best of its claims in a configuration, the worst over configurations."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.claims import check_claims
from threatmodel.claims.evidence import BEST_FIRST, counting, evidence
from threatmodel.system import (
    Attested,
    Boundary,
    Claim,
    Configuration,
    Control,
    FileExists,
    Project,
    Proposed,
    SystemModel,
)

DAY = datetime.date(2026, 6, 1)
SOURCE = "https://example.org/x"


def attested(by: str = "A. Person", expires: str = "2027-01-01") -> Attested:
    return Attested(paths=(), by=by, date="2026-01-01", expires=expires, evidence=SOURCE)


CLAIMS: dict[str, Claim] = {
    "machine": FileExists(paths=("src/a",)),
    "attested": attested(),
    "expired": attested(expires="2026-05-31"),
    "proposed": Proposed(paths=(), statement="The kernel does it", evidence=SOURCE),
}


def project(*claims: Claim, configurations: tuple[str, ...] = ("x",)) -> Project:
    control = Control(id="c", title="C", provides=(), claims=claims)
    boundary = Boundary(id="b", name="B", privilege="none", controls=("c",))
    systems = tuple(
        SystemModel(
            configuration=Configuration(name=name, options={"o": name}),
            boundaries=(boundary,),
            elements=(),
            flows=(),
        )
        for name in configurations
    )
    return Project(id="p", name="P", default_configuration="x", controls=(control,), systems=systems)


def found(made: Project) -> dict[str, str]:
    return dict(evidence(check_claims(made, {}, as_of=DAY), made.systems))


@given(st.lists(st.sampled_from(sorted(CLAIMS)), max_size=4))
def test_a_control_has_the_best_that_stands_behind_it(kinds: list[str]) -> None:
    best = min(kinds, key=[str(kind) for kind in BEST_FIRST].index, default="none")
    assert found(project(*(CLAIMS[kind] for kind in kinds))) == {"c": best}


def test_a_claim_that_was_not_checked_is_one_for_a_program_all_the_same() -> None:
    made = project(CLAIMS["machine"])
    assert check_claims(made, {}, as_of=DAY).checks[0].state == "not-checked"
    assert found(made) == {"c": "machine"}


@pytest.mark.parametrize("by", ["", " "])
def test_an_attestation_that_names_nobody_is_a_proposal(by: str) -> None:
    assert found(project(attested(by))) == {"c": "proposed"}


def test_over_configurations_the_worst_counts() -> None:
    machine = FileExists(paths=("src/a",), when={"o": ("x",)})
    assert found(project(machine, configurations=("x", "y"))) == {"c": "none"}
    assert found(project(machine, CLAIMS["proposed"], configurations=("y", "x"))) == {"c": "proposed"}


def test_only_what_a_configuration_uses_and_asks_for_counts_there() -> None:
    here, always = FileExists(paths=("a",), when={"o": ("x",)}), FileExists(paths=("b",))
    made = project(here, always, configurations=("x", "y"))
    bare = SystemModel(
        configuration=Configuration(name="z", options={}), boundaries=(), elements=(), flows=()
    )
    made = Project(
        id="p",
        name="P",
        default_configuration="x",
        controls=made.controls,
        systems=(*made.systems, bare),
    )
    ledger = check_claims(made, {}, as_of=DAY)
    counts = [[check.text for check in counting(ledger, system)] for system in made.systems]
    assert counts == [["a exists", "b exists"], ["b exists"], []]
    assert evidence(ledger, [bare]) == {}
