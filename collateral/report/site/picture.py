"""SVG made safe to stand in a page: rebuilt from what is allowed, with unique ids and hooks for the script.

Hooks: `data-e` on the group of an element, `data-f` (numbers, space between) on the groups of a flow line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

_SHAPES = frozenset({"path", "polygon", "polyline", "ellipse", "circle", "rect", "line"})
_TEXTS = frozenset({"title", "desc", "text"})
_TAGS = frozenset({"svg", "g"}) | _SHAPES | _TEXTS
_ATTRIBUTES = frozenset(
    {
        "d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height",
        "viewBox", "transform", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin",
        "fill-opacity", "stroke-opacity", "paint-order", "text-anchor", "font-size", "font-weight", "class",
    }
)  # fmt: skip
_PLAIN = re.compile(r"[\w#.,%()\s+-]*", re.ASCII)
_FLOW = re.compile(r"f-(\d+)", re.ASCII)
_HUNDREDTHS = re.compile(r"-?\d{1,5}\.\d{2,6}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,6})?", re.ASCII)
_POINT = f"{_NUMBER.pattern},{_NUMBER.pattern}"
_CURVES = re.compile(f"M{_POINT}C{_POINT}(?: {_POINT}){{23}}", re.ASCII)
_NEAR = 0.1
"""Points; coordinates have two places."""
_MOST_BYTES = 8_000_000


class UnusablePicture(ValueError):
    """The bytes are not an SVG picture that a page can hold."""


def inline_svg(svg: bytes, prefix: str) -> str:
    """The picture as markup for the body of a page; `prefix` is put before the ids that it keeps.

    Elements and attributes that are not on the list (scripts, links, styles, event handlers, foreign objects,
    references of every kind) are left out together with what is in them.

    Raises:
        UnusablePicture: not UTF-8, not well-formed, with a document type, too large, or not an SVG.
    """
    if len(svg) > _MOST_BYTES:
        raise UnusablePicture("the picture is too large for a page")
    try:
        text = svg.decode("utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise UnusablePicture("the picture has a document type")
        root = ET.fromstring(text)  # noqa: S314 - no document type, so no entity; rebuilt from an allow-list
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise UnusablePicture("the picture is not well-formed SVG") from error
    if _tag(root) != "svg":
        raise UnusablePicture("the picture is not an SVG")
    # End tags everywhere: HTML reads `<path/>` of an unknown name as a start tag.
    return ET.tostring(_rebuilt(root, prefix), encoding="unicode", short_empty_elements=False)


def _tag(element: ET.Element) -> str:
    namespace, _, name = element.tag.rpartition("}")
    return name if namespace in {"", "{http://www.w3.org/2000/svg"} else ""


def _rebuilt(root: ET.Element, prefix: str) -> ET.Element:
    out = ET.Element("svg", _kept(root) | {"role": "img"})
    names = []
    for child in root:
        tag = _tag(child)
        if tag in {"title", "desc"}:
            name = f"{prefix}{tag}"
            ET.SubElement(out, tag, {"id": name}).text = "".join(child.itertext())
            names.append((f"aria-{'labelledby' if tag == 'title' else 'describedby'}", name))
    out.attrib |= dict(names)
    for child in root:
        if _tag(child) in _TAGS - {"title", "desc", "svg"}:
            out.append(_copy(child))
    return out


def _copy(element: ET.Element) -> ET.Element:
    tag = _tag(element)
    if tag == "path" and (box := _rounded_box(element.get("d", ""))):
        kept = {name: value for name, value in _kept(element).items() if name != "d"}
        return ET.Element("rect", kept | box)
    out = ET.Element(tag, _kept(element) | _hooks(element))
    if tag == "text" and len(element) and all(_tag(part) == "tspan" for part in element):
        out.text = element.text
        for part in element:
            copied = ET.SubElement(out, "tspan", _kept(part))
            copied.text, copied.tail = "".join(part.itertext()), part.tail
        return out
    if tag in _TEXTS:
        out.text = "".join(element.itertext())
        return out
    for child in element:
        if _tag(child) in _TAGS - {"svg", "desc"}:
            out.append(_copy(child))
    return out


def _kept(element: ET.Element) -> dict[str, str]:
    return {
        name: _shorter(name, value.strip())
        for name, value in sorted(element.attrib.items())
        if name in _ATTRIBUTES and _PLAIN.fullmatch(value) and "url(" not in value.lower()
    }


def _rounded_box(path: str) -> dict[str, str]:
    """The attributes of a rectangle where a path is one with round corners, as Graphviz writes them: eight curves, four
    of them straight, with control points half-way of the corners. Empty where it is anything else."""
    if not _CURVES.fullmatch(path):
        return {}
    numbers = [float(number) for number in _NUMBER.findall(path)]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    # the path starts at the end of the upper or lower side, so a corner lies between it and the edge
    radius = right - points[0][0]
    across = (left, left + radius / 2, left + radius, right - radius, right - radius / 2, right)
    down = (top, top + radius / 2, top + radius, bottom - radius, bottom - radius / 2, bottom)
    if not 0 < 2 * radius <= min(right - left, bottom - top) + _NEAR:
        return {}
    if not all(_near(x, across) and _near(y, down) for x, y in points):
        return {}
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rx": radius}
    return {name: f"{round(value, 1) + 0:g}" for name, value in sides.items()}


def _near(value: float, wanted: Iterable[float]) -> bool:
    return any(abs(value - other) < _NEAR for other in wanted)


def _shorter(name: str, value: str) -> str:
    """Coordinates to a tenth of a point, and classes without those that only hooks stand for."""
    if name in ("d", "points"):
        return _HUNDREDTHS.sub(lambda found: f"{round(float(found[0]), 1) + 0:g}", value)
    if name == "class":
        return " ".join(word for word in value.split() if not _FLOW.fullmatch(word))
    return value


def _hooks(element: ET.Element) -> dict[str, str]:
    """What the script finds an element or a flow by."""
    classes = element.get("class", "").split()
    identity = element.get("id", "")
    if _tag(element) != "g":
        return {}
    if "flow" in classes:
        numbers = [match[1] for word in classes if (match := _FLOW.fullmatch(word))]
        if not numbers and (match := _FLOW.fullmatch(identity)):
            numbers = [match[1]]
        return {"data-f": " ".join(numbers)} if numbers else {}
    if identity.startswith("n-") and ("node" in classes or "element" in classes):
        return {"data-e": identity[2:]}
    return {}
