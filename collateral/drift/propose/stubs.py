"""What the model lacks to follow a release, as stubs in its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from collateral.deployed import DeployedKeys
from collateral.deployed.keys import KEYS
from collateral.drift.files import DriftFile, DriftRow, spec_of
from collateral.drift.model import EXTRACTS, Extracts, Source
from collateral.drift.propose import layout, records
from collateral.drift.propose.files import ModelFiles
from collateral.drift.propose.operations import Operations
from collateral.drift.propose.operations import Spot as Place
from collateral.drift.propose.wording import Words
from collateral.drift.todo import MARKER
from threatmodel.core.text import fold
from threatmodel.extract import Extract, Fact, Tree, extract
from threatmodel.system import Project

_AFTER_OPERATIONS = ("data", "controls")
"""Keywords of a flow that stand behind its operations."""
_LONGEST = 200
"""Most characters of a name that gets a stub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Texts of files before and after, by their path below the model's folder, and what is said before them.

    `stubs`: how many were placed. `unplaced`: what has no place, and why.
    """

    files: Mapping[str, tuple[str, str]]
    stubs: int
    unplaced: tuple[str, ...]
    head: tuple[str, ...]


@dataclass(slots=True)
class _Pen:
    """Writes the stubs."""

    project: Project
    extracts: Extracts
    keys: DeployedKeys | None
    files: ModelFiles
    operations: Operations
    source: Tree
    needed: Sequence[DriftRow]
    _facts: dict[str, Extract] = field(default_factory=dict)
    _done: set[tuple[str, ...]] = field(default_factory=set)
    stubs: int = 0

    def write(self, row: DriftRow) -> str:
        """Put the stub of a change in its place. A sentence where there is none."""
        wanted = next(source for source in self.extracts.extracts if source.id == row.extract)
        if len(row.name) > _LONGEST or "<U+" in row.name:
            return "its name is too long or has characters that are not shown"
        if row.still:
            return self._gone(row, wanted)
        if wanted.operations_of:
            return self._operation(row, wanted)
        if wanted.kind == "toml-keys" and self.keys is not None:
            return self._key(row, wanted)
        return self._note(row)

    def _operation(self, row: DriftRow, wanted: Source) -> str:
        facts = self._read(wanted).facts
        spot = row.places[0]
        fact = next(
            (f for f in facts if (fold(f.name), fold(f.path), f.line) == (row.name, spot.path, spot.line)),
            None,
        )
        if fact is None:
            return "the source does not have it any more"
        place = self.operations.spot(wanted, fact, facts)
        if isinstance(place, str):
            return place
        name = _spelled(fact, place, facts)
        if place.listing is not None and name in place.listing.known:
            return self._placed()
        block = _block(row, fact, name, place)
        text = self.files.texts[place.path]
        if place.listing is not None:
            made = layout.with_element(text, place.listing.which, place.after, block)
        else:
            inner = ["operations=[", *(f"    {line}" for line in block), "],"]
            made = layout.with_keyword(text, place.call, "operations", inner, _AFTER_OPERATIONS)
        if made is None:
            line = f":{place.listing.line}" if place.listing else ""
            return f"flow {place.flow}, in {place.path}{line}, whose text is not edited by machine"
        self.files.texts[place.path] = made
        self.operations.added(place.flow, name)
        return self._placed()

    def _key(self, row: DriftRow, wanted: Source) -> str:
        """A key goes to the list of known keys that has most keys of its files."""
        assert self.keys is not None
        name = row.name.rpartition(".")[2]
        here = {fact.name.rpartition(".")[2] for fact in self._read(wanted).facts} - {name}
        shares = sorted(
            (len(here & {word for line in lines for word in line.split()}), group)
            for group, lines in self.keys.known.items()
        )
        if not shares or not shares[-1][0] or (len(shares) > 1 and shares[-1][0] == shares[-2][0]):
            return f"no list of known keys in {KEYS} is the one of these files"
        if " " in name:
            return f"{KEYS} has no names with blanks"
        group = shares[-1][1]
        said = f"{MARKER}: {_news(row)}; give it a rule below where it decides an option"
        return self._item(
            KEYS,
            ("known", group),
            name,
            [*layout.comment(said, 4), f"- {records.scalar(name)}"],
            ("known", group, name),
        )

    def _note(self, row: DriftRow) -> str:
        """A note of the extract says what the model makes of the fact."""
        index = next(i for i, source in enumerate(self.extracts.extracts) if source.id == row.extract)
        name = Words.name_of(row)
        alike = [
            r.name for r in self.needed if (r.extract, Words.name_of(r)) == (row.extract, name) and r.unnamed
        ]
        more = [other for other in dict.fromkeys(alike) if other != row.name]
        also = (
            f"; also {', '.join(more[:8])}{f' and {len(more) - 8} more' if more[8:] else ''}" if more else ""
        )
        says = (
            f"{MARKER}: {_news(row)}{also}; what the model makes of it, or a control that claims it instead"
        )
        value = {"name": name, "says": says}
        block = [f"- name: {records.scalar(name)}", f"  says: {records.scalar(says)}"]
        return self._item(EXTRACTS, ("extracts", index, "notes"), value, block, ("note", row.extract, name))

    def _item(
        self,
        path: str,
        route: tuple[str | int, ...],
        value: object,
        block: Sequence[str],
        key: tuple[str, ...],
    ) -> str:
        if key in self._done:
            return self._placed()
        text = self.files.texts.get(path)
        made = records.with_item(text, route, value, block) if text is not None else None
        if made is None:
            return f"{path}, whose text is not edited by machine"
        self.files.texts[path] = made
        self._done.add(key)
        return self._placed()

    def _gone(self, row: DriftRow, wanted: Source) -> str:
        """A comment above the first line that names what is gone; it lists the others."""
        lines = Words(self.files).lines(row, wanted)
        if not lines:
            return f"named by {', '.join(row.where)}, in no text that is spelled out"
        if ("gone", row.name, *map(str, lines[0])) in self._done:
            return self._placed()
        also = f"; also {', '.join(f'{path}:{line}' for path, line in lines[1:6])}" if lines[1:] else ""
        said = f"{MARKER}: {row.name} is gone, it was in {_where(row)}; take it out, or say until when it was there{also}"
        for path, line in lines:
            edit = layout.with_comment if path.endswith(".py") else records.with_comment
            made = edit(self.files.texts[path], line, layout.comment(said))
            if made is not None:
                self.files.texts[path] = made
                self._done.add(("gone", row.name, path, str(line)))
                self._done.add(("gone", row.name, path, str(line + len(layout.comment(said)))))
                return self._placed()
        return f"look at {', '.join(f'{path}:{line}' for path, line in lines[:6])}"

    def _placed(self) -> str:
        self.stubs += 1
        return ""

    def _read(self, wanted: Source) -> Extract:
        if wanted.id not in self._facts:
            self._facts[wanted.id] = extract(self.source, spec_of(wanted, self.project, self.extracts))
        return self._facts[wanted.id]


def propose(
    file: DriftFile,
    project: Project,
    extracts: Extracts,
    keys: DeployedKeys | None,
    files: ModelFiles,
    source: Tree,
    shown: str = "",
) -> Proposal:
    """A stub for each change that needs an edit and is not waived. `files` are edited in memory."""
    needed = [row for row in file.changes if row.needs_edit and not row.waived_by]
    operations = Operations(project, files, shown)
    pen = _Pen(project, extracts, keys, files, operations, source, needed)
    unplaced: list[str] = []
    for row in sorted(needed, key=lambda row: (row.extract, row.places[0].path, row.places[0].line)):
        if reason := pen.write(row):
            unplaced.append(f"{row.extract}: {row.name}, {_where(row)}: {reason}")
    return Proposal(
        files={path: (files.before[path], files.texts[path]) for path in files.changed()},
        stubs=pen.stubs,
        unplaced=tuple(unplaced),
        head=tuple(_head(file, pen.stubs, unplaced)),
    )


def _head(file: DriftFile, stubs: int, unplaced: Sequence[str]) -> Iterable[str]:
    older, newer = (tree.ref or tree.commit[:12] or "a folder" for tree in (file.baseline, file.source))
    yield f"{file.project}: {older} to {newer}, for `git apply`. `threatmodel check` refuses each {MARKER} that is left."
    yield f"{file.edits.needed} edits: {stubs} with a stub, {len(unplaced)} without a place; {file.edits.waived} waived"
    if unplaced:
        yield "no place was worked out for"
    yield from (f"  {' '.join(line.split())}" for line in unplaced)
    if file.not_checked:
        yield "not checked, so nothing is proposed"
    yield from (f"  {item.extract}: {item.path}: {item.reason}" for item in file.not_checked)


def _spelled(fact: Fact, place: Place, facts: Sequence[Fact]) -> str:
    """The name of an operation, in full where those beside it are."""
    last = fact.name.rpartition(".")[2]
    known = place.listing.known if place.listing else frozenset()
    whole = sum(other.name in known for other in facts if "." in other.name)
    parts = sum(other.name.rpartition(".")[2] in known for other in facts if "." in other.name)
    return fact.name if whole > parts else last


def _block(row: DriftRow, fact: Fact, name: str, place: Place) -> list[str]:
    """The lines of an operation. It is made as those beside it are."""
    listing = place.listing
    at = f"{row.places[0].path.rpartition('/')[2]}:{row.places[0].line}"
    moved = ""
    if place.beside is not None and place.others:
        near = place.beside.name.rpartition(".")[2]
        moved = f"; it stands beside {near} as in the source: move it where another flow is the right one"
    if listing is None or not listing.maker:
        said = f"{MARKER}: {_news(row)}; what does the flow say of it?{moved}"
        return [*layout.comment(said), f"{layout.quoted(name)},"]
    lines = [*layout.comment(_news(row) + moved), f"{listing.maker}(", f"    {layout.quoted(name)},"]
    rules = [rule for i in range(len(listing.names)) if (rule := listing.rule_of(i)) is not None]
    if rules:
        takes = _takes(fact.detail)
        follows = place.beside is not None and listing.rule_of(place.after) == _takes(place.beside.detail)
        rule = takes if takes and follows else f"{MARKER}: which rule decides on it"
        lines.append(f"    policy={layout.quoted(rule)},")
    parses = f"{MARKER}: what is parsed of the caller, {at}"
    return [*lines, f"    parses={layout.quoted(parses)},", "),"]


def _takes(detail: str) -> str:
    """The last name of the message that a method takes; empty where the detail says none."""
    takes, returns, _ = detail.partition(" returns ")
    return takes.removeprefix("stream ").rpartition(".")[2] if returns else ""


def _news(row: DriftRow) -> str:
    """What is new, in one line."""
    said = row.after if row.state == "added" else f"{row.before} became {row.after}"
    said = " ".join(said.split())
    said = f": {said}" if said else ""
    return f"{row.name} {'is new' if row.state == 'added' else 'changed'} in {_where(row)}{said}"[:400]


def _where(row: DriftRow) -> str:
    spot = row.places[0]
    return f"{spot.path}:{spot.line}" if spot.line else spot.path
