"""A graph of named shapes and lines, written as DOT and as Mermaid, and laid out once."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from graphviz import Digraph

from threatmodel.diagrams import svg as svg_form
from threatmodel.diagrams.dfd import Diagram
from threatmodel.diagrams.engine import Engine, LayoutFailed
from threatmodel.diagrams.labels import advance, one_line, width
from threatmodel.diagrams.style import BOUNDARY_SIZE, COLOURS, FONT, LEGEND_SIZE, NAME_SIZE, TINTS, escape

Tone = Literal[
    "process", "datastore", "external", "actor", "adversary", "goal", "open", "claimed", "proven", "plain"
]
_TONES: dict[Tone, tuple[str, str]] = {
    **COLOURS,  # type: ignore[dict-item]  # the kinds of elements
    "adversary": ("#1f2937", "#111827"),
    "goal": ("#fef9c3", "#a16207"),
    "open": ("#fef2f2", "#b91c1c"),
    "claimed": ("#fffbeb", "#b45309"),
    "proven": ("#ecfdf5", "#047857"),
    "plain": ("#f8fafc", "#475569"),
}
_LINE = 30
"""Characters of a line of type in a shape."""
_PNG_DPI = 144


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A box. `head` is in bold type; `lines` are below it. `inside` is the box around it, empty where there is none."""

    id: str
    head: str
    lines: tuple[str, ...] = ()
    tone: Tone
    inside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An arrow. `strong`: it belongs to what matters most."""

    source: str
    target: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A box around shapes and other frames."""

    id: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A picture. `caption` stands below it; `down`: it grows downwards, else to the right."""

    title: str
    alt: str
    caption: tuple[str, ...]
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]
    frames: tuple[Frame, ...] = ()
    down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A sketch as pictures, with its size in points."""

    svg: bytes
    png: bytes
    width_pt: float
    height_pt: float


def dot_text(sketch: Sketch) -> str:
    """The sketch as DOT. Every label is an HTML-like one made of escaped text."""
    graph = Digraph(
        "sketch",
        graph_attr={
            "fontname": FONT,
            "rankdir": "TB" if sketch.down else "LR",
            "newrank": "true",
            "splines": "true",
            "ranksep": "0.3",
            "nodesep": "0.16",
            "pad": "0.15",
            "bgcolor": "white",
            "labelloc": "b",
            "labeljust": "l",
            "label": _caption(sketch.caption),
        },
    )
    graph.node_attr.update(fontname=FONT, fontsize=str(NAME_SIZE), penwidth="1.4", shape="box")
    graph.edge_attr.update(arrowsize="0.75")
    _fill(graph, "", sketch, 0)
    for line in sketch.lines:
        colour, pen = ("#b91c1c", "2.2") if line.strong else ("#64748b", "1.1")
        graph.edge(line.source, line.target, color=colour, penwidth=pen)
    return str(graph.source)


def _fill(graph: Digraph, frame: str, sketch: Sketch, depth: int) -> None:
    for inner in sketch.frames:
        if inner.parent == frame:
            cluster = Digraph(f"cluster_{inner.id}")
            cluster.attr(
                label=f"<<B>{escape(one_line(inner.name))}</B>>",
                labeljust="l",
                labelloc="t",
                fontsize=str(BOUNDARY_SIZE - 1),
                fontcolor="#991b1b",
                style="dashed,rounded",
                color="#dc2626",
                penwidth="1.4",
                margin="10",
                bgcolor=TINTS[min(depth, len(TINTS) - 1)],
            )
            _fill(cluster, inner.id, sketch, depth + 1)
            graph.subgraph(cluster)
    for shape in sketch.shapes:
        if shape.inside == frame:
            _draw(graph, shape)


