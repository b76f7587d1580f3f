"""DOT text of a diagram, written through the `graphviz` package.

The number of a flow is a small node of its own on the line, placed in the innermost boundary that holds both
ends: the number stands exactly on its line and cannot overlap another label. Every label is an HTML-like one
made of escaped text, so a name cannot change the graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape as html_escape
from typing import Literal

from graphviz import Digraph

from threatmodel.diagrams.dfd import SIGNS, Box, Diagram, Edge, LegendRow, Mark, Node, spans
from threatmodel.diagrams.labels import width, wrap

FONT = "Arial"
NAME_SIZE = 12
NUMBER_SIZE = 11
BOUNDARY_SIZE = 14
LEGEND_SIZE = 11
SMALLEST_TYPE = 11
"""Smallest type in a picture, in points before it is scaled to the paper."""

CROSSING = "#b91c1c"
INSIDE = "#334155"
_GREY = "#64748b"
_TINTS = ("#ffffff", "#fffafa", "#fef4f4", "#fdeeee", "#fce7e7")
# Fill and line of the shapes; context nodes are grey whatever they are.
_COLOURS = {
    "process": ("#eff6ff", "#1d4ed8"),
    "datastore": ("#f0fdf4", "#15803d"),
    "external": ("#fff7ed", "#9a3412"),
    "actor": ("#faf5ff", "#7e22ce"),
}
_CONTEXT = ("#f8fafc", "#94a3b8")
# Fill, line, style and width of what changed: told apart by sign and line as well as by colour (Okabe and Ito, 2008).
_MARKED: Mapping[Mark, tuple[str, str, str, str]] = {
    "added": ("#e6f2fa", "#0072b2", "solid", "3"),
    "removed": ("#fdf0e6", "#b34700", "dotted", "2.4"),
    "changed": ("#f6eef4", "#8a3a70", "dashed", "2.4"),
}
_BOX_LINES: Mapping[Mark, str] = {"": "dashed", "added": "solid", "removed": "dotted", "changed": "dashed"}
_NUMBER_SHAPES: Mapping[Mark, str] = {"": "box", "added": "box", "removed": "octagon", "changed": "hexagon"}
# Of 256: how often a line is given to the layout backwards, or a thing gets a new place in the order.
_SHUFFLE_FLIPS = 31
_CHANGE_FLIPS = 6
_CHANGE_ORDER = 12

RankDir = Literal["LR", "TB"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to give the same graph to the layout: order, direction of some lines, main direction.

    `lineage` starts with 0, the order of the model, or with another number, a shuffle of it; each further
    number changes a little of what came before. All choices come from digests of (seed, number, name): neither
    the clock, nor the hash seed of the process, nor a library's generator has a say.
    """

    seed: str = ""
    lineage: tuple[int, ...] = (0,)
    rankdir: RankDir = "LR"

    def ordered(self, names: Sequence[str]) -> list[str]:
        """The names in the order of this variant."""
        places = {name: at / len(names) for at, name in enumerate(names)}
        return sorted(names, key=lambda name: (self._place(name, places[name]), name))

    def flips(self, name: str) -> bool:
        """True where the line of this name is given backwards."""
        flipped = False
        for step, number in enumerate(self.lineage):
            limit = _CHANGE_FLIPS if step else _SHUFFLE_FLIPS if number else 0
            flipped ^= self._digest(number, f"flip {name}")[0] < limit
        return flipped

    def _place(self, name: str, place: float) -> float:
        for step, number in enumerate(self.lineage):
            found = self._digest(number, name)
            limit = _CHANGE_ORDER if step else 256 if number else 0
            if found[0] < limit:
                place = int.from_bytes(found[1:7], "big") / 2**48
        return place

    def _digest(self, number: int, name: str) -> bytes:
        return hashlib.sha256(f"{self.seed}\n{number}\n{name}".encode()).digest()


BASE = Variant()


