"""Key and table of flows below a picture, as an HTML-like label."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from threatmodel.diagrams.dfd import Diagram, Edge, LegendRow, counted, spans
from threatmodel.diagrams.labels import advance, width
from threatmodel.diagrams.print_size import A3_FIELD
from threatmodel.diagrams.style import CROSSING, GREY, INSIDE, LEGEND_SIZE, MARKED, escape, signed

_INK = "#0f172a"
_SOFT = "#475569"
_MOST_COLUMNS = 4
_WIDE_KEY = 3
"""Columns of flows beside which two lines of the key have room."""
# Characters of a line in the cells of a row.
_NUMBERS, _ENDS, _WHAT = 16, 44, 60
_LINE = 12.6
_ROW = 4.0
"""Points of a line of type and of what a row has above and below."""
_MOST_NAMES = 2

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
_STACK_KEY = "block: several elements drawn as one, a whole trust boundary where it is dashed"
_WORDED_KEY = "4 +2: flow 4, whose name it is, and two others on the same line"
_BRIEF_KEY = "4 +2: flow 4 and two others on the same line"
_NO_TABLE = "what each flow is: the table of the whole system"


@dataclass(frozen=True, slots=True)
class _Cell:
    lines: tuple[str, ...]
    colour: str
    bold: bool = False

    @property
    def room(self) -> float:
        return max((advance(line, LEGEND_SIZE, bold=self.bold) for line in self.lines), default=0.0)

    def html(self, *, align: str = "LEFT", after: int = 0, top: bool = False) -> str:
        """The cell; `after` fixed spaces keep it apart from the next."""
        broken = "<BR/>" if align == "RIGHT" and len(self.lines) == 1 else f'<BR ALIGN="{align}"/>'
        body = broken.join(escape(line) for line in self.lines) or "&#160;"
        body += "&#160;" * after
        body = f"<B>{body}</B>" if self.bold else body
        body += broken if len(self.lines) > 1 else ""
        plain = all(line.isascii() for line in self.lines)
        wide = round(max((width(line, LEGEND_SIZE) for line in self.lines), default=0.0))
        room = "" if plain else f' WIDTH="{wide}"'
        room += ' VALIGN="TOP"' if top else ""
        font = f'<FONT POINT-SIZE="{LEGEND_SIZE}" COLOR="{self.colour}">{body}</FONT>'
        return f'<TD ALIGN="{align}"{room}>{font}</TD>'


@dataclass(frozen=True, slots=True)
class _Row:
    number: _Cell
    ends: _Cell
    what: _Cell

    @property
    def room(self) -> float:
        return self.number.room + self.ends.room + self.what.room + 36

    @property
    def height(self) -> float:
        return max(len(cell.lines) for cell in (self.number, self.ends, self.what)) * _LINE + _ROW

    def html(self) -> str:
        top = any(len(cell.lines) > 1 for cell in (self.number, self.ends, self.what))
        ends, what = self.ends.html(after=3, top=top), self.what.html(after=2, top=top)
        return self.number.html(align="RIGHT", top=top) + ends + what


def table(diagram: Diagram, columns: int) -> str:
    """Key and table of flows as an HTML-like label, numbers running down the columns."""
    rows = _rows(diagram)
    height = -(-len(rows) // columns)
    span = f'COLSPAN="{3 * columns}" ALIGN="LEFT"'
    lines = [f'<TR><TD {span} HEIGHT="8"></TD></TR>']
    lines += [
        f'<TR><TD {span}><FONT POINT-SIZE="{LEGEND_SIZE}" COLOR="{_SOFT}">{escape(text)}</FONT></TD></TR>'
        for text in _key(diagram, columns)
    ]
    for at in range(height):
        picked = [rows[at + column * height] for column in range(columns) if at + column * height < len(rows)]
        missing = f'<TD COLSPAN="{3 * (columns - len(picked))}"></TD>' if len(picked) < columns else ""
        lines.append(f"<TR>{''.join(row.html() for row in picked)}{missing}</TR>")
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">{"".join(lines)}</TABLE>>'


def legend_columns(diagram: Diagram, wide: float, high: float) -> int:
    """How many columns leave a picture of this size in points, with its table, the largest on A3."""
    rows = _rows(diagram)

    def scale(columns: int) -> float:
        height = -(-len(rows) // columns)
        across = sum(
            max((row.room for row in rows[at : at + height]), default=0.0)
            for at in range(0, len(rows), height or 1)
        )
        lines = (max(row.height for row in rows[at::height]) for at in range(height))
        down = high + 8 + (_LINE + _ROW) * len(_key(diagram, columns)) + sum(lines)
        return round(min(1.0, A3_FIELD[0] / max(wide, across, 1.0), A3_FIELD[1] / max(down, 1.0)), 3)

    return max(range(1, _MOST_COLUMNS + 1), key=lambda columns: (scale(columns), -columns))


def _key(diagram: Diagram, columns: int) -> tuple[str, ...]:
    """The lines of the key, two on a row where there is room."""
    if diagram.key or diagram.marked:
        return diagram.key or _CHANGE_KEY
    lines = [
        *_KEY,
        *([_STACK_KEY] if diagram.stacks else []),
        *([_WORDED_KEY if any(edge.says for edge in diagram.edges) else _BRIEF_KEY] if diagram.brief else []),
        *([_NO_TABLE] if diagram.tables[0] == "none" else []),
    ]
    step = 2 if columns >= _WIDE_KEY else 1
    return tuple("; ".join(lines[at : at + step]) for at in range(0, len(lines), step))


def _rows(diagram: Diagram) -> list[_Row]:
    if diagram.tables[0] == "none":
        return []
    if diagram.tables[0] == "lines":
        rows = {row.flow: row for row in diagram.legend}
        names = {n.id: n.name for n in diagram.nodes} | {s.id: s.title for s in diagram.stacks}
        return [
            _bundle(
                edge,
                [rows[flow] for flow in edge.flows],
                names[edge.source],
                names[edge.target],
            )
            for edge in sorted(diagram.edges, key=lambda edge: edge.key)
        ]
    return [_flow(row, quiet=diagram.marked) for row in diagram.legend]


def _flow(row: LegendRow, *, quiet: bool) -> _Row:
    what = f"{row.name} ({row.protocol})" if row.protocol else row.name
    crossing, inside, ends = CROSSING, INSIDE, _INK
    if quiet:
        what = f"{row.flow} {what}{', crosses a boundary' if row.crosses else ''}"
        crossing = inside = MARKED[row.change][1] if row.change else GREY
        ends = ends if row.change else GREY
    number = _Cell((signed(str(row.number), row.change),), crossing if row.crosses else inside, bold=True)
    return _Row(
        number,
        _Cell(_wrapped(f"{row.source} to {row.target}", _ENDS), ends),
        _Cell(_wrapped(what, _WHAT), _SOFT),
    )


def _bundle(edge: Edge, rows: Sequence[LegendRow], source: str, target: str) -> _Row:
    """A row for all flows of one line: their numbers, and the names of the first ones."""
    names = list(dict.fromkeys(row.name for row in rows))
    more = len(names) - _MOST_NAMES
    what = "; ".join(names[:_MOST_NAMES]) + (f"; {counted(more, 'other', 'others')}" if more > 0 else "")
    lines = textwrap.wrap(spans(edge.numbers), _NUMBERS, break_on_hyphens=False)
    return _Row(
        _Cell(tuple(lines), CROSSING if edge.crosses else INSIDE, bold=True),
        _Cell(_wrapped(f"{source} {'and' if edge.backward else 'to'} {target}", _ENDS), _INK),
        _Cell(_wrapped(what, _WHAT), _SOFT),
    )


def _wrapped(text: str, most: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, most, break_on_hyphens=False)) or ("",)