def _draw(graph: Digraph, shape: Shape) -> None:
    fill, line = _TONES[shape.tone]
    lines = _wrapped(shape)
    head = _wrap(shape.head)
    body = "<BR/>".join([*(f"<B>{escape(text)}</B>" for text in head), *map(escape, lines)])
    room = max(
        (advance(text, NAME_SIZE, bold=text in head) if text.isascii() else width(text, NAME_SIZE))
        for text in (*head, *lines)
    )
    table = (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="2" CELLSPACING="0">'
        f'<TR><TD WIDTH="{round(room) + 6}">{body}</TD></TR></TABLE>>'
    )
    graph.node(
        shape.id,
        label=table,
        style="filled" if shape.tone in {"external", "goal"} else "filled,rounded",
        fillcolor=fill,
        color=line,
        fontcolor="#ffffff" if shape.tone == "adversary" else "#0f172a",
        margin="0.08,0.05",
        **({"peripheries": "2"} if shape.tone == "goal" else {}),
    )


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(one_line(text), _LINE, break_on_hyphens=False) or [""]


def _wrapped(shape: Shape) -> list[str]:
    return [line for text in shape.lines for line in _wrap(text)]


def _caption(lines: Sequence[str]) -> str:
    rows = "".join(
        f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="{LEGEND_SIZE}" COLOR="#475569">{escape(one_line(line))}</FONT></TD></TR>'
        for line in lines
    )
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">'
    return f'<{table}<TR><TD HEIGHT="6"></TD></TR>{rows}</TABLE>>'


def mermaid_text(sketch: Sketch) -> str:
    """The sketch as a Mermaid flowchart; nothing of a text is read as its syntax."""
    out = [f"flowchart {'TB' if sketch.down else 'LR'}", f"  %% {_plain(sketch.title)}"]
    names = {shape.id: f"n{place}" for place, shape in enumerate(sketch.shapes)}
    frames = {frame.id: f"b{place}" for place, frame in enumerate(sketch.frames)}
    out += _inside("", sketch, names, frames, "  ")
    for line in sketch.lines:
        out.append(f"  {names[line.source]} {'==>' if line.strong else '-->'} {names[line.target]}")
    used: list[Tone] = sorted({shape.tone for shape in sketch.shapes})
    for tone in used:
        fill, colour = _TONES[tone]
        text = "#ffffff" if tone == "adversary" else "#0f172a"
        out.append(f"  classDef {tone} fill:{fill},stroke:{colour},color:{text}")
        members = ",".join(names[shape.id] for shape in sketch.shapes if shape.tone == tone)
        out.append(f"  class {members} {tone}")
    return "\n".join(out) + "\n"


def _inside(
    frame: str, sketch: Sketch, names: dict[str, str], frames: dict[str, str], indent: str
) -> list[str]:
    out: list[str] = []
    for inner in sketch.frames:
        if inner.parent == frame:
            out.append(f'{indent}subgraph {frames[inner.id]}["{_plain(inner.name)}"]')
            out += _inside(inner.id, sketch, names, frames, indent + "  ")
            out.append(f"{indent}end")
    for shape in sketch.shapes:
        if shape.inside == frame:
            body = "<br/>".join([_plain(shape.head), *map(_plain, _wrapped(shape))])
            out.append(f'{indent}{names[shape.id]}["{body}"]')
    return out


def _plain(text: str) -> str:
    """Text with every character that could be syntax as its number, which Mermaid shows as the character."""
    return "".join(
        char if char.isalnum() or char in " .,:()/@-" else f"#{ord(char)};" for char in one_line(text)
    )


def draw(sketch: Sketch, engine: Engine) -> Drawn:
    """The sketch as SVG and PNG.

    Raises:
        LayoutFailed: the engine failed.
    """
    text = dot_text(sketch)
    title = Diagram(
        id="sketch", title=sketch.title, alt=sketch.alt, nodes=(), edges=(), boundaries=(), legend=()
    )
    try:
        svg, wide, high = svg_form.finish(engine.run(text, "svg"), title)
    except ValueError as error:
        raise LayoutFailed(str(error)) from error
    return Drawn(svg=svg, png=engine.run(text, "png", f"-Gdpi={_PNG_DPI}"), width_pt=wide, height_pt=high)
