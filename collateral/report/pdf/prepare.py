"""What the templates of the threat model show, worked out from the view: they look nothing up and compute nothing."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from collateral.report.cases import cases
from collateral.report.pdf import text
from collateral.report.pdf.cover import system_name
from collateral.report.pdf.ledger import ledger_part
from threatmodel.diagrams.plan import OVERVIEW, WHOLE
from threatmodel.diagrams.print_size import A3_FIELD, Fits, choose

Row = dict[str, Any]

_CATALOGUES = (
    ("CWE-", re.compile(r"https://cwe\.mitre\.org/data/definitions/(\d+)\.html", re.ASCII)),
    ("CAPEC-", re.compile(r"https://capec\.mitre\.org/data/definitions/(\d+)\.html", re.ASCII)),
    ("T", re.compile(r"https://attack\.mitre\.org/techniques/T([\d/]+?)/?", re.ASCII)),
)
_LEVEL = re.compile(r"^[1-5]: ")
_RAN = frozenset({"complete", "partial"})
_FIGURES = {
    "threats": "threats",
    "boundaries": "boundaries",
    "elements": "elements",
    "flows": "data flows",
    "controls": "controls",
    "findings": "findings",
}
_READING = (
    "The page at a glance and the executive summary are for everybody. Adopters and operators continue with scope, "
    "adversaries and what was not checked; auditors and developers with data flows, threats, controls and claims. "
    "Threats, controls, elements and flows are links to their entries; the threat register of the same bundle has all of "
    "them in full."
)
_LONGEST_WHOLE = 2500
"""Characters of an entry that is kept on one page."""
_MOST_RESTING = 12
"""Threats that the entry of a control names, the worst; the rest is a number."""


def prepare(view: Mapping[str, Any], glyphs: Container[int], pictures: Container[str]) -> Row:
    """The data of the document: JSON-like, folded, every list in the order in which it is shown.

    `pictures` names the diagrams of which there is an SVG.
    """
    raw = dict(view)
    raw["threats"] = [{**threat, **_links(threat)} for threat in view["threats"]]
    raw["controls"] = [_control(control) for control in view["controls"]]
    raw["ledger"] = ledger_part(view)
    raw["predecessor"] = _earlier(view.get("predecessor"))
    raw["coverage"] = view.get("coverage")
    raw["paths"] = _attack_paths(view.get("paths"), pictures)
    raw.pop("rules", None)
    raw["backtest"] = _advisories(view.get("backtest"))
    raw["diagrams"] = [_found(diagram, pictures) for diagram in view["diagrams"]]
    page: Row = text.for_page(raw, glyphs)
    page["diagrams"] = [_figure(diagram, number) for number, diagram in enumerate(page["diagrams"])]
    for number, picture in enumerate(page["paths"]["pictures"] if page["paths"] else ()):
        picture |= _figure(picture, number, "paths")
    threats = {threat["id"]: threat for threat in page["threats"]}
    known = {
        "threats": dict.fromkeys(threats, True),
        "controls": {control["id"]: True for control in page["controls"]},
        "claims": dict.fromkeys(page["ledger"]["controls"], True),
        "chapter": {"claims": True},
        "elements": {element["id"]: True for element in page["elements"]},
        "flows": {flow["id"]: True for flow in page["flows"]},
    }
    for threat in page["threats"]:
        threat["elsewhere"] = _elsewhere(threat, page["configuration"]["name"])
    for entry in (*page["threats"], *page["controls"]):
        entry["fits_page"] = _length(entry) < _LONGEST_WHOLE
    for scale in ("likelihood", "impact"):
        page["method"][scale] = [_LEVEL.sub("", words) for words in page["method"][scale]]
    figures = {figure["id"]: figure for figure in page["diagrams"]}
    placed: set[str] = set()
    for part in sorted((*page["boundaries"], *page["views"]), key=_shares_a_picture):
        figure = figures.get(part["diagram"])
        drawn = part["diagram"] not in placed
        placed.add(part["diagram"])
        part["figure"] = figure if drawn else None
        part["drawn_in"] = "" if drawn or figure is None else figure["title"]
        more = [f for f in page["diagrams"] if f["part_of"] == part["diagram"] != f["id"]]
        part["more"] = more if drawn else []
    used = {
        name: _status_cells(page[name], page["risk_table"]["columns"])
        for name in ("boundaries", "configurations")
    }
    for view_part in page["views"]:
        shown = [threats[i] for i in view_part["threats"] if i in threats]
        view_part["strides"] = _by_stride(shown, page["method"]["strides"])
    return {
        **page,
        "meta": _meta(page, system_name(view, page["release"], glyphs)),
        "known": known,
        "status_columns": used,
        "overview": figures.get(OVERVIEW),
        "whole": figures.get(WHOLE),
        "top": [threats[i] for i in page["top_threats"] if i in threats],
        "threat_sections": _threat_sections(page["threats"], page["boundaries"]),
        "control_sections": _control_sections(page["controls"], page["control_states"]),
        "scanned": scanned(page),
    }


def _control(control: Mapping[str, Any]) -> Row:
    threats = control["threats"]
    return {
        **control,
        "references": [text.link(url) for url in control["references"]],
        "threats": threats[:_MOST_RESTING],
        "more_threats": max(0, len(threats) - _MOST_RESTING),
    }


def _shares_a_picture(part: Mapping[str, Any]) -> bool:
    """True for a boundary that is drawn in the picture of another one."""
    return bool(part["diagram"] not in (f"boundary-{part['id']}", f"view-{part['id']}"))


def _earlier(view: Mapping[str, Any] | None) -> Row | None:
    """The earlier threat model with its address as a link; None where there is none."""
    return {**view, "link": {**text.link(view["source"]), "text": view["title"]}} if view else None


def _advisories(view: Mapping[str, Any] | None) -> Row | None:
    """Published advisories with their addresses as links; None where there are none."""
    if view is None:
        return None
    rows = {
        key: [{**row, "address": {**text.link(row["link"]), "text": row["id"]}} for row in view[key]]
        for key in ("rows", "components")
    }
    return {**view, **rows}


def _meta(page: Row, name: str) -> Row:
    counts = page["counts"]
    hidden = {"findings"} if page["withheld"]["findings"] else set()
    shown = [
        {"number": str(counts[key]), "name": f"{words} shown" if key in hidden else words}
        for key, words in _FIGURES.items()
        if key != "findings" or scanned(page)
    ]
    if not scanned(page):
        shown.append({"number": "–", "name": "findings: not checked"})
    return {
        "title": f"{name}: threat model",
        "kind": "Threat model",
        "system": name,
        "year": page["date"][:4],
        "description": f"Threat model of {name}, configuration {page['configuration']['name']}",
        "figures": shown,
        "reading": _READING,
    }


def scanned(page: Row) -> bool:
    return any(scan["status"] in _RAN for scan in page["scans"])


def _status_cells(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """Gives every row its `cells`, one number per status that any row has; returns these statuses."""
    counts = [{count["status"]: count["count"] for count in row["statuses"]} for row in rows]
    used = [status for status in columns if any(count.get(status, 0) for count in counts)]
    for row, count in zip(rows, counts, strict=True):
        row["cells"] = [count.get(status, 0) for status in used]
    return used


def _length(value: Any) -> int:
    """Characters of all texts in a JSON-like value."""
    if isinstance(value, str):
        return len(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(_length(item) for item in items)


def _links(threat: Mapping[str, Any]) -> Row:
    """References as links; the page of a listed weakness, pattern or technique becomes the link of its number."""
    pages = {name: url for url in threat["references"] if (name := _catalogue_number(url))}
    numbers = {
        kind: [{"text": name, "url": pages.get(name, "")} for name in threat[kind]]
        for kind in ("cwe", "capec", "attack")
    }
    used = {item["url"] for items in numbers.values() for item in items}
    return {**numbers, "references": [text.link(url) for url in threat["references"] if url not in used]}


def _catalogue_number(url: str) -> str:
    """`CWE-367`, `CAPEC-29` or `T1611` where the address is the page of it, else empty."""
    for prefix, page in _CATALOGUES:
        if (found := page.fullmatch(url)) is not None:
            return prefix + found[1].replace("/", ".")
    return ""


def _attack_paths(view: Mapping[str, Any] | None, pictures: Container[str]) -> Row | None:
    return {**view, "pictures": [_found(picture, pictures) for picture in view["pictures"]]} if view else None


def _found(diagram: Mapping[str, Any], pictures: Container[str]) -> Row:
    missing = not diagram["failed"] and diagram["id"] not in pictures
    return {**diagram, "failed": "there is no picture of it" if missing else diagram["failed"]}


def _figure(diagram: Row, number: int, kind: str = "figure") -> Row:
    """A diagram with its file and sheet, or with the reason why it is not shown."""
    figure: Row = {**diagram, "file": "", "paper": "a4", "landscape": False}
    if figure["failed"]:
        return figure
    fit = choose(diagram["width"], diagram["height"])
    if not isinstance(fit, Fits):
        width, height = A3_FIELD
        sheet = f"{width:.0f} by {height:.0f} points"
        figure["failed"] = (
            f"its type would be {fit.type_pt:.1f} points on A3 ({sheet}), too small to read; "
            f"the other pictures show its parts, and {diagram['path']} has it whole"
        )
        return figure
    landscape = fit.orientation == "landscape"
    shown = {"file": f"{kind}-{number}.svg", "paper": fit.paper, "landscape": landscape}
    return {**figure, **shown, "width": fit.width_pt, "height": fit.height_pt}


def _elsewhere(threat: Row, configuration: str) -> list[Row]:
    """Other configurations in which the threat has another status or risk, those of the same together."""
    others = (case for case in threat["by_configuration"] if case["name"] != configuration)
    return [
        {"status": status, "risk": risk, "names": names}
        for (status, risk), names in cases(others).items()
        if (status, risk) != (threat["status"], threat["risk"])
    ]


def _by_stride(threats: Sequence[Row], strides: Sequence[Row]) -> list[Row]:
    """Every STRIDE kind, also one without threats: silence would read as an omission. Threats of a rule together."""
    rows = []
    for kind in strides:
        of_kind = [t for t in threats if t["stride"] == kind["stride"]]
        rules: dict[tuple[str, str], list[Row]] = {}
        for threat in of_kind:
            rules.setdefault((threat["rule"], threat["title"]), []).append(threat)
        shown = [{"title": title, "threats": group} for (_, title), group in rules.items()]
        rows.append({"stride": kind["stride"], "count": len(of_kind), "rules": shown})
    return rows


def _threat_sections(threats: Sequence[Row], boundaries: Sequence[Row]) -> list[Row]:
    """Threats by boundary, in the order of the boundaries; those of no listed boundary at the end."""
    known = {boundary["id"] for boundary in boundaries}
    sections = [
        {"name": b["name"], "threats": [t for t in threats if t["boundary"] == b["id"]]} for b in boundaries
    ]
    rest = [t for t in threats if t["boundary"] not in known]
    return [*sections, {"name": "Outside every boundary", "threats": rest}] if rest else sections


def _control_sections(controls: Sequence[Row], states: Sequence[Row]) -> list[Row]:
    """Controls by state, in the order of the states (worst first)."""
    order = [row["state"] for row in states]
    order += sorted({control["state"] for control in controls} - set(order))
    sections = [{"state": s, "controls": [c for c in controls if c["state"] == s]} for s in order]
    return [section for section in sections if section["controls"]]
