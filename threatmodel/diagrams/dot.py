"""DOT text of a diagram, written through the `graphviz` package.

The number of a flow is a small node of its own on the line, placed in the innermost boundary that holds both
ends: the number stands exactly on its line and cannot overlap another label. Every label is an HTML-like one
made of escaped text, so a name cannot change the graph.
"""

from __future__ import annotations

import hashlib
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graphviz import Digraph

from threatmodel.diagrams.dfd import Box, Diagram, Edge, Mark, Node, Stack, counted, spans
from threatmodel.diagrams.labels import advance, width, wrap
from threatmodel.diagrams.legend import table
from threatmodel.diagrams.style import (
    BOUNDARY_SIZE,
    COLOURS,
    CONTEXT,
    CROSSING,
    FONT,
    GREY,
    INSIDE,
    MARKED,
    NAME_SIZE,
    NUMBER_SIZE,
    TINTS,
    escape,
    signed,
)

_BOX_LINES: Mapping[Mark, str] = {"": "dashed", "added": "solid", "removed": "dotted", "changed": "dashed"}
_NUMBER_SHAPES: Mapping[Mark, str] = {"": "box", "added": "box", "removed": "octagon", "changed": "hexagon"}
# Of 256: how often a line is given to the layout backwards, or a thing gets a new place in the order.
_SHUFFLE_FLIPS = 31
_CHANGE_FLIPS = 25
_CHANGE_ORDER = 12

# Characters of a line of words at a number.
_WORDS = 22
# A page may have a wider font than the layout.
_WIDER = 1.1
_NAMED_IN_STACK = 4
_LONGEST_IN_STACK = 28

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
        graph.graph_attr.update(label=table(diagram, legend_columns), labelloc="b", labeljust="l")
    graph.node_attr.update(fontname=FONT, fontsize=str(NAME_SIZE), penwidth="1.4")
    graph.edge_attr.update(fontname=FONT, arrowsize="0.7", penwidth="1.1")
    _fill(graph, None, diagram, variant)
    edges = {f"e-{edge.key}": edge for edge in diagram.edges}
    stacks = frozenset(stack.id for stack in diagram.stacks)
    for name in variant.ordered(list(edges)):
        _draw_edge(graph, edges[name], stacks, flipped=variant.flips(name), quiet=diagram.marked)
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
    stacks = {f"s-{stack.id}": stack for stack in diagram.stacks if stack.boundary == boundary}
    pills = {f"f-{edge.key}": edge for edge in diagram.edges if edge.boundary == boundary}
    folded = frozenset(stack.id for stack in diagram.stacks)
    for name in variant.ordered([*boxes, *nodes, *stacks, *pills]):
        if name in boxes:
            _draw_box(graph, boxes[name], diagram, variant)
        elif name in nodes:
            _draw_node(graph, nodes[name])
        elif name in stacks:
            _draw_stack(graph, stacks[name], brief=any(edge.says for edge in diagram.edges))
        else:
            edge = pills[name]
            _draw_number(
                graph,
                edge,
                bundle=not folded.isdisjoint((edge.source, edge.target)),
                brief=diagram.brief,
                quiet=diagram.marked,
            )


def _html(lines: Iterable[str], size: float, *, struck: bool = False) -> str:
    """An HTML-like label: escaped lines, with a table of known width where a line is not plain ASCII.

    The layout gives a character outside ASCII the width of a space; the table keeps room for it. `struck` strikes
    the lines through.
    """
    lines = list(lines)
    return _sized("<BR/>".join(_struck(line) if struck else escape(line) for line in lines), lines, size)


def _sized(body: str, lines: Sequence[str], size: float) -> str:
    """A label of this HTML-like text, in a table as wide as its lines where one is not plain ASCII."""
    if all(line.isascii() for line in lines):
        return f"<{body}>"
    wide = round(max(width(line, size) for line in lines))
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0"><TR><TD WIDTH="{wide}">{body}</TD></TR></TABLE>>'
    )


def _struck(line: str) -> str:
    """The line struck through, but for its sign."""
    sign = signed("", "removed")
    text = line.removeprefix(sign)
    return f"{escape(sign) if text != line else ''}<S>{escape(text)}</S>"


def _bold(label: str) -> str:
    return f"<<B>{label[1:-1]}</B>>"


