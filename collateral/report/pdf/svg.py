"""Pictures made fit for the page: texts folded to the glyphs there are, nothing that points outside."""

from __future__ import annotations

from collections.abc import Container
from xml.etree import ElementTree as ET

from threatmodel.core.text import fold

_SVG = "http://www.w3.org/2000/svg"
_DROPPED = frozenset({"script", "foreignObject", "image", "use", "style", "title", "desc", "metadata"})


def for_page(svg: bytes, glyphs: Container[int]) -> bytes:
    """The picture with folded texts and without scripts, links, style sheets and embedded pictures.

    Raises:
        ValueError: not a well-formed SVG picture, or one that declares entities.
    """
    if b"<!ENTITY" in svg:
        raise ValueError("a picture must not declare entities")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - entities are refused above
    except ET.ParseError as error:
        raise ValueError("the picture is not well-formed SVG") from error
    if _local(root.tag) != "svg":
        raise ValueError("the picture is not SVG")
    _clean(root, glyphs)
    root.set("xmlns", _SVG)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _clean(element: ET.Element, glyphs: Container[int]) -> None:
    element.tag = _local(element.tag)
    for name in [name for name in element.attrib if "}" in name or name == "href" or name.startswith("on")]:
        del element.attrib[name]
    for child in list(element):
        if _local(child.tag) in _DROPPED:
            element.remove(child)
            continue
        child.tail = _folded(child.tail, glyphs)
        _clean(child, glyphs)
    element.text = _folded(element.text, glyphs)


def _folded(text: str | None, glyphs: Container[int]) -> str | None:
    return text if text is None else fold(text, glyphs)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
