"""The matrix of needs and ways, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from collateral.report.columns import aligned, piped
from collateral.report.markdown import inline
from collateral.storage.files import StorageFile
from collateral.storage.matrix import WayExposure
from collateral.storage.model import Need, Way

_NOTHING = "–"
_CHANGED = "A configuration with + is not named by the model: it is the nearest one, with options changed."


def storage_text(file: StorageFile, preferred: str) -> str:
    """A table for each group of ways, what each way opens, and the reasons. `preferred` is the configuration to show."""
    lines = [f"{file.project}: {len(file.needs)} needs, {len(file.ways)} ways, as of {file.release}"]
    for group, ways in _groups(file.ways):
        lines += ["", *aligned([group, *(way.id for way in ways)], _matrix(file.needs, ways))]
    heads = ["way", "configuration", "flows", "crossing", "open", "unverified", "contradicted"]
    lines += ["", *aligned(heads, [_opens(found, preferred) for found in file.ways])]
    lines += ["", _CHANGED] if _any_changed(file, preferred) else []
    for need in file.needs:
        lines += ["", f"{need.id}  {need.need}"]
        lines += [f"    stated by {origin.who}: {origin.source}" for origin in need.stated_by]
        lines += [
            f"    {service.way}  {service.serves}: {service.because} [{service.seen}]"
            for service in need.served_by
        ]
    return "\n".join(lines) + "\n"


def storage_markdown(file: StorageFile, preferred: str) -> str:
    """The same as Markdown."""
    lines = [
        f"{inline(file.project)}: {len(file.needs)} needs, {len(file.ways)} ways, as of {inline(file.release)}."
    ]
    for group, ways in _groups(file.ways):
        lines += ["", f"### {inline(group)}", ""]
        lines += piped(["Need", *(way.name for way in ways)], _matrix(file.needs, ways))
    heads = ["Way", "Configuration", "Flows", "Crossing", "Open", "Unverified", "Contradicted"]
    lines += ["", "### Exposure", "", *piped(heads, [_opens(found, preferred) for found in file.ways])]
    lines += ["", _CHANGED] if _any_changed(file, preferred) else []
    for need in file.needs:
        lines += ["", f"### {inline(need.id)}", "", inline(need.need), ""]
        lines += [f"- stated by {inline(origin.who)}: {inline(origin.source)}" for origin in need.stated_by]
        lines += [
            f"- {inline(service.way)}: **{service.serves}**, {inline(service.because)} ({inline(service.seen)})"
            for service in need.served_by
        ]
    return "\n".join(lines) + "\n"


def _groups(ways: Iterable[WayExposure]) -> list[tuple[str, list[Way]]]:
    out: dict[str, list[Way]] = {}
    for found in ways:
        out.setdefault(found.way.group, []).append(found.way)
    return list(out.items())


def _matrix(needs: Iterable[Need], ways: list[Way]) -> list[list[str]]:
    """A row for each need that any of the ways has something to do with."""
    return [
        [need.id, *(service.serves if (service := need.by(way.id)) else _NOTHING for way in ways)]
        for need in needs
        if any(need.by(way.id) for way in ways)
    ]


def _opens(found: WayExposure, preferred: str) -> list[str]:
    shown = found.shown(preferred)
    if shown is None:
        return [found.way.id, found.nowhere, *[_NOTHING] * 5]
    counts = [str(shown.threats.get(status, 0)) for status in ("open", "unverified", "contradicted")]
    return [found.way.id, shown.configuration, str(len(shown.flows)), str(len(shown.crossing)), *counts]


def _any_changed(file: StorageFile, preferred: str) -> bool:
    return any((shown := found.shown(preferred)) and not shown.named for found in file.ways)
