"""What differs between two states of a model. Names, descriptions, places and order are words and no change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from threatmodel.analysis.change import ChangeState, Edit, ModelChange, SubjectKind
from threatmodel.core.diagnostics import Place
from threatmodel.system import Attested, Claim, Project, Proposed, SystemModel

BY_SYSTEM: Mapping[SubjectKind, tuple[str, ...]] = {
    "boundary": ("privilege", "parent", "controls"),
    "element": ("kind", "boundary", "runs_as", "language", "multiple", "traits", "data", "controls"),
    "flow": (
        "source",
        "target",
        "protocol",
        "over",
        "port",
        "authentication",
        "encryption",
        "shares_memory",
        "traits",
        "operations",
        "operation_facts",
        "data",
        "controls",
    ),
}
"""The attributes that are compared; the others are words for people."""
_BY_PROJECT: Mapping[SubjectKind, tuple[str, ...]] = {
    "data": ("confidentiality", "integrity", "availability", "secret", "origin"),
    "control": ("provides", "claims"),
    "adversary": ("family", "controls", "goals", "when"),
    "component": ("globs", "symbols", "runs_in", "role"),
    "code-kind": ("kind", "globs", "symbols"),
    "view": ("elements",),
    "answer": ("category", "at", "reason", "source", "when"),
    "option": ("values",),
}
_LISTS: Mapping[SubjectKind, str] = {
    "data": "data",
    "control": "controls",
    "adversary": "adversaries",
    "component": "components",
    "code-kind": "code_kinds",
    "view": "views",
    "answer": "answers",
    "option": "options",
}
_ORDER: tuple[SubjectKind, ...] = ("configuration", "option", "boundary", "element", "flow", *_LISTS)
Describe = Callable[[Claim], str]


def compare_projects(
    base: Project, head: Project, configurations: Iterable[str], describe: Describe
) -> tuple[ModelChange, ...]:
    """Every thing that was added, removed or changed, sorted by kind and id.

    `configurations` names those that are looked at; one that only one side has is a change of kind `configuration`,
    and its content is not listed. `describe` says a claim in a sentence.
    """
    wanted = frozenset(configurations)
    found = [*_configurations(base, head, wanted), *_parts(base, head, describe)]
    both = {s.configuration.name: s for s in base.systems if s.configuration.name in wanted}
    merged: dict[tuple[SubjectKind, str, ChangeState, tuple[Edit, ...]], list[tuple[str, ModelChange]]]
    merged = defaultdict(list)
    for system in head.systems:
        name = system.configuration.name
        for change in compare_systems(both[name], system) if name in both else ():
            merged[change.kind, change.id, change.state, change.edits].append((name, change))
    for (kind, id_, state, edits), items in merged.items():
        names = tuple(name for name, _ in items)
        first = items[0][1]
        found.append(
            ModelChange(
                kind=kind,
                id=id_,
                name=first.name,
                state=state,
                edits=edits,
                configurations=names,
                place=first.place,
            )
        )
    return tuple(sorted(found, key=lambda c: (_ORDER.index(c.kind), c.id, c.state, c.configurations)))


def _configurations(base: Project, head: Project, wanted: frozenset[str]) -> list[ModelChange]:
    def known(project: Project) -> dict[str, Any]:
        return {
            s.configuration.name: s.configuration for s in project.systems if s.configuration.name in wanted
        }

    def edits(old: Any, new: Any) -> tuple[Edit, ...]:
        return _mapping_edits(old.options, new.options)

    return _compare("configuration", known(base), known(head), edits)


def _mapping_edits(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Edit, ...]:
    return tuple(
        Edit(attribute=key, before=text_of(old.get(key)), after=text_of(new.get(key)))
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    )


def _parts(base: Project, head: Project, describe: Describe) -> list[ModelChange]:
    out = []
    for kind, attributes in _BY_PROJECT.items():
        key = "name" if kind == "option" else "id"
        old, new = (
            {getattr(item, key): item for item in getattr(project, _LISTS[kind])} for project in (base, head)
        )
        out += _compare(kind, old, new, _editor(attributes, describe))
    return out


def compare_systems(base: SystemModel, head: SystemModel) -> list[ModelChange]:
    """What differs between two configurations: boundaries, elements, flows."""
    out = []
    for kind, attributes in BY_SYSTEM.items():
        name = {"boundary": "boundaries", "element": "elements", "flow": "flows"}[kind]
        old, new = ({item.id: item for item in getattr(system, name)} for system in (base, head))
        out += _compare(kind, old, new, _editor(attributes, str))
    return out


def _compare(
    kind: SubjectKind,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    edits: Callable[[Any, Any], tuple[Edit, ...]],
) -> list[ModelChange]:
    out = []
    for id_ in sorted({*old, *new}):
        item = new.get(id_, old.get(id_))
        changed = edits(old[id_], new[id_]) if id_ in old and id_ in new else ()
        state: ChangeState = "added" if id_ not in old else "removed" if id_ not in new else "changed"
        if state != "changed" or changed:
            place: Place | None = getattr(item, "place", None)
            out.append(
                ModelChange(
                    kind=kind,
                    id=id_,
                    name=getattr(item, "name", "") or id_,
                    state=state,
                    edits=changed,
                    place=place,
                )
            )
    return out


def _editor(
    attributes: Sequence[str], describe: Callable[[Any], str]
) -> Callable[[Any, Any], tuple[Edit, ...]]:
    def edits(old: Any, new: Any) -> tuple[Edit, ...]:
        found = (_edit(name, getattr(old, name), getattr(new, name), describe) for name in attributes)
        return tuple(edit for edit in found if edit)

    return edits


def _edit(attribute: str, old: Any, new: Any, describe: Callable[[Any], str]) -> Edit | None:
    if attribute == "claims":
        old, new = (frozenset(_claim(claim, describe) for claim in claims) for claims in (old, new))
    if isinstance(old, Mapping):
        pairs = ({f"{key}={text_of(value)}" for key, value in item.items()} for item in (old, new))
        old, new = (frozenset(pair) for pair in pairs)
    if isinstance(old, tuple | frozenset):
        before, after = frozenset(map(str, old)), frozenset(map(str, new))
        if before == after:
            return None
        return Edit(
            attribute=attribute, gone=tuple(sorted(before - after)), came=tuple(sorted(after - before))
        )
    if old == new:
        return None
    return Edit(attribute=attribute, before=text_of(old), after=text_of(new))


def _claim(claim: Claim, describe: Callable[[Any], str]) -> str:
    """The claim with everything that decides its result."""
    claim = replace(
        claim, paths=tuple(sorted(claim.paths))
    )  # each path is looked at: their order is none of it
    when = "; ".join(f"{key} = {' or '.join(sorted(values))}" for key, values in sorted(claim.when.items()))
    source = f" (source {claim.source})" if claim.source else ""
    words = getattr(claim, "arguments", ())
    count = f" ({len(words)} arguments)" if any(" " in word for word in words) else ""
    evidence = f", see {claim.evidence}" if isinstance(claim, Attested | Proposed) and claim.evidence else ""
    return f"{describe(claim)}{count}{evidence}{f' [when {when}]' if when else ''}{source}"


def text_of(value: Any) -> str:
    """An attribute as text; lists are sorted."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)
