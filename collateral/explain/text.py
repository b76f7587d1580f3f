"""An explanation for a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from collateral.explain.document import headline, sections
from collateral.explain.model import ExplainFile
from collateral.report.markdown import inline
from collateral.report.trees import Signs, list_lines, plain, tree_lines


def explain_text(file: ExplainFile, signs: Signs, root: str = "") -> str:
    """For a terminal, at most 98 columns wide where no single word is wider. `root`: as of `sections`."""
    return "\n".join(_lines(file, signs, root)) + "\n"


def _lines(file: ExplainFile, signs: Signs, root: str) -> Iterator[str]:
    yield from (plain(line, signs) for line in headline(file))
    for section in sections(file, root):
        yield ""
        yield plain(section.title, signs)
        yield from tree_lines(section.nodes, signs)


def explain_markdown(file: ExplainFile, root: str = "") -> str:
    """The same as nested lists."""
    title, second = headline(file)
    lines = [f"## {inline(title)}", "", inline(second)]
    for section in sections(file, root):
        lines += ["", f"### {inline(section.title)}", "", *list_lines(section.nodes)]
    return "\n".join(lines) + "\n"
