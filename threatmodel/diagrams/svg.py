"""The engine's SVG made fit to embed: self-contained, with titles for people, boundary labels above the lines.

Hooks for a page: `id="n-<element>"`, `id="b-<boundary>"`, `id="f-<lowest number>"` of a line's number,
`id="e-<lowest number>-a"` and `-b` of its halves; class `f-<number>` for every flow on a line, `flow`,
`crossing` or `inside`, `context` for what is drawn grey, `boundary-label`.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from threatmodel.diagrams.dfd import Diagram

_FONTS = "'IBM Plex Sans', Arial, 'Liberation Sans', Helvetica, sans-serif"
_HALO = {"paint-order": "stroke", "stroke": "#ffffff", "stroke-width": "3.5", "stroke-linejoin": "round"}
_NAMESPACE = "http://www.w3.org/2000/svg"
_KINDS = {"process": "process", "datastore": "data store", "external": "external entity", "actor": "actor"}


def finish(raw: bytes, diagram: Diagram) -> tuple[bytes, float, float]:
    """The finished SVG and its width and height in points.

    Raises:
        ValueError: the engine wrote something else than an SVG picture.
    """
    try:
        root = ET.fromstring(raw)  # noqa: S314 - written by our own engine from escaped text
    except ET.ParseError as error:
        raise ValueError("the engine wrote no well-formed SVG") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [key for key in element.attrib if key.startswith("{") or key == "style"]:
            del element.attrib[name]  # xml:space and xlink attributes; no style sheet of any kind
        if element.tag == "text":
            element.set("font-family", _FONTS)
    canvas = root.find("g")
    if root.tag != "svg" or canvas is None:
        raise ValueError("the engine wrote something else than an SVG picture")
    width, height = (float(root.get(side, "0").removesuffix("pt")) for side in ("width", "height"))
    _name_groups(canvas, _titles(diagram))
    _centre_names(canvas)
    _lift_labels(canvas, diagram)
    _head(root, canvas, diagram)
    return _bytes(root), width, height


def _bytes(root: ET.Element) -> bytes:
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _head(root: ET.Element, canvas: ET.Element, diagram: Diagram) -> None:
    canvas.attrib.pop("id", None)
    canvas.set("class", "canvas")
    background = canvas.find("polygon")
    if background is not None:
        background.set("class", "background")
    title, desc = ET.Element("title", id="title"), ET.Element("desc", id="desc")
    title.text, desc.text = diagram.title, diagram.alt
    root.insert(0, title)
    root.insert(1, desc)
    root.attrib = {
        "xmlns": _NAMESPACE,
        "width": root.get("width", ""),
        "height": root.get("height", ""),
        "viewBox": root.get("viewBox", ""),
        "role": "img",
        "aria-labelledby": "title",
        "aria-describedby": "desc",
    }


def _titles(diagram: Diagram) -> Mapping[str, str]:
    """What each group shows, by its id."""
    titles = {f"n-{n.id}": f"{n.name} ({_KINDS[n.kind]})" for n in diagram.nodes}
    titles |= {f"s-{s.id}": f"{s.title}: {', '.join(s.names)}" for s in diagram.stacks}
    titles |= {f"b-{b.id}": f"{b.name} (trust boundary)" for b in diagram.boundaries}
    rows = {row.number: row for row in diagram.legend}
    for edge in diagram.edges:
        shown = [rows[number] for number in edge.numbers]
        text = "\n".join(f"{r.number} {r.source} to {r.target}: {r.name}" for r in shown)
        titles |= dict.fromkeys((f"f-{edge.key}", f"e-{edge.key}-a", f"e-{edge.key}-b"), text)
    return titles


def _name_groups(canvas: ET.Element, titles: Mapping[str, str]) -> None:
    for name in canvas.findall("title"):
        canvas.remove(name)
    for group in canvas.iter("g"):
        title = group.find("title")
        if title is not None and group.get("id", "") in titles:
            title.text = titles[group.get("id", "")]


def _centre_names(canvas: ET.Element) -> None:
    """Anchors the text of elements and numbers in their middle: the page's font may be wider than the layout's."""
    for group in canvas.findall("g"):
        if "node" not in group.get("class", "").split():
            continue
        across = [x for shape in group for x in _across(shape)]
        for text in _joined(group):
            text.attrib |= {"text-anchor": "middle", "x": f"{(min(across) + max(across)) / 2:.2f}"}


def _joined(group: ET.Element) -> list[ET.Element]:
    """The texts of a group, those of one line as parts of one text: each by itself would stand in the middle."""
    lines: dict[str, list[ET.Element]] = {}
    for text in group.findall("text"):
        lines.setdefault(text.get("y", ""), []).append(text)
    out = []
    for first, *rest in lines.values():
        out.append(first)
        if not rest:
            continue
        parts = [(part.attrib.pop("font-weight", ""), part.text or "") for part in (first, *rest)]
        first.text = None
        for weight, words in parts:
            ET.SubElement(first, "tspan", {"font-weight": weight} if weight else {}).text = words
        for part in rest:
            group.remove(part)
    return out


def _across(shape: ET.Element) -> list[float]:
    """The horizontal coordinates of a shape's points."""
    outline = shape.get("points", "") + shape.get("d", "")
    words = "".join(char if char in "0123456789.,-" else " " for char in outline).split()
    return [float(word.partition(",")[0]) for word in words]


def _lift_labels(canvas: ET.Element, diagram: Diagram) -> None:
    """Moves the labels of boundaries to the end, with a white edge, so that no line hides them."""
    boundaries = {f"b-{box.id}": box for box in diagram.boundaries}
    layer = ET.Element("g", {"class": "boundary-labels"})
    for group in canvas.findall("g"):
        box = boundaries.get(group.get("id", ""))
        if box is None:
            continue
        for text in group.findall("text"):
            group.remove(text)
            context = " context" if box.context else ""
            text.attrib |= {"class": f"boundary-label b-{box.id}{context}", **_HALO}
            layer.append(text)
    canvas.append(layer)
