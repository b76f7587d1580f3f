"""What an option of the Kata model changes: a configuration before and after a choice."""

from __future__ import annotations

from collections.abc import Mapping

from tests.models.outside import ROOT, load
from threatmodel.load import broken_combinations
from threatmodel.system import Boundary, Configuration, Element, Flow, Project, SystemModel

Case = tuple[dict[str, str], dict[str, str], list[str], list[str]]
"""What is chosen, what of it is changed, what is there only before, and what is there only afterwards. A name is a flow,
an element, a boundary, or a control where it is attached (flow:control)."""


def tried(cases: Mapping[str, Case]) -> Project:
    """The Kata model with `<case> before` and `<case> after` for each case. Each is a valid combination."""
    chosen = {
        f"{name} {when}": options
        for name, (base, change, _, _) in cases.items()
        for when, options in (("before", base), ("after", {**base, **change}))
    }
    assert broken_combinations(ROOT / "models/kata", "models/kata", [*chosen.values()]) == ((),) * len(chosen)
    return load(
        "kata", [Configuration(name=name, options=options) for name, options in chosen.items()]
    ).project


def names(system: SystemModel) -> set[str]:
    """All that a case may name."""
    items: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
    return {item.id for item in items} | {
        f"{item.id}:{control}" for item in items for control in item.controls
    }


def check_choice(project: Project, name: str, case: Case) -> None:
    """What the case names is gone, and has come."""
    _, _, gone, came = case
    before, after = (names(project.system(f"{name} {when}")) for when in ("before", "after"))
    assert set(gone) <= before - after
    assert set(came) <= after - before
