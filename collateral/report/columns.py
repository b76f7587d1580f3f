"""Tables of plain texts, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from collateral.report.markdown import inline


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with columns of one width each, two blanks between them."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]


def piped(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of GitHub's Markdown; nothing in a cell is markup."""
    head, *cells = (f"| {' | '.join(map(inline, row))} |" for row in (heads, *rows))
    return [head, f"|{' --- |' * len(heads)}", *cells]