def write(diagram: Diagram, variant: Variant = BASE, *, legend_columns: int = 0) -> str:
    """The DOT text of a diagram. With `legend_columns`, key and table of flows stand below the picture."""
    graph = Digraph("dfd", graph_attr=_graph_attributes(variant))
    if legend_columns:
        graph.graph_attr.update(label=_legend(diagram, legend_columns), labelloc="b", labeljust="l")
    graph.node_attr.update(fontname=FONT, fontsize=str(NAME_SIZE), penwidth="1.4")
    graph.edge_attr.update(fontname=FONT, arrowsize="0.7", penwidth="1.1")
    _fill(graph, None, diagram, variant)
    edges = {f"e-{edge.key}": edge for edge in diagram.edges}
    for name in variant.ordered(list(edges)):
        _draw_edge(graph, edges[name], flipped=variant.flips(name), quiet=diagram.marked)
    return str(graph.source)


def _graph_attributes(variant: Variant) -> dict[str, str]:
    return {
        "fontname": FONT,
        "rankdir": variant.rankdir,
        "newrank": "true",
        "compound": "true",
        "splines": "true",
        "ranksep": "0.12",
        "nodesep": "0.1",
        "pad": "0.1",
        "outputorder": "edgesfirst",
        "remincross": "true",
        "searchsize": "300",
        "mclimit": "8",
        "nslimit": "10",
        "bgcolor": "white",
        "labelloc": "b",
        "labeljust": "l",
    }


def _fill(graph: Digraph, boundary: str | None, diagram: Diagram, variant: Variant) -> None:
    """Puts the boundaries, elements and flow numbers that stand directly in `boundary` into `graph`."""
    boxes = {f"b-{box.id}": box for box in diagram.boundaries if box.parent == boundary}
    nodes = {f"n-{node.id}": node for node in diagram.nodes if node.boundary == boundary}
    pills = {f"f-{edge.key}": edge for edge in diagram.edges if edge.boundary == boundary}
    for name in variant.ordered([*boxes, *nodes, *pills]):
        if name in boxes:
            _draw_box(graph, boxes[name], diagram, variant)
        elif name in nodes:
            _draw_node(graph, nodes[name])
        else:
            _draw_number(graph, pills[name], quiet=diagram.marked)


def escape(text: str) -> str:
    """Text for an HTML-like label.

    The engine decodes entities first and then reads `\\N` as the node's name and two backslashes as one.
    """
    return html_escape(text).replace("\\", "&#92;&#92;")


def _html(lines: Iterable[str], size: float, *, struck: bool = False) -> str:
    """An HTML-like label: escaped lines, with a table of known width where a line is not plain ASCII.

    The layout gives a character outside ASCII the width of a space; the table keeps room for it. `struck` strikes
    the lines through.
    """
    lines = list(lines)
    body = "<BR/>".join(_struck(line) if struck else escape(line) for line in lines)
    if all(line.isascii() for line in lines):
        return f"<{body}>"
    wide = round(max(width(line, size) for line in lines))
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0"><TR><TD WIDTH="{wide}">{body}</TD></TR></TABLE>>'
    )


def _struck(line: str) -> str:
    """The line struck through, but for its sign."""
    sign = _signed("", "removed")
    text = line.removeprefix(sign)
    return f"{escape(sign) if text != line else ''}<S>{escape(text)}</S>"


def _bold(label: str) -> str:
    return f"<<B>{label[1:-1]}</B>>"


def _signed(text: str, mark: Mark) -> str:
    """The text with the sign of what became of it."""
    return f"{SIGNS[mark]} {text}" if mark else text


def _draw_box(graph: Digraph, box: Box, diagram: Diagram, variant: Variant) -> None:
    colour = _MARKED[box.change][1] if box.change else _GREY if box.context else CROSSING
    tint = _TINTS[0] if box.context else _TINTS[min(box.depth, len(_TINTS) - 1)]
    cluster = Digraph(f"cluster_{box.id}")
    cluster.attr(
        id=f"b-{box.id}",
        label=_bold(_html([_signed(box.name, box.change)], BOUNDARY_SIZE, struck=box.change == "removed")),
        labeljust="l",
        fontsize=str(BOUNDARY_SIZE),
        fontcolor=colour,
        style=f"{_BOX_LINES[box.change]},rounded",
        color=colour if box.change else _CONTEXT[1] if box.context else "#dc2626",
        penwidth="3.2" if box.change else "1.8",
        margin="8",
        bgcolor=tint,
        **{"class": f"boundary b-{box.id}{' context' if box.context else ''}"},
    )
    _fill(cluster, box.id, diagram, variant)
    graph.subgraph(cluster)


