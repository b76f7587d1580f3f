"""How readable a layout is: one number, lower is better, computed from the engine's JSON output."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from threatmodel.diagrams.print_size import A3_FIELD, LANDSCAPE

Point = tuple[float, float]

_CELL = 48.0
_STEPS = 8
_PER_NODE_HIT = 4.0
_PER_LABEL_HIT = 1.5
_LENGTH = 900.0
_AREA = 250_000.0
_ASPECT = 8.0
_PAPER = 500.0
_WANTED = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What was counted in a layout. Lengths are points."""

    crossings: int
    through_nodes: int
    through_labels: int
    length: float
    width: float
    height: float
    readable: float
    """Scale at which the picture fits on A3 landscape, at most 1."""

    @property
    def value(self) -> float:
        """The number to compare, lower is better; rounded so that it can be recorded."""
        aspect = abs(math.log(max(self.width, 1.0) / max(self.height, 1.0) / LANDSCAPE))
        return round(
            self.crossings
            + _PER_NODE_HIT * self.through_nodes
            + _PER_LABEL_HIT * self.through_labels
            + self.length / _LENGTH
            + self.width * self.height / _AREA
            + _ASPECT * aspect
            + _PAPER * max(0.0, _WANTED - self.readable),
            3,
        )


@dataclass(frozen=True, slots=True)
class _Line:
    ends: tuple[int, int]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Area:
    owner: int
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, point: Point) -> bool:
        return self.left < point[0] < self.right and self.bottom < point[1] < self.top


def scores(layouts: bytes) -> list[Score]:
    """The score of each of several layouts in the engine's `json0` form, one after the other.

    Raises:
        ValueError: these are not such layouts.
    """
    text, at, found = layouts.decode(), 0, []
    decoder = json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        graph, at = decoder.raw_decode(text, at)
        found.append(_score(graph))
    return found


def _score(graph: Any) -> Score:
    try:
        left, bottom, right, top = (float(part) for part in graph["bb"].split(","))
        objects = graph.get("objects", [])
        lines = [_line(edge) for edge in graph.get("edges", [])]
        nodes = [_node_area(o) for o in objects if "pos" in o]
        labels = [_label_area(o) for o in objects if "lp" in o]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is not a layout in JSON") from error
    wide, high = right - left, top - bottom
    return Score(
        crossings=_crossings(lines),
        through_nodes=_hits(lines, nodes),
        through_labels=_hits(lines, labels),
        length=round(sum(math.dist(a, b) for line in lines for a, b in pairwise(line.points)), 1),
        width=wide,
        height=high,
        readable=min(1.0, A3_FIELD[0] / max(wide, 1.0), A3_FIELD[1] / max(high, 1.0)),
    )


def _line(edge: dict[str, Any]) -> _Line:
    """The line of an edge, its curves replaced by short straight pieces."""
    points: list[Point] = []
    for spline in edge["pos"].split(";"):
        controls: list[Point] = []
        tips: dict[str, Point] = {}
        for word in spline.split():
            parts = word.split(",")
            if parts[0] in {"e", "s"}:
                tips[parts[0]] = (float(parts[1]), float(parts[2]))
            else:
                controls.append((float(parts[0]), float(parts[1])))
        points += [tips["s"]] if "s" in tips else []
        points += controls[:1]
        for at in range(0, len(controls) - 3, 3):
            points += _bezier(controls[at : at + 4])
        points += [tips["e"]] if "e" in tips else []
    return _Line((edge["tail"], edge["head"]), tuple(points))


def _bezier(control: list[Point]) -> list[Point]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = control
    out = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        u = 1.0 - t
        k0, k1, k2, k3 = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        out.append((k0 * ax + k1 * bx + k2 * cx + k3 * dx, k0 * ay + k1 * by + k2 * cy + k3 * dy))
    return out


def _node_area(node: dict[str, Any]) -> _Area:
    x, y = (float(part) for part in node["pos"].split(","))
    half_width, half_height = float(node["width"]) * 36, float(node["height"]) * 36
    return _Area(node["_gvid"], x - half_width, y - half_height, x + half_width, y + half_height)


def _label_area(cluster: dict[str, Any]) -> _Area:
    x, y = (float(part) for part in cluster["lp"].split(","))
    half_width, half_height = float(cluster["lwidth"]) * 36, float(cluster["lheight"]) * 36
    return _Area(-1, x - half_width, y - half_height, x + half_width, y + half_height)


def _crossings(lines: list[_Line]) -> int:
    """Pairs of straight pieces that cross, of lines that do not meet at a node."""
    cells: dict[tuple[int, int], list[tuple[int, Point, Point]]] = {}
    for index, line in enumerate(lines):
        for a, b in pairwise(line.points):
            for cell in _cells(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])):
                cells.setdefault(cell, []).append((index, a, b))
    found: set[tuple[int, int, Point, Point]] = set()
    for pieces in cells.values():
        for at, (i, a, b) in enumerate(pieces):
            for j, c, d in pieces[at + 1 :]:
                if i == j or set(lines[i].ends) & set(lines[j].ends):
                    continue
                if _cross(a, b, c, d):
                    found.add((i, j, a, c))
    return len(found)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def left(p: Point, q: Point, r: Point) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    # a point on the line counts as right of it: lines that cross where two pieces join are counted once
    return left(a, b, c) != left(a, b, d) and left(c, d, a) != left(c, d, b)


def _cells(left: float, bottom: float, right: float, top: float) -> Iterator[tuple[int, int]]:
    for x in range(int(left // _CELL), int(right // _CELL) + 1):
        for y in range(int(bottom // _CELL), int(top // _CELL) + 1):
            yield x, y


def _hits(lines: list[_Line], areas: list[_Area]) -> int:
    """How often a line runs through an area that is not at one of its ends."""
    cells: dict[tuple[int, int], list[int]] = {}
    for index, area in enumerate(areas):
        for cell in _cells(area.left, area.bottom, area.right, area.top):
            cells.setdefault(cell, []).append(index)
    found: set[tuple[int, int]] = set()
    for number, line in enumerate(lines):
        for a, b in pairwise(line.points):
            steps = max(1, round(math.dist(a, b) / 6.0))
            for step in range(steps):
                t = step / steps
                point = (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
                for index in cells.get((int(point[0] // _CELL), int(point[1] // _CELL)), ()):
                    area = areas[index]
                    if area.owner not in line.ends and area.holds(point):
                        found.add((number, index))
    return len(found)
