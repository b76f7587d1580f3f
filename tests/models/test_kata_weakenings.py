"""Each change that switches off a control takes the state `verified` from it, and from no control beside it."""

from __future__ import annotations

import pytest

from tests.models.mutations import kata_with
from tests.models.weaken import Weakening, contradicted, edited, fallen, found
from tests.models.weakenings import FIRST, LATER, OTHERS, PARTLY
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project() -> Project:
    return kata_with(OTHERS)


CHANGES = [*FIRST, *LATER]


@pytest.mark.parametrize("change", CHANGES, ids=[f"{change.name}-{at}" for at, change in enumerate(CHANGES)])
def test_a_control_that_is_switched_off_is_no_longer_verified(
    project: Project, source: SourceTree, change: Weakening
) -> None:
    controls = fallen(project, source, change)
    assert found(change, controls), sorted(controls)


@pytest.mark.parametrize("change", PARTLY, ids=[f"{change.name}-{at}" for at, change in enumerate(PARTLY)])
def test_what_a_source_says_of_a_control_that_is_partly_proposed_counts(
    project: Project, source: SourceTree, change: Weakening
) -> None:
    assert change.control in contradicted(project, source, change)


def test_changes_are_many_and_of_every_part() -> None:
    paths = {path for change in CHANGES for path, _, _ in change.edits}
    for part in (
        *("src/agent/", "src/runtime/", "src/runtime-rs/", "src/dragonball/", "src/tools/genpolicy/"),
        *(".github/workflows/", "tools/packaging/kata-deploy/", "versions.yaml"),
    ):
        assert any(path.startswith(part) for path in paths), part
    assert len({change.control for change in CHANGES}) >= 40
    assert sum(change.keeps for change in CHANGES) >= 20


def test_a_change_whose_text_is_gone_is_an_error(source: SourceTree) -> None:
    with pytest.raises(ValueError, match="holds this 0 times"):
        edited(source, [("VERSION", "no such text", "")])
