"""Components held against a database, by the algorithm of the OSV schema (section "Evaluation")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from scanners.dependencies.component import Component, Ecosystem
from scanners.dependencies.osv import Affected, Database, Entry, Range
from scanners.dependencies.versions import NoVersion, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A vulnerability that a component has by its version. `entries` are all that tell of it, the one to name first."""

    component: Component
    entries: tuple[Entry, ...]
    fixed: tuple[str, ...]
    """The next fixed version, of each range that the version lies in; empty where the database names none."""
    guessed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known of a component. `undecided` says of which entries it could not be told whether they apply."""

    matches: tuple[Match, ...]
    undecided: tuple[str, ...]


def package_name(ecosystem: Ecosystem, name: str) -> str:
    """The name under which a database lists a package."""
    return canonicalize_name(name) if ecosystem == "PyPI" else name


def judge(component: Component, database: Database) -> Judged:
    """The vulnerabilities of a component. Entries that are aliases of one another count as one."""
    name = package_name(component.ecosystem, component.name)
    found: list[tuple[Entry, tuple[str, ...], bool]] = []
    undecided: list[str] = []
    for entry, affected in database.packages.get((component.ecosystem, name), ()):
        try:
            fixed = affecting(component.ecosystem, component.version, affected)
        except NoVersion as error:
            undecided.append(f"{entry.id}: {error}")
            continue
        if fixed is not None:
            found.append((entry, fixed, affected.guessed))
    matches = []
    for group in _by_alias([entry for entry, _, _ in found]):
        ids = {entry.id for entry in group}
        rows = [row for row in found if row[0].id in ids]
        matches.append(
            Match(
                component=component,
                entries=group,
                fixed=tuple(sorted({version for _, fixed, _ in rows for version in fixed})),
                guessed=all(guessed for _, _, guessed in rows),
            )
        )
    return Judged(matches=tuple(matches), undecided=tuple(sorted(set(undecided))))


def affecting(ecosystem: Ecosystem, version: str, affected: Affected) -> tuple[str, ...] | None:
    """None where the version does not have the flaw, else the next fixed version of each range that it lies in.

    Raises:
        NoVersion: that cannot be told: the version, or one that it has to be compared with, is none, or nothing is said
            about versions.
    """
    if not affected.versions and not affected.ranges:
        raise NoVersion("it names no versions")
    inside, fixed = _listed(ecosystem, version, affected.versions), set[str]()
    doubt: NoVersion | None = None
    for given in affected.ranges:
        try:
            after = _within(ecosystem, version, given)
        except NoVersion as error:
            doubt = error
            continue
        if after is not None:
            inside = True
            fixed |= {after} - {""}
    if not inside and doubt is not None:
        raise doubt
    return tuple(sorted(fixed)) if inside else None


def _listed(ecosystem: Ecosystem, version: str, versions: Iterable[str]) -> bool:
    if version in versions:
        return True
    if ecosystem != "PyPI":
        return f"v{version}" in versions
    return any(_same(version, other) for other in versions)


def _same(version: str, other: str) -> bool:
    try:
        return bool(parse("PyPI", other) == parse("PyPI", version))
    except NoVersion:
        return False  # then only the same text is the same version


def _within(ecosystem: Ecosystem, version: str, given: Range) -> str | None:
    """None where the version does not lie in the range, else the next fixed version, or an empty text."""
    here = parse(ecosystem, version, given.kind)
    limits = [value for kind, value in given.events if kind == "limit" and value != "*"]
    if limits and not any(here < parse(ecosystem, value, given.kind) for value in limits):
        return None
    dated = [
        (None if value == "0" and kind == "introduced" else parse(ecosystem, value, given.kind), kind, value)
        for kind, value in given.events
        if kind != "limit"
    ]
    dated = [row for row in dated if row[0] is None] + _ordered([row for row in dated if row[0] is not None])
    inside = False
    for at, kind, _ in dated:
        if kind == "introduced" and (at is None or not here < at):
            inside = True
        elif (kind == "fixed" and not here < at) or (kind == "last_affected" and at < here):
            inside = False
    if not inside:
        return None
    return next((value for at, kind, value in dated if kind == "fixed" and here < at), "")


def _ordered(rows: list[tuple[Any, str, str]]) -> list[tuple[Any, str, str]]:
    return sorted(rows, key=lambda row: row[0])


def _by_alias(entries: list[Entry]) -> list[tuple[Entry, ...]]:
    """Groups of entries that share an id or an alias; in each first the one of the ecosystem's own database."""
    groups: list[tuple[set[str], dict[str, Entry]]] = []
    for entry in entries:
        names = {entry.id, *entry.aliases}
        held = {entry.digest: entry}
        apart = []
        for group in groups:
            if group[0] & names:
                names |= group[0]
                held = group[1] | held
            else:
                apart.append(group)
        groups = [*apart, (names, held)]
    made = [tuple(sorted(held.values(), key=_preference)) for _, held in groups]
    return sorted(made, key=lambda group: group[0].id)


def _preference(entry: Entry) -> tuple[bool, str, str]:
    return entry.id.startswith(("GHSA-", "CVE-")), entry.id, entry.digest


def names(match: Match) -> tuple[str, ...]:
    """Every other name of the vulnerability, sorted."""
    first = match.entries[0].id
    return tuple(sorted({name for entry in match.entries for name in (entry.id, *entry.aliases)} - {first}))
