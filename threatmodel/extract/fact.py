"""Facts of a source tree's surface, and what could not be read of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from threatmodel.core.canonical import digest

Kind = Literal[
    "rpc",
    "constants",
    "toml-keys",
    "pins",
    "workflows",
    "codeowners",
    "policy",
    "arguments",
    "names",
    "values",
    "guards",
    "implementations",
    "gated-keys",
]
PER_FILE: frozenset[Kind] = frozenset({"toml-keys", "pins", "workflows", "codeowners", "policy"})
"""Kinds whose names mean something inside one file only; names of the others hold for the whole extract."""


class Tree(Protocol):
    """What an extractor needs of a source tree."""

    def paths(self) -> tuple[str, ...]: ...
    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fact:
    """One thing that the source offers or takes: `kind` and `name` say which, `detail` how. `line` counts from 1; 0 where
    the format gives none. `by` is what makes the detail so; another one is no change. Texts are as the source has them,
    not folded."""

    kind: Kind
    name: str
    detail: str
    path: str
    line: int
    by: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What two facts of one extract share that are the same thing: its name, and its file where that matters."""
        return (self.path if self.kind in PER_FILE else "", self.name)

    @property
    def shown(self) -> str:
        """The detail with what makes it so."""
        return f"{self.by} = {self.detail}" if self.by else self.detail


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Unread:
    """A file, a pattern of files or a place in a file that tells nothing, and why. `line` 0 is the whole of it."""

    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a reader may know of the tree beside its file: all paths, where owners are asked for, and the files that the
    settings look things up in, path and text each."""

    paths: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is read: files by globs, and the settings of the kind.

    `lookup`: globs of files that are read beside each of them. `pattern`: RE2, of whole texts or names. `without`:
    sections whose second name is left out of keys. `makefile`: what fills the templates, with `given` (NAME=value) set
    from outside. `keys`: what pins. `implements`: traits, types or methods. `gates`,
    `returns`: functions. `checks`: RE2, of whole names of functions. `registry`: the name of a static. `owned`: globs of
    what should have an owner. `around` is filled in by `extract`.
    """

    kind: Kind
    paths: tuple[str, ...]
    lookup: tuple[str, ...] = ()
    pattern: str = ""
    without: tuple[str, ...] = ()
    makefile: str = ""
    given: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    checks: str = ""
    returns: str = ""
    registry: str = ""
    owned: tuple[str, ...] = ()
    around: Around = field(default_factory=Around)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The facts of one tree, sorted. `files` were read whole; `empty` are globs that no file matches."""

    facts: tuple[Fact, ...]
    unread: tuple[Unread, ...]
    files: tuple[str, ...]
    empty: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 in hex of kinds, identities and details, so that a moved line changes nothing."""
        return digest(sorted({(fact.kind, *fact.identity, fact.detail) for fact in self.facts}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one file tells. `unread` are places of it that tell nothing."""

    facts: Collection[Fact]
    unread: Collection[Unread] = ()


Reader = Callable[[str, str, Spec], Read]
"""From the text of a file, its path and the settings to its facts. Raises: Unparsable."""
Readers = Mapping[Kind, Reader]