def _draw_node(graph: Digraph, node: Node) -> None:
    fill, line = _CONTEXT if node.context else _COLOURS[node.kind]
    pen, border = "solid", "2"
    first, *more = wrap(node.name)
    lines = [_signed(first, node.change), *more]
    label = _html(lines, NAME_SIZE, struck=node.change == "removed")
    name = f"n-{node.id}"
    context = " context" if node.context else ""
    attributes = {"id": name, "class": f"element {node.kind} {name}{context}"}
    if node.change:
        fill, line, pen, attributes["penwidth"] = _MARKED[node.change]
        border = attributes["penwidth"].partition(".")[0]
        attributes["fontcolor"] = line
    elif node.context:
        attributes["fontcolor"] = "#475569"
    if node.kind == "datastore":
        style = f' STYLE="{pen}"' if node.change else ""
        table = (
            f'<<TABLE BORDER="{border}" SIDES="TB"{style} CELLBORDER="0" CELLSPACING="0" CELLPADDING="5" COLOR="{line}" '
            f'BGCOLOR="{fill}"><TR><TD>{label[1:-1]}</TD></TR></TABLE>>'
        )
        graph.node(name, label=table, shape="plain", **attributes)
        return
    style = {"process": "filled,rounded", "external": "filled", "actor": "filled,diagonals"}[node.kind]
    if pen != "solid":
        style = f"{style},{pen}"
    if node.multiple:
        attributes["peripheries"] = "2"
    graph.node(
        name,
        label=label,
        shape="box",
        style=style,
        fillcolor=fill,
        color=line,
        margin="0.16,0.08" if node.kind == "actor" else "0.08,0.05",
        **attributes,
    )


def _flow_class(edge: Edge) -> str:
    numbers = " ".join(f"f-{number}" for number in edge.numbers)
    return f"flow {'crossing' if edge.crosses else 'inside'} {numbers}"


def _number_lines(text: str) -> list[str]:
    """A long list of numbers on several lines."""
    lines = [""]
    for part in text.split(","):
        if lines[-1] and len(lines[-1]) + len(part) > 11:
            lines[-1] += ","
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]},{part}" if lines[-1] else part
    return lines


def _pill_width(lines: Iterable[str]) -> str:
    """Inches that the numbers take in the wider of the two fonts (bold digits are 0.62 of the size), with room."""
    points = max(sum(0.62 if char.isdigit() else 0.36 for char in line) for line in lines) * NUMBER_SIZE + 6
    return f"{points / 72:.2f}"


def _line_colour(edge: Edge, *, quiet: bool) -> str:
    """The colour of a line. In a `quiet` picture, what did not change is grey."""
    if edge.change:
        return _MARKED[edge.change][1]
    return _CONTEXT[1] if quiet else CROSSING if edge.crosses else INSIDE


def _draw_number(graph: Digraph, edge: Edge, *, quiet: bool) -> None:
    colour = _line_colour(edge, quiet=quiet)
    lines = _number_lines(_signed(spans(edge.numbers), edge.change))
    graph.node(
        f"f-{edge.key}",
        label=_bold(_html(lines, NUMBER_SIZE)),
        id=f"f-{edge.key}",
        shape=_NUMBER_SHAPES[edge.change],
        style="filled" if edge.change else "filled,rounded",
        fillcolor="white",
        color=colour,
        fontcolor=_GREY if quiet and not edge.change else colour,
        fontsize=str(NUMBER_SIZE),
        penwidth="2" if edge.change == "added" else "1",
        margin="0.03,0.01",
        width=_pill_width(lines),
        height="0.2",
        **{"class": _flow_class(edge)},
    )


