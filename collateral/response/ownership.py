"""Who owns and who knows the code: values of the audit. Names are those of public commits; nobody is appointed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from threatmodel.readers.codeowners import IgnoredLine

ContactState = Literal["names-somebody", "comments-only", "empty", "no-contact", "missing", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A name in the history: commits in the period that touch the paths in question, and the day of the last one."""

    name: str
    commits: int
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """A rule of CODEOWNERS and what it does: how many paths it matches, for how many it wins, who takes the rest."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    matches: int
    wins: int
    shadowed_by: tuple[int, ...] = ()
    """Lines of the later rules that win instead, where it never wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSet:
    """Files that belong together: those of one component, or of one folder that no component has.

    `owners` are all owners of any of the files. `candidates` are people from the history, for somebody to ask: they
    are proposed, not appointed.
    """

    id: str
    component: bool
    elements: tuple[str, ...]
    files: int
    first: str
    """The first of the files."""
    unowned: tuple[str, ...]
    documentation_only: tuple[str, ...]
    owners: tuple[str, ...]
    candidates: tuple[Author, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOwnership:
    """One element and its files. `authors` are people, most commits first; `bots` counts commits of bots.

    `bus_factor`: the smallest number of people who made more than half of the commits; 0 where there is none.
    """

    element: str
    name: str
    components: tuple[str, ...]
    files: int
    unowned: int
    documentation_only: int
    owners: tuple[str, ...]
    authors: tuple[Author, ...]
    commits: int
    bots: int
    bus_factor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFile:
    """A file that should name somebody to reach. `state` is what was found."""

    path: str
    state: ContactState
    owners: tuple[str, ...] = ()
    documentation_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The audit of one tree. Dates are ISO 8601. `history` says why the history is not known; empty where it is."""

    source_commit: str
    as_of: str
    since: str
    codeowners: str
    """The file that counts; empty where there is none."""
    unread: str
    """Why the file counts for nothing; empty where it counts."""
    other_files: tuple[str, ...]
    """CODEOWNERS files that GitHub does not look at, because another one comes first."""
    files: int
    unowned: tuple[str, ...]
    unowned_in_elements: tuple[str, ...]
    documentation_only_in_elements: tuple[str, ...]
    rules: tuple[RuleUse, ...]
    ignored: tuple[IgnoredLine, ...]
    teams: tuple[str, ...]
    """Owners that are teams: who is in them cannot be seen in a source tree."""
    documentation_teams: tuple[str, ...]
    contacts: tuple[ContactFile, ...]
    sets: tuple[PathSet, ...]
    elements: tuple[ElementOwnership, ...]
    history: str
    commits: int
    bots: tuple[str, ...]
    """Names that are taken for bots, by their pattern."""

    @property
    def dead(self) -> tuple[RuleUse, ...]:
        """Rules that match no file."""
        return tuple(rule for rule in self.rules if not rule.matches)

    @property
    def shadowed(self) -> tuple[RuleUse, ...]:
        """Rules that match files and win for none of them."""
        return tuple(rule for rule in self.rules if rule.matches and not rule.wins)