def _draw_box(graph: Digraph, box: Box, diagram: Diagram, variant: Variant) -> None:
    colour = MARKED[box.change][1] if box.change else GREY if box.context else CROSSING
    tint = TINTS[0] if box.context else TINTS[min(box.depth, len(TINTS) - 1)]
    cluster = Digraph(f"cluster_{box.id}")
    cluster.attr(
        id=f"b-{box.id}",
        label=_box_label(box),
        labeljust="l",
        fontsize=str(BOUNDARY_SIZE),
        fontcolor=colour,
        style=f"{_BOX_LINES[box.change]},rounded",
        color=colour if box.change else CONTEXT[1] if box.context else "#dc2626",
        penwidth="3.2" if box.change else "1.8",
        margin="8",
        bgcolor=tint,
        **{"class": f"boundary b-{box.id}{' context' if box.context else ''}"},
    )
    _fill(cluster, box.id, diagram, variant)
    graph.subgraph(cluster)


def _box_label(box: Box) -> str:
    """The name in a table as wide as the wider of the two fonts needs, so that it stays in the box."""
    line = signed(box.name, box.change)
    body = _struck(line) if box.change == "removed" else escape(line)
    room = round(advance(line, BOUNDARY_SIZE, bold=True)) + 4
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR><TD ALIGN="LEFT" WIDTH="{room}">'
        f"<B>{body}</B></TD></TR></TABLE>>"
    )


def _draw_node(graph: Digraph, node: Node) -> None:
    fill, line = CONTEXT if node.context else COLOURS[node.kind]
    pen, border = "solid", "2"
    first, *more = wrap(node.name)
    lines = [signed(first, node.change), *more]
    label = _html(lines, NAME_SIZE, struck=node.change == "removed")
    name = f"n-{node.id}"
    context = " context" if node.context else ""
    attributes = {"id": name, "class": f"element {node.kind} {name}{context}"}
    if node.change:
        fill, line, pen, attributes["penwidth"] = MARKED[node.change]
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


def _stack_lines(stack: Stack, *, brief: bool) -> list[str]:
    """What stands on a stack below its name: its elements where they are few, else how many they are.

    In a picture with words on its lines (`brief`), those that matter most are named.
    """
    held = len(stack.members)
    inside = [f"{counted(stack.inside, 'flow', 'flows')} inside"] if stack.inside else []
    if held <= _NAMED_IN_STACK and max(map(len, stack.names)) <= _LONGEST_IN_STACK:
        return [*stack.names, *inside]
    if brief:
        return [*stack.foremost, f"and {held - len(stack.foremost)} more"]
    more = "" if stack.closed else "more "
    if stack.boundaries > 1:
        lines = [f"{held} {more}elements in", f"{stack.boundaries} boundaries"]
    elif stack.all_drawn:
        lines = [f"{held} {more}elements"]
    else:
        lines = [f"{held} {more}of {stack.total} elements"]
    return [*lines, *inside]


def _draw_stack(graph: Digraph, stack: Stack, *, brief: bool) -> None:
    """A block. Its line is that of a boundary where it stands for a whole one."""
    lines = _stack_lines(stack, brief=brief)
    label = _html(lines, NAME_SIZE)
    if stack.closed:
        label = f"<{_bold(_html(wrap(stack.name), NAME_SIZE))[1:-1]}<BR/>{label[1:-1]}>"
        if not all(line.isascii() for line in (stack.name, *lines)):
            label = _bold(_html([*wrap(stack.name), *lines], NAME_SIZE))
    colour = "#475569" if stack.context else CROSSING if stack.closed else INSIDE
    graph.node(
        f"s-{stack.id}",
        label=label,
        id=f"s-{stack.id}",
        shape="box3d",
        style="filled,dashed" if stack.closed else "filled",
        fillcolor=CONTEXT[0] if stack.context else TINTS[2] if stack.closed else "#eef2f7",
        color=CONTEXT[1] if stack.context else "#dc2626" if stack.closed else INSIDE,
        fontcolor=colour,
        margin="0.12,0.1",
        **{"class": f"stack{' closed' if stack.closed else ''}{' context' if stack.context else ''}"},
    )