def _draw_edge(graph: Digraph, edge: Edge, *, flipped: bool, quiet: bool) -> None:
    """The two halves of a line: end, number, end. A flipped line is laid out from target to source."""
    tail, head = (edge.target, edge.source) if flipped else (edge.source, edge.target)
    at_tail, at_head = (edge.forward, edge.backward) if flipped else (edge.backward, edge.forward)
    number = f"f-{edge.key}"
    attributes = {"color": _line_colour(edge, quiet=quiet), "class": _flow_class(edge)}
    if edge.change:
        _, _, attributes["style"], attributes["penwidth"] = _MARKED[edge.change]
    first = {"id": f"e-{edge.key}-{'b' if flipped else 'a'}", "dir": "back" if at_tail else "none"}
    second = {"id": f"e-{edge.key}-{'a' if flipped else 'b'}", "dir": "forward" if at_head else "none"}
    graph.edge(f"n-{tail}", number, **attributes, **first)
    graph.edge(number, f"n-{head}", **attributes, **second)


_SHAPES_KEY = (
    "sharp box: external entity; crossed corners: actor; rounded box: process; double line: several instances"
)
_KEY = (
    _SHAPES_KEY,
    "two bars: data store; dashed box: trust boundary; grey: neighbour of what is shown",
    "red numbered arrow: flow that crosses a trust boundary; two heads: flows in both directions",
)
_CHANGE_KEY = (
    "+ thick line: added",
    "\N{MINUS SIGN} dotted line, name struck through, number in an octagon: removed",
    "~ dashed line, number in a hexagon: changed",
    "thin and grey, without a sign: as it was",
    _SHAPES_KEY,
    "two bars: data store; box around others: trust boundary; two heads: flows in both directions",
)


def _cell(
    text: str, *, size: float = LEGEND_SIZE, colour: str = "#0f172a", bold: bool = False, align: str = "LEFT"
) -> str:
    room = "" if text.isascii() else f' WIDTH="{round(width(text, size))}"'
    kept = text.rstrip(" ")
    body = escape(kept) + "&#160;" * max(len(text) - len(kept), not kept)
    body = f"<B>{body}</B>" if bold else body
    return f'<TD ALIGN="{align}"{room}><FONT POINT-SIZE="{size}" COLOR="{colour}">{body}</FONT></TD>'


def _row_cells(row: LegendRow, *, quiet: bool) -> str:
    what = f"{row.name} ({row.protocol})" if row.protocol else row.name
    crossing, inside, ends = (CROSSING, INSIDE, "#0f172a")
    if quiet:
        what = f"{row.flow} {what}{', crosses a boundary' if row.crosses else ''}"
        crossing = inside = _MARKED[row.change][1] if row.change else _GREY
        ends = ends if row.change else _GREY
    return (
        _cell(
            _signed(str(row.number), row.change),
            colour=crossing if row.crosses else inside,
            bold=True,
            align="RIGHT",
        )
        + _cell(f"{row.source} to {row.target}   ", colour=ends)
        + _cell(f"{what}  ", colour="#475569")
    )


def _legend(diagram: Diagram, columns: int) -> str:
    """Key and table of flows as an HTML-like label, numbers running down the columns."""
    rows = diagram.legend
    height = -(-len(rows) // columns)
    span = f'COLSPAN="{3 * columns}" ALIGN="LEFT"'
    lines = [f'<TR><TD {span} HEIGHT="8"></TD></TR>']
    lines += [
        f'<TR><TD {span}><FONT POINT-SIZE="{LEGEND_SIZE}" COLOR="#475569">{escape(text)}</FONT></TD></TR>'
        for text in diagram.key or (_CHANGE_KEY if diagram.marked else _KEY)
    ]
    for at in range(height):
        picked = [rows[at + column * height] for column in range(columns) if at + column * height < len(rows)]
        missing = f'<TD COLSPAN="{3 * (columns - len(picked))}"></TD>' if len(picked) < columns else ""
        lines.append(f"<TR>{''.join(_row_cells(row, quiet=diagram.marked) for row in picked)}{missing}</TR>")
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">{"".join(lines)}</TABLE>>'


def legend_columns(diagram: Diagram, picture_width: float) -> int:
    """How many columns of flows fit below a picture of this width in points, at least one and at most three."""
    if not diagram.legend:
        return 1
    widest = max(
        width(f"{row.number} {row.source} to {row.target} {row.name} ({row.protocol})", LEGEND_SIZE * 0.85)
        for row in diagram.legend
    )
    return max(1, min(3, round(picture_width // widest)))
