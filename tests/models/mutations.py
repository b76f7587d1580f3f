"""A control must lose its state `verified` when the defence that it claims is taken out of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from tests.models.outside import DAY, load
from threatmodel.claims import check_claims
from threatmodel.claims.check import Tree
from threatmodel.system import Configuration, Project

Row = tuple[str, str, str, str, str]
"""Control, configuration, path, old text, new text. An empty old text: the new one is put at the end."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A tree in which one file has another text."""

    tree: Tree
    path: str
    text: str

    def paths(self) -> tuple[str, ...]:
        return self.tree.paths()

    def read(self, path: str) -> bytes:
        return self.text.encode() if path == self.path else self.tree.read(path)


def kata_with(others: Mapping[str, Mapping[str, str]]) -> Project:
    """The Kata model with these configurations beside its own."""
    return load(
        "kata", [Configuration(name=name, options=options) for name, options in others.items()]
    ).project


def rows(given: Sequence[Row]) -> pytest.MarkDecorator:
    """Gives a test each row by itself."""
    return pytest.mark.parametrize(
        "row", given, ids=[f"{row[0]}-{row[1]}-{at}" for at, row in enumerate(given)]
    )


def check_control_falls(project: Project, source: Tree, row: Row) -> None:
    """The control is verified in the source, and not in the changed one."""
    control, configuration, path, old, new = row
    text = source.read(path).decode()
    assert old in text, "the row describes a text that this release does not have"
    mutant = text.replace(old, new) if old else text + new
    assert _state(project, control, configuration, source) == "verified"
    assert _state(project, control, configuration, Mutant(source, path, mutant)) != "verified"


def _state(project: Project, control: str, configuration: str, tree: Tree) -> str:
    only = replace(
        project,
        controls=tuple(item for item in project.controls if item.id == control),
        systems=tuple(item for item in project.systems if item.configuration.name == configuration),
    )
    return check_claims(only, {"": tree}, as_of=DAY).states[configuration, control]
