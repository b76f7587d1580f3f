"""`threatmodel drift --format json`, and how it is made of two source trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from collateral.drift.mentions import Followed, Mentions
from collateral.drift.model import Extracts, Source
from threatmodel.core.text import fold
from threatmodel.extract import (
    Comparison,
    Extract,
    FactChange,
    Kind,
    Side,
    Spot,
    State,
    compare,
    extract,
    without_owner,
)
from threatmodel.source import SourceTree
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeFacts:
    """A source tree: the ref that was asked for and its commit, empty for a folder."""

    ref: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractRow:
    """One extract in both trees. Digests are over kinds, names and details, not over lines.

    `not_named`: facts that are new or changed and that the model does not name; `listed`: those that only a list of known
    keys has. `still_named`: facts that are gone from the source and that the model names. `new_paths`: globs without a
    file in the baseline; all they match is added.
    """

    id: str
    kind: Kind
    belongs_to: tuple[str, ...]
    files: int
    facts_before: int
    facts: int
    digest_before: str
    digest: str
    added: int
    removed: int
    changed: int
    not_named: int
    listed: int
    still_named: int
    new_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """A change of the surface. `model` says whether the model names it, `where` what does (a few of them).

    `elsewhere`: the name is gone from these files and is in others of the extract. Equal changes of several files are
    one.
    """

    extract: str
    kind: Kind
    state: State
    name: str
    before: str
    after: str
    belongs_to: tuple[str, ...]
    model: Followed
    where: tuple[str, ...]
    elsewhere: bool
    places: tuple[Spot, ...]

    @property
    def still(self) -> bool:
        """Whether the model names what is gone."""
        return self.state == "removed" and self.model == "named" and not self.elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """What could not be compared, and why."""

    extract: str
    side: Side
    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFile:
    """What changed on the surface of a system between two source trees, and whether its model names it.

    `no_owner`: globs of claims and extracts that match a file of the newer tree that CODEOWNERS gives nobody.
    """

    format: Literal["threatmodel/drift"] = "threatmodel/drift"
    version: Literal[1] = 1
    project: str
    baseline: TreeFacts
    source: TreeFacts
    extracts: tuple[ExtractRow, ...]
    changes: tuple[DriftRow, ...]
    no_owner: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]


def drift_file(
    project: Project, extracts: Extracts, named: Mentions, baseline: SourceTree, source: SourceTree
) -> DriftFile:
    """The whole comparison, in the order of `extracts.yaml`."""
    rows: list[ExtractRow] = []
    changes: list[DriftRow] = []
    not_checked: list[NotChecked] = []
    no_owner: list[str] = []
    owned = _modelled(project, extracts)
    for wanted in extracts.extracts:
        spec = replace(wanted.spec, owned=owned if wanted.kind == "codeowners" else ())
        older, newer = extract(baseline, spec), extract(source, spec)
        found = compare(older, newer)
        mine = tuple(_changes(wanted, found.changes, newer, named))
        rows.append(_row(wanted, older, newer, found, mine))
        changes += mine
        no_owner += without_owner(newer.facts)
        not_checked += [
            NotChecked(extract=wanted.id, side=u.side, path=fold(u.path), line=u.line, reason=fold(u.reason))
            for u in found.unchecked
        ]
    return DriftFile(
        project=project.id,
        baseline=_tree(baseline),
        source=_tree(source),
        extracts=tuple(rows),
        changes=tuple(changes),
        no_owner=tuple(fold(glob) for glob in sorted(set(no_owner))),
        not_checked=tuple(not_checked),
    )


def _modelled(project: Project, extracts: Extracts) -> tuple[str, ...]:
    """Globs of what the model rests on: the files of its claims and extracts."""
    claimed = {path for c in project.controls for claim in c.claims for path in claim.paths}
    return tuple(sorted(claimed | {path for e in extracts.extracts for path in (*e.paths, *e.lookup)}))


def _tree(tree: SourceTree) -> TreeFacts:
    return TreeFacts(ref=fold(tree.ref or ""), commit=tree.commit or "")


def _changes(
    wanted: Source, changes: Iterable[FactChange], newer: Extract, named: Mentions
) -> Iterator[DriftRow]:
    names = {fact.name for fact in newer.facts}
    for change in changes:
        mention = named.find(wanted, change)
        yield DriftRow(
            extract=wanted.id,
            kind=wanted.kind,
            state=change.state,
            name=fold(change.name),
            before=fold(change.before),
            after=fold(change.after),
            belongs_to=wanted.belongs_to,
            model=mention.followed,
            where=mention.where,
            elsewhere=change.state == "removed" and change.name in names,
            places=tuple(Spot(path=fold(spot.path), line=spot.line) for spot in change.places),
        )


def _row(
    wanted: Source, older: Extract, newer: Extract, found: Comparison, changes: tuple[DriftRow, ...]
) -> ExtractRow:
    counts = {state: sum(row.state == state for row in changes) for state in ("added", "removed", "changed")}
    return ExtractRow(
        id=wanted.id,
        kind=wanted.kind,
        belongs_to=wanted.belongs_to,
        files=len(newer.files),
        facts_before=len(older.facts),
        facts=len(newer.facts),
        digest_before=older.digest,
        digest=newer.digest,
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        not_named=sum(row.model == "not-named" for row in changes if row.state != "removed"),
        listed=sum(row.model == "listed" for row in changes if row.state != "removed"),
        still_named=sum(row.still for row in changes),
        new_paths=found.new_globs,
    )
