"""What changed on a surface, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collateral.drift.files import DriftFile, DriftRow, NotChecked, TreeFacts
from collateral.report.columns import aligned, piped
from collateral.report.markdown import inline
from threatmodel.extract import Kind

_HEADS = (
    "extract",
    "kind",
    "facts before",
    "now",
    "added",
    "removed",
    "changed",
    "not named",
    "only listed",
    "still named",
    "waived",
)
_LONGEST = 160
_LISTS: frozenset[Kind] = frozenset({"arguments", "names", "values", "implementations"})
"""Kinds with many items that say little one by one."""
_MANY = 8
_MOST = 24
_WORDS = {"named": "named by", "listed": "only listed in", "not-named": "not named"}


def drift_text(file: DriftFile) -> str:
    """A table of the extracts, then the changes of each with what the model says, then what was not checked."""
    lines = [
        f"{file.project}: {_tree(file.baseline)} to {_tree(file.source)}",
        "",
        *aligned(_HEADS, _rows(file)),
    ]
    for row in file.extracts:
        mine = [change for change in file.changes if change.extract == row.id]
        if mine or row.new_paths:
            lines += ["", f"{row.id}, of {', '.join(row.belongs_to)}"]
        lines += [f"  no file of {glob} in the baseline: all it matches is added" for glob in row.new_paths]
        for state, name, value, said in _told(mine):
            lines += [f"  {state:<7}  {name}{value}", f"           {said}"]
    if file.no_owner:
        lines += ["", "without an owner in CODEOWNERS, of what claims and extracts read"]
    lines += [f"  {glob}" for glob in file.no_owner]
    if file.not_checked:
        lines += ["", "not checked"]
    lines += [
        f"  {item.extract}  {item.side}  {_place(item)}  {item.reason}{_waiver(item)}"
        for item in file.not_checked
    ]
    return "\n".join([*lines, "", summary(file), edits(file)]) + "\n"


def drift_markdown(file: DriftFile) -> str:
    """The same as Markdown."""
    heads = [head.capitalize() for head in _HEADS]
    lines = [
        f"{inline(file.project)}: {inline(_tree(file.baseline))} to {inline(_tree(file.source))}",
        "",
        *piped(heads, _rows(file)),
    ]
    for row in file.extracts:
        mine = [change for change in file.changes if change.extract == row.id]
        if mine or row.new_paths:
            lines += ["", f"### {inline(row.id)}, of {inline(', '.join(row.belongs_to))}", ""]
        lines += [
            f"- no file of {inline(glob)} in the baseline: all it matches is added" for glob in row.new_paths
        ]
        lines += [
            f"- {state} **{inline(name)}**{inline(value)}; {inline(said)}"
            for state, name, value, said in _told(mine)
        ]
    if file.no_owner:
        lines += ["", "### Without an owner in CODEOWNERS, of what claims and extracts read", ""]
    lines += [f"- {inline(glob)}" for glob in file.no_owner]
    if file.not_checked:
        lines += ["", "### Not checked", ""]
    lines += [
        f"- {inline(item.extract)}, {item.side}: {inline(_place(item))}: {inline(item.reason + _waiver(item))}"
        for item in file.not_checked
    ]
    return "\n".join([*lines, "", inline(summary(file)), "", inline(edits(file))]) + "\n"


def _told(changes: Sequence[DriftRow]) -> Iterator[tuple[str, str, str, str]]:
    """What is said of the changes of one extract: state, name, value, and what the model says with the place.

    Many items of a list of which the model says the same are one; the JSON has each.
    """
    groups: dict[tuple[str, str, str], list[DriftRow]] = {}
    for change in changes:
        one = change.kind not in _LISTS or change.state == "changed"
        groups.setdefault((change.state, _model(change), change.name if one else ""), []).append(change)
    for (state, said, alone), rows in groups.items():
        if alone or len(rows) <= _MANY:
            for row in rows:
                yield state, row.name, _values(row), f"{said}; {_places(row)}"
            continue
        names = ", ".join(row.name for row in rows[:_MOST])
        more = f" and {len(rows) - _MOST} more" if len(rows) > _MOST else ""
        yield state, f"{len(rows)} items", f": {names}{more}", f"{said}; {_places(rows[0])}, and so on"


def _tree(tree: TreeFacts) -> str:
    return tree.ref or tree.commit[:12] or "a folder"


def _rows(file: DriftFile) -> list[list[str]]:
    return [
        [
            row.id,
            row.kind,
            *(
                str(number)
                for number in (
                    row.facts_before,
                    row.facts,
                    row.added,
                    row.removed,
                    row.changed,
                    row.not_named,
                    row.listed,
                    row.still_named,
                    row.waived,
                )
            ),
        ]
        for row in file.extracts
    ]


def _values(change: DriftRow) -> str:
    if change.state == "changed":
        before, after = _own(change.before, change.after), _own(change.after, change.before)
        if not before or not after:
            return f": now also {_cut(after)}" if after else f": no longer {_cut(before)}"
        return f": {_cut(before)} became {_cut(after)}"
    shown = _cut(change.after if change.state == "added" else change.before)
    return f": {shown}" if shown else ""


def _own(text: str, other: str) -> str:
    """The parts of a value that the other one does not have."""
    shared = frozenset(other.split("; "))
    return "; ".join(part for part in text.split("; ") if part not in shared)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _model(change: DriftRow) -> str:
    said = " ".join((_WORDS[change.model], ", ".join(change.where))).strip()
    if change.state == "removed":
        said = f"still {said}" if change.still else said
        said = f"{said}; other files have it" if change.elsewhere else said
    return said + _waiver(change)


def _waiver(item: DriftRow | NotChecked) -> str:
    return f"; waived by {item.waived_by}" if item.waived_by else ""


def _places(change: DriftRow) -> str:
    first = change.places[0]
    more = len(change.places) - 1
    where = f"{first.path}:{first.line}" if first.line else first.path
    gone = "was " if change.state == "removed" else ""
    return f"{gone}{where}{f' and {more} more' if more else ''}"


def _place(item: NotChecked) -> str:
    return f"{item.path}:{item.line}" if item.line else item.path


def summary(file: DriftFile) -> str:
    """How many changes there are, and what the model says to them."""
    lacks = sum(row.not_named for row in file.extracts)
    listed = sum(row.listed for row in file.extracts)
    named = sum(row.still_named for row in file.extracts)
    undone = f", {len(file.not_checked)} not checked" if file.not_checked else ""
    return (
        f"{len(file.changes)} changes: {lacks} that the model does not name, {listed} that it only lists, "
        f"{named} gone that it names{undone}"
    )


def edits(file: DriftFile) -> str:
    """How many edits of the model follow the source."""
    count = file.edits
    unchecked = " of what was checked" if any(not item.waived_by for item in file.not_checked) else ""
    return (
        f"edits to follow{unchecked}: {count.needed} ({count.not_named} to name, {count.still_named} to take out), "
        f"{count.waived} waived"
    )