def _flow_class(edge: Edge) -> str:
    numbers = " ".join(f"f-{number}" for number in edge.numbers)
    return f"flow {'crossing' if edge.crosses else 'inside'} {numbers}"


def _number_lines(text: str) -> list[str]:
    """A long list of numbers on several lines, of more characters the longer it is."""
    rows = max(-(-len(text) // 16), round(math.sqrt(len(text) / 12)), 1)
    lines, most = [""], -(-len(text) // rows) + 2
    for part in text.split(", "):
        if lines[-1] and len(lines[-1]) + len(part) > most:
            lines[-1] += ","
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]}, {part}" if lines[-1] else part
    return lines


def _pill_width(lines: Iterable[str], words: Iterable[str]) -> str:
    """Inches that the numbers take in the wider of the two fonts (bold digits are 0.62 of the size), with room."""
    numbers = max(sum(0.36 if char in ",- " else 0.62 for char in line) for line in lines) * NUMBER_SIZE
    points = max(numbers, *(advance(line, NUMBER_SIZE) * _WIDER for line in words), 0.0) + 6
    return f"{points / 72:.2f}"


def _number_label(lines: Sequence[str], words: Sequence[str]) -> str:
    """Numbers in bold type; words begin with them."""
    if not words:
        return _bold(_html(lines, NUMBER_SIZE))
    [number] = lines
    body = f"<B>{number}</B>{'<BR/>'.join(map(escape, words)).removeprefix(number)}"
    return _sized(body, words, NUMBER_SIZE)


def _line_colour(edge: Edge, *, quiet: bool) -> str:
    """The colour of a line. In a `quiet` picture, what did not change is grey."""
    if edge.change:
        return MARKED[edge.change][1]
    return CONTEXT[1] if quiet else CROSSING if edge.crosses else INSIDE


def _draw_number(graph: Digraph, edge: Edge, *, bundle: bool, brief: bool, quiet: bool) -> None:
    """The numbers of a line; a `bundle` of several says how many first. In `brief`, one, how many more and its name."""
    colour = _line_colour(edge, quiet=quiet)
    words: Sequence[str] = ()
    if brief:
        name = edge.says[1] if edge.says else ""
        lines = [edge.brief]
        words = textwrap.wrap(f"{edge.brief} {name}", _WORDS, break_on_hyphens=False)
    else:
        lines = _number_lines(signed(spans(edge.numbers), edge.change))
        if bundle and len(edge.numbers) > 1:
            lines.insert(0, f"{len(edge.numbers)} flows")
    graph.node(
        f"f-{edge.key}",
        label=_number_label(lines, words),
        id=f"f-{edge.key}",
        shape=_NUMBER_SHAPES[edge.change],
        style="filled" if edge.change else "filled,rounded",
        fillcolor="white",
        color=colour,
        fontcolor=GREY if quiet and not edge.change else colour,
        fontsize=str(NUMBER_SIZE),
        penwidth="2" if edge.change == "added" else "1",
        margin="0.05,0.04" if len(lines) + len(words) > 1 else "0.03,0.01",
        width=_pill_width(lines, words),
        height="0.2",
        **{"class": _flow_class(edge)},
    )


def _draw_edge(graph: Digraph, edge: Edge, stacks: frozenset[str], *, flipped: bool, quiet: bool) -> None:
    """The two halves of a line: end, number, end. A flipped line is laid out from target to source."""
    tail, head = (edge.target, edge.source) if flipped else (edge.source, edge.target)
    at_tail, at_head = (edge.forward, edge.backward) if flipped else (edge.backward, edge.forward)
    number = f"f-{edge.key}"
    attributes = {"color": _line_colour(edge, quiet=quiet), "class": _flow_class(edge)}
    if edge.change:
        _, _, attributes["style"], attributes["penwidth"] = MARKED[edge.change]
    first = {"id": f"e-{edge.key}-{'b' if flipped else 'a'}", "dir": "back" if at_tail else "none"}
    second = {"id": f"e-{edge.key}-{'a' if flipped else 'b'}", "dir": "forward" if at_head else "none"}
    graph.edge(f"{'s' if tail in stacks else 'n'}-{tail}", number, **attributes, **first)
    graph.edge(number, f"{'s' if head in stacks else 'n'}-{head}", **attributes, **second)
