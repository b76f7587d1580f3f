"""Claims that what a source offers is what the model names: methods of services, keys that are constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import re2

from threatmodel.claims.check import ClaimCheck, Reading, files_of, line_of
from threatmodel.claims.constants import constants_in
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.readers.content import Unparsable, Unusable
from threatmodel.readers.proto import Method, methods_of
from threatmodel.system import KeySet, RpcSet

_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Place:
    """Where a file offers something."""

    path: str
    line: int


def rpc_set(blank: ClaimCheck, claim: RpcSet, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the methods of the services are the operations of the flows."""
    offered: dict[str, _Place] = {}
    services: set[str] = set()
    for path in paths:
        methods = reading.once(("methods", path), lambda path=path: _methods(path, reading))  # type: ignore[misc]
        if isinstance(methods, Unparsable):
            return replace(blank, path=path, line=methods.line, detail=fold(methods.reason))
        for method in methods:
            service, _, name = method.name.rpartition(".")
            if service in claim.services or service.rpartition(".")[2] in claim.services:
                services |= {service, service.rpartition(".")[2]}
                offered.setdefault(name, _Place(path=path, line=method.line))
    if gone := [name for name in claim.services if name not in services]:
        detail = f"no method of the service {', '.join(gone)} in {files_of(paths)}"
        return replace(blank, state="not-found", path=paths[0], detail=detail)
    return _compared(blank, claim, offered, _operations(claim, reading), reading)


def key_set(blank: ClaimCheck, claim: KeySet, paths: tuple[str, ...], reading: Reading) -> ClaimCheck:
    """Verified where the texts of constants that the pattern matches are the keys."""
    pattern = re2.compile(claim.pattern)
    offered: dict[str, _Place] = {}
    unread: ClaimCheck | None = None
    for path in paths:
        at = replace(blank, path=path)
        there = constants_in(reading, path)
        if isinstance(there, Unusable):
            unread = unread or replace(at, detail=there.reason)
            continue
        if there.broken:
            unread = unread or replace(
                at, line=there.broken, detail="the text breaks the grammar of its language"
            )
        for item in there.declared:
            if isinstance(item.value, str):
                if found := pattern.fullmatch(item.value):
                    name = found.group(1) if found.groups() else item.value
                    offered.setdefault(name or item.value, _Place(path=path, line=item.line))
            elif item.value is None and item.text:
                detail = fold(f"the value of {item.name} {item.reason}")
                unread = unread or replace(at, line=item.line, detail=detail)
    if unread is not None:
        return unread
    if not offered:
        detail = f"no constant in {files_of(paths)} matches /{claim.pattern}/"
        return replace(blank, state="not-found", path=paths[0], detail=detail)
    wanted = frozenset(claim.keys) if claim.keys else _operations(claim, reading)
    return _compared(blank, claim, offered, wanted, reading)


def _methods(path: str, reading: Reading) -> list[Method] | Unparsable:
    content = reading.content(path)
    if isinstance(content, Unusable):
        return Unparsable(content.reason)
    try:
        return methods_of(content.text)
    except Unparsable as unparsable:
        return unparsable


def _operations(claim: RpcSet | KeySet, reading: Reading) -> frozenset[str]:
    """The operations of the flows that match, in the configurations that the claim is about."""
    return frozenset(
        operation
        for system in reading.systems
        if system.configuration.matches(claim.when)
        for flow in system.flows
        if any(select((flow.id,), glob) for glob in claim.operations_of)
        for operation in flow.operations
    )


def _compared(
    blank: ClaimCheck,
    claim: RpcSet | KeySet,
    offered: dict[str, _Place],
    wanted: frozenset[str],
    reading: Reading,
) -> ClaimCheck:
    left_out = frozenset(claim.without)
    unnamed = sorted((place, name) for name, place in offered.items() if name not in wanted | left_out)
    gone = sorted(wanted - offered.keys() - left_out)
    place = unnamed[0][0] if unnamed else min(offered.values())
    content = reading.content(place.path)
    seen = "" if isinstance(content, Unusable) else line_of(content.text, place.line)
    if not unnamed and not gone:
        count = len(offered.keys() - left_out)
        return replace(blank, state="verified", path=place.path, detail=f"all {count} are named")
    parts = []
    if unnamed:
        listed = _listed(f"{name} ({spot.path}:{spot.line})" for spot, name in unnamed)
        parts.append(f"the model does not name {listed}")
    if gone:
        parts.append(f"the source does not have {_listed(gone)}")
    spot = (
        replace(blank, path=place.path, line=place.line, seen=seen)
        if unnamed
        else replace(blank, path=place.path)
    )
    return replace(spot, state="contradicted", detail=fold("; ".join(parts)))


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more
