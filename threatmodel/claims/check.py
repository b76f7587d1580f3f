"""One claim after its check, and what a check reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from threatmodel.claims.moved import Moved
from threatmodel.claims.results import Results
from threatmodel.claims.rules import RuleRuns
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.readers.content import Content, Unusable, content_of
from threatmodel.system import WORST_FIRST, SystemModel

ClaimState = Literal[
    "contradicted", "undisclosed", "not-found", "not-checked", "proposed", "attested", "verified"
]
"""`undisclosed`: what a check found and a public edition does not say; no check gives it."""
T = TypeVar("T")
SEEN_MAX = 160
"""Most characters of a text that was seen."""


class Tree(Protocol):
    """What the ledger needs of a source tree."""

    def paths(self) -> tuple[str, ...]: ...
    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCheck:
    """One claim after its check: its sentence, its state, and the place and text that were seen. `source` names the tree
    that it is about, empty for the model's own."""

    control: str
    kind: str
    text: str
    when: Mapping[str, tuple[str, ...]]
    state: ClaimState
    source: str = ""
    path: str = ""
    line: int = 0
    seen: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A source tree as claims read it; each file is read and parsed, and each glob matched, once.

    `systems`: what claims on the model itself compare the tree with. `moved` looks for new places of what was not found,
    `results` are those of test runs of this tree, None where none were given, `rules` those of
    scanners that claims name, None where nobody runs them.
    """

    tree: Tree
    systems: tuple[SystemModel, ...] = ()
    moved: Moved | None = None
    results: Results | None = None
    rules: RuleRuns | None = None
    _contents: dict[str, Content | Unusable] = field(default_factory=dict)
    _selected: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _made: dict[Hashable, Any] = field(default_factory=dict)

    def select(self, glob: str) -> tuple[str, ...]:
        """The paths that match."""
        if glob not in self._selected:
            self._selected[glob] = tuple(select(self.tree.paths(), glob))
        return self._selected[glob]

    def content(self, path: str) -> Content | Unusable:
        """The content of a file, or why it proves nothing."""
        if path not in self._contents:
            try:
                self._contents[path] = content_of(self.tree.read(path), path)
            except ThreatModelError as error:
                self._contents[path] = Unusable(fold(str(error)))
        return self._contents[path]

    def once(self, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """What `make` gives, made once for a key. A key begins with the name of what is made."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def moved_files(self, globs: Iterable[str], pattern: str) -> str:
        """A hint where the files of these globs are now; empty where none is asked for or known."""
        return self.moved.of_files(globs, pattern) if self.moved else ""

    def moved_pattern(self, paths: Iterable[str], pattern: str) -> str:
        """A hint where the pattern stands that is not in these files."""
        return self.moved.of_pattern(paths, pattern) if self.moved else ""


def worst(checks: Iterable[ClaimCheck]) -> ClaimCheck:
    """The worst of several results, the first of equals."""
    return min(checks, key=lambda check: WORST_FIRST.index(check.state))


def absent_source(name: str) -> str:
    """Why a claim was not checked whose source tree was not there; an empty name is the model's own."""
    return f'no source "{name}" was given' if name else "no source tree was given"


def line_of(text: str, line: int) -> str:
    """A line of a text (from 1), fit to be shown."""
    return fold(text.split("\n", line)[line - 1].strip())[:SEEN_MAX]


def files_of(paths: tuple[str, ...]) -> str:
    """The one path, or how many there are."""
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"
