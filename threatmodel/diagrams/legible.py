"""Whether a finished picture can be read: where its labels and nodes stand, and how large its type is on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal
from xml.etree import ElementTree as ET

from threatmodel.diagrams.fold import LIMITS
from threatmodel.diagrams.labels import advance
from threatmodel.diagrams.print_size import A3_FIELD, READABLE_TYPE

Kind = Literal["labels-overlap", "label-on-node", "label-outside", "small-type", "many-nodes"]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SLACK = 1.0
_RISE, _FALL = 0.74, 0.22  # of the size of type: above and below its line
_SHAPES = ("polygon", "path", "polyline", "ellipse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a picture from being read."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in points, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        """True where the two share more than a hair's breadth."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > _SLACK and high > _SLACK

    def leaves(self, other: Area) -> bool:
        """True where a part of this one is outside of the other."""
        return (
            self.left < other.left - _SLACK
            or self.right > other.right + _SLACK
            or self.top < other.top - _SLACK
            or self.bottom > other.bottom + _SLACK
        )


@dataclass(frozen=True, slots=True)
class _Label:
    owner: str
    text: str
    area: Area


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    width: float
    height: float
    labels: tuple[_Label, ...]
    shapes: dict[str, Area]
    boxes: dict[str, Area]
    nodes: int
    smallest: float
    """Points, before the picture is scaled to the paper; 0 without any text."""


def problems(svg: bytes, *, printed: bool = True, most_nodes: int = LIMITS.nodes) -> tuple[Problem, ...]:
    """What is wrong with a finished picture, empty where it can be read on A3 landscape.

    A picture that is not `printed` is for a screen that zooms: its type and the number of its nodes are not judged.

    Raises:
        ValueError: this is not a picture of ours.
    """
    found = _read(svg)
    out = [*_overlaps(found), *_on_nodes(found), *_outside(found)]
    if printed:
        type_pt = found.smallest * min(1.0, A3_FIELD[0] / found.width, A3_FIELD[1] / found.height)
        if found.smallest and type_pt < READABLE_TYPE:
            text = f"the smallest type is {type_pt:.1f} points on A3, less than {READABLE_TYPE}"
            out.append(Problem(kind="small-type", text=text))
        if found.nodes > most_nodes:
            out.append(Problem(kind="many-nodes", text=f"{found.nodes} nodes, more than {most_nodes}"))
    return tuple(out)


def _overlaps(found: _Found) -> Iterator[Problem]:
    for one, other in combinations(found.labels, 2):
        if one.owner != other.owner and one.area.meets(other.area):
            yield Problem(kind="labels-overlap", text=f'"{one.text}" and "{other.text}" overlap')


def _on_nodes(found: _Found) -> Iterator[Problem]:
    for label in found.labels:
        for owner, shape in found.shapes.items():
            if owner != label.owner and label.area.meets(shape):
                yield Problem(kind="label-on-node", text=f'"{label.text}" lies on {owner}')


def _outside(found: _Found) -> Iterator[Problem]:
    for label in found.labels:
        own = found.shapes.get(label.owner) or found.boxes.get(label.owner)
        if own is not None and label.area.leaves(own):
            yield Problem(kind="label-outside", text=f'"{label.text}" is larger than its shape')


def _read(svg: bytes) -> _Found:
    try:
        root = ET.fromstring(svg)  # noqa: S314 - written by our own engine from escaped text
        width, height = (float(root.get(side, "").removesuffix("pt")) for side in ("width", "height"))
    except (ET.ParseError, ValueError) as error:
        raise ValueError("this is not a picture") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    canvas = root.find("g")
    if canvas is None or min(width, height) <= 0:
        raise ValueError("this is not a picture")
    shapes, boxes, labels, nodes = {}, {}, [], 0
    for group in canvas.findall("g"):
        name, words = group.get("id", ""), set(group.get("class", "").split())
        outline = _outline(group)
        if "node" in words and outline is not None:
            shapes[name] = outline
            nodes += not words.isdisjoint({"element", "stack"})
            labels += _label(name, group.findall("text"))
        elif "boundary" in words and outline is not None:
            boxes[name] = outline
        elif "boundary-labels" in words:
            labels += [found for text in group.findall("text") for found in _label(_box_of(text), [text])]
    sizes = [
        float(text.get("font-size", "0")) for text in root.iter("text") if "".join(text.itertext()).strip()
    ]
    return _Found(
        width=width,
        height=height,
        labels=tuple(labels),
        shapes=shapes,
        boxes=boxes,
        nodes=nodes,
        smallest=min(sizes, default=0.0),
    )


def _box_of(text: ET.Element) -> str:
    return next((word for word in text.get("class", "").split() if word.startswith("b-")), "")


def _label(owner: str, texts: Iterable[ET.Element]) -> list[_Label]:
    """The lines of a node or boundary as one label; none where it has no text."""
    lines = [(text, "".join(text.itertext())) for text in texts]
    areas = [_line(text, words) for text, words in lines if words.strip()]
    if not areas:
        return []
    area = Area(
        min(a.left for a in areas),
        min(a.top for a in areas),
        max(a.right for a in areas),
        max(a.bottom for a in areas),
    )
    return [_Label(owner, " ".join(words.strip() for _, words in lines if words.strip()), area)]


def _line(text: ET.Element, words: str) -> Area:
    size, x, y = (float(text.get(name, "0")) for name in ("font-size", "x", "y"))
    wide = advance(words.strip(), size, bold=text.get("font-weight") == "bold")
    left = {"middle": x - wide / 2, "end": x - wide}.get(text.get("text-anchor", "start"), x)
    return Area(left, y - _RISE * size, left + wide, y + _FALL * size)


def _outline(group: ET.Element) -> Area | None:
    """What the shapes of a group cover."""
    numbers: list[float] = []
    for shape in group:
        if shape.tag in _SHAPES:
            numbers += [float(n) for n in _NUMBER.findall(shape.get("points", "") + shape.get("d", ""))]
    if len(numbers) < 4:
        return None
    across, down = numbers[0::2], numbers[1::2]
    return Area(min(across), min(down), max(across), max(down))
