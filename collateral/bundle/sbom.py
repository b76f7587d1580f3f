"""A bill of materials of the lock files of the source, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).

It tells what the lock files name. What was built may be less, because code is left out, or more, because other tools and
images take part.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collateral.assessment import Assessment
from collateral.vex import purl
from scanners.dependencies.component import Component, Lock
from scanners.dependencies.locks import Locks, is_lock, read_locks
from threatmodel.core.canonical import digest, dump_bytes
from threatmodel.core.text import fold
from threatmodel.source import SourceTree

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/sbom-source.cdx.json"
SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
SAYS = "what lock files of the source name, not what was built"
_ROOT = "source"
_MOST_GAPS = 100
"""Of a lock file; the rest is counted."""
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The lock files of the source, or why there are none."""

    locks: Locks | None = None
    why_not: str = ""


NOT_LISTED = Listed(why_not="no source tree was read")


def list_source(tree: SourceTree | None) -> Listed:
    """What the lock files of a tree that is open say."""
    if tree is None:
        return NOT_LISTED
    found = [path for path in tree.paths() if is_lock(path)]
    if not found:
        return Listed(why_not="the source has no lock file of a kind that is known")
    return Listed(locks=read_locks(tree, found, sums=True))


def data(making: Making, _before: Files) -> Files:
    """`data/sbom-source.cdx.json`, where the source has lock files."""
    locks = making.listed.locks
    return {PATH: dump_bytes(bill(making.a, locks))} if locks else {}


def bill(a: Assessment, locks: Locks) -> dict[str, Any]:
    """The document for the release of the assessment. Its serial number depends on its content alone."""
    rows = _components(component for lock in locks.read for component in lock.components)
    partial = bool(locks.unread or any(lock.gaps for lock in locks.read))
    body: dict[str, Any] = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": a.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "pre-build"}],
            "tools": {
                "components": [{"type": "application", "name": "threatmodel", "version": a.tool_version}]
            },
            "component": {
                "type": "application",
                "bom-ref": _ROOT,
                "name": _line(a.project.name),
                "version": _line(a.release),
                "purl": purl(a),
            },
            "properties": _properties(a, locks),
        },
        "components": rows,
        "dependencies": _edges(locks.read),
        "compositions": [
            {
                "aggregate": "incomplete" if partial else "unknown",
                "assemblies": [row["bom-ref"] for row in rows],
            }
        ],
    }
    return {**body, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest(body))}"}


def _properties(a: Assessment, locks: Locks) -> list[dict[str, str]]:
    rows = [("says", SAYS)]
    if a.source.commit:
        rows.append(("source-commit", a.source.commit + (", with changes" if a.source.dirty else "")))
    for lock in locks.read:
        rows.append(("lock-file", lock.path))
        rows += [("lock-file-gap", f"{lock.path}: {gap}") for gap in lock.gaps[:_MOST_GAPS]]
        if (more := len(lock.gaps) - _MOST_GAPS) > 0:
            rows.append(("lock-file-gap", f"{lock.path}: {more} more"))
    rows += [("lock-file-not-read", f"{path}: {why}") for path, why in locks.unread]
    return _named(rows)


def _named(rows: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": f"threatmodel:{name}", "value": _line(value)} for name, value in rows]


def _components(components: Iterable[Component]) -> list[dict[str, Any]]:
    """One row for each package in a version from a place, with all lines that name it."""
    by_ref: dict[str, list[Component]] = defaultdict(list)
    for component in components:
        by_ref[_ref(component)].append(component)
    return [_row(ref, by_ref[ref]) for ref in sorted(by_ref)]


def _ref(item: Component) -> str:
    """The package URL; for a folder of the tree, which has none, its place and name."""
    return item.purl or _line(
        f"local:{item.ecosystem}:{item.address or item.path}:{item.name}@{item.version}"
    )


def _row(ref: str, same: list[Component]) -> dict[str, Any]:
    first = same[0]
    digests = sorted({value for item in same for value in item.digests})
    row: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": _line(first.name),
        "version": _line(first.version),
    }
    if first.purl:
        row["purl"] = first.purl
    more: list[tuple[str, str]] = [("ecosystem", first.ecosystem), ("origin", first.origin)]
    if first.address:
        more.append(("address", first.address))
    if first.ecosystem == "crates.io" and len(digests) == 1:  # of the one archive that the registry has
        row["hashes"] = [{"alg": "SHA-256", "content": digests[0].removeprefix("sha256:")}]
    else:
        more += [("digest", value) for value in digests]
    places = sorted({(item.path, item.line) for item in same})
    return {
        **row,
        "evidence": {"occurrences": [{"location": _line(path), "line": line} for path, line in places]},
        "properties": _named(more),
    }


def _edges(locks: Iterable[Lock]) -> list[dict[str, Any]]:
    """What requires what, of the lock files that say so."""
    edges: dict[str, set[str]] = defaultdict(set)
    for lock in locks:
        names: dict[str, set[str]] = defaultdict(set)
        for item in lock.components:
            ref = _ref(item)
            names[item.name].add(ref)
            names[f"{item.name} {item.version}"].add(ref)
            names[f"{item.name} {item.version} ({item.address.partition('#')[0]})"].add(ref)
        for item in lock.components:
            for wanted in item.requires:
                edges[_ref(item)] |= names[wanted] if len(names[wanted]) == 1 else set()
    return [{"ref": ref, "dependsOn": sorted(edges[ref])} for ref in sorted(edges)]


def _line(text: str) -> str:
    return " ".join(fold(text).split())
