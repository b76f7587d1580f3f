"""`threatmodel drift --format json`, and how it is made of two source trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from collateral.drift.mentions import Followed, Mention, Mentions, by_file
from collateral.drift.model import Extracts, Source
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.extract import (
    Comparison,
    Extract,
    FactChange,
    Kind,
    Known,
    Side,
    Spec,
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
    keys has. `still_named`: facts that are gone from the source and that the model names. `waived`: how many of both
    have a waiver in force. `new_paths`: globs without a file in the baseline; all they match is added.
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
    waived: int
    new_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """A change of the surface. `model` says whether the model names it, `where` what does (a few of them).

    `elsewhere`: the name is gone from these files and is in others of the extract. Equal changes of several files are
    one. `waived_by`: the waiver in force.
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
    waived_by: str = ""

    @property
    def still(self) -> bool:
        """Whether the model names what is gone."""
        return self.state == "removed" and self.model == "named" and not self.elsewhere

    @property
    def unnamed(self) -> bool:
        """Whether the source has it and the model does not name it."""
        return self.state != "removed" and self.model == "not-named"

    @property
    def needs_edit(self) -> bool:
        """Whether the model has to change to follow it."""
        return self.unnamed or self.still


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """What could not be compared, and why."""

    extract: str
    side: Side
    path: str
    line: int
    reason: str
    waived_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What it takes to follow the source: changes that the model does not name, and facts that are gone and that it
    names. `waived` are not among the others."""

    needed: int
    not_named: int
    still_named: int
    waived: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFile:
    """What changed on the surface of a system between two source trees, and whether its model names it.

    `no_owner`: globs of claims and extracts that match a file of the newer tree that CODEOWNERS gives nobody. `as_of`
    (ISO 8601) is the day on which waivers were judged, empty where the model has none.
    """

    format: Literal["threatmodel/drift"] = "threatmodel/drift"
    version: Literal[1] = 1
    project: str
    as_of: str = ""
    baseline: TreeFacts
    source: TreeFacts
    extracts: tuple[ExtractRow, ...]
    changes: tuple[DriftRow, ...]
    no_owner: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]
    edits: Edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One extract of both trees, compared."""

    row: ExtractRow
    changes: tuple[DriftRow, ...]
    not_checked: tuple[NotChecked, ...]
    no_owner: tuple[str, ...]


def drift_file(
    project: Project, extracts: Extracts, named: Mentions, baseline: SourceTree, source: SourceTree
) -> DriftFile:
    """The whole comparison, in the order of `extracts.yaml`."""
    parts = []
    for wanted in extracts.extracts:
        spec = spec_of(wanted, project, extracts)
        known: Known = {}  # most files are the same in both trees
        older, newer = extract(baseline, spec, known), extract(source, spec, known)
        parts.append(compared(wanted, older, newer, named))
    return joined(project.id, _tree(baseline), _tree(source), parts)


def spec_of(wanted: Source, project: Project, extracts: Extracts) -> Spec:
    """What the extractor needs of an extract: owners are asked for what the model rests on, the files of its claims and
    extracts."""
    if wanted.kind != "codeowners":
        return wanted.spec
    claimed = {path for c in project.controls for claim in c.claims for path in claim.paths}
    read = {path for e in extracts.extracts for path in (*e.paths, *e.lookup)}
    return replace(wanted.spec, owned=tuple(sorted(claimed | read)))


def joined(project: str, baseline: TreeFacts, source: TreeFacts, parts: Sequence[Part]) -> DriftFile:
    """The parts as one file."""
    changes = tuple(row for part in parts for row in part.changes)
    return DriftFile(
        project=project,
        baseline=baseline,
        source=source,
        extracts=tuple(part.row for part in parts),
        changes=changes,
        no_owner=tuple(sorted({glob for part in parts for glob in part.no_owner})),
        not_checked=tuple(item for part in parts for item in part.not_checked),
        edits=counted(changes),
    )


def compared(wanted: Source, older: Extract, newer: Extract, named: Mentions) -> Part:
    """What differs in one extract. A glob whose files tell nothing was not checked: it would find no change either."""
    found = compare(older, newer)
    mine = tuple(_changes(wanted, found.changes, newer, named))
    not_checked = [
        NotChecked(extract=wanted.id, side=u.side, path=fold(u.path), line=u.line, reason=fold(u.reason))
        for u in found.unchecked
    ]
    not_checked += [
        NotChecked(
            extract=wanted.id, side="source", path=fold(glob), line=0, reason="no file of it tells a fact"
        )
        for glob in _silent(wanted, newer)
    ]
    return Part(
        row=_row(wanted, older, newer, found, mine),
        changes=mine,
        not_checked=tuple(not_checked),
        no_owner=tuple(fold(glob) for glob in without_owner(newer.facts)),
    )


def counted(changes: Iterable[DriftRow]) -> Edits:
    """The edits that the changes take."""
    needed = [row for row in changes if row.needs_edit]
    open_ = [row for row in needed if not row.waived_by]
    return Edits(
        needed=len(open_),
        not_named=sum(row.unnamed for row in open_),
        still_named=sum(row.still for row in open_),
        waived=len(needed) - len(open_),
    )


def _silent(wanted: Source, newer: Extract) -> Iterator[str]:
    """Globs whose files were all read whole and tell nothing."""
    telling = {fact.path for fact in newer.facts} | {item.path for item in newer.unread}
    for glob in wanted.paths:
        files = select(newer.files, glob)
        if files and telling.isdisjoint(files):
            yield glob


def _tree(tree: SourceTree) -> TreeFacts:
    return TreeFacts(ref=fold(tree.ref or ""), commit=tree.commit or "")


def _changes(
    wanted: Source, changes: Iterable[FactChange], newer: Extract, named: Mentions
) -> Iterator[DriftRow]:
    names = {fact.name for fact in newer.facts}
    for change in changes:
        mention = named.find(wanted, change)
        if change.state == "removed" and by_file(wanted.kind) and _stays(change, newer):
            mention = Mention(followed="not-named")  # the model names the file, which is still there
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


def _stays(change: FactChange, newer: Extract) -> bool:
    """Whether the files that had a fact are still there."""
    return {place.path for place in change.places} <= {*newer.files, *(item.path for item in newer.unread)}


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
        not_named=sum(row.unnamed for row in changes),
        listed=sum(row.model == "listed" for row in changes if row.state != "removed"),
        still_named=sum(row.still for row in changes),
        waived=0,
        new_paths=found.new_globs,
    )
