"""Constants before their values are worked out, and the scopes that their names stand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from threatmodel.readers.expressions import Scalar, Unknown
from threatmodel.readers.syntax import Syntax


@dataclass(slots=True, eq=False)
class Scope:
    """What names stand in. `kind`: the type of the node, empty for the file; blocks have no label. `macro`: its name."""

    kind: str
    label: str
    parent: Scope | None
    depth: int = 0
    macro: str = ""
    names: dict[str, list[Declared]] = field(default_factory=dict)
    inner: dict[tuple[str, str], Scope] = field(default_factory=dict)

    def path(self) -> tuple[str, ...]:
        """The labels from the file inwards."""
        at: Scope | None = self
        labels = []
        while at is not None:
            labels += [at.label] if at.label else []
            at = at.parent
        return tuple(reversed(labels))


@dataclass(slots=True, kw_only=True, eq=False)
class Declared:
    """A constant before its value is worked out.

    `after`: the constant that it follows by one, in an enum of C. `reason`: why there is no value to work out. `text`: it
    is declared as a text. `known`: the value, once it was worked out; `begun`: that is under way.
    """

    name: str
    scope: Scope
    line: int
    syntax: Syntax
    expression: Node | None = None
    iota: int | None = None
    after: Declared | None = None
    reason: str = ""
    text: bool = False
    known: Scalar | Unknown | None = None
    begun: bool = False
