"""From a diagram to pictures: several seeded layouts, the most readable one kept, results cached."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from itertools import starmap
from pathlib import Path

from threatmodel.core.canonical import digest, dump_bytes, sha256
from threatmodel.diagrams import svg as svg_form
from threatmodel.diagrams.cache import PictureCache
from threatmodel.diagrams.dfd import Diagram, Table
from threatmodel.diagrams.dot import Variant, write
from threatmodel.diagrams.engine import Engine, EngineRefused, LayoutFailed, find_engine
from threatmodel.diagrams.legend import legend_columns
from threatmodel.diagrams.print_size import NeedsSplit, choose
from threatmodel.diagrams.score import Score, scores

__all__ = ["LayoutFailed", "Rendered", "default_starts", "render"]

MOST_STARTS = 12
"""Layouts that are tried for one picture at most."""
_FORM = 4  # of cached entries: raised with every change of what is done to a picture after its layout
_PNG_DPI = 144
_GENERATION = 4
_BATCH = 2
_PARENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A picture. `dot` is the text of the layout that was kept; `score` its value, lower is better."""

    svg: bytes
    png: bytes
    dot: str
    width_pt: float
    height_pt: float
    score: float
    layout_engine: str


def default_starts(diagram: Diagram) -> int:
    """How many layouts are tried: fewer for larger pictures, and never by the clock."""
    size = len(diagram.nodes) + 2 * len(diagram.edges)
    return 2 if size > 600 else MOST_STARTS


def render(
    diagram: Diagram,
    *,
    cache: Path | None = None,
    dot: Path | None = None,
    starts: int | None = None,
    standalone: bool = False,
    executor: Executor | None = None,
    seconds: float = 60.0,
) -> Rendered:
    """The picture of a diagram; `standalone` adds key and table of flows below it.

    At most `MOST_STARTS` starts are made. `dot` is an installed Graphviz to use instead of the embedded engine.
    `executor` runs the layouts side by side and does not change the result. `seconds` limits each run of the
    engine.

    Raises:
        LayoutFailed: there is no engine, it failed on every start, or a run reached its limit.
    """
    engine = find_engine(dot, seconds=seconds)
    count = default_starts(diagram) if starts is None else min(MOST_STARTS, max(1, starts))
    base = write(diagram)
    store = PictureCache(cache) if cache is not None else None
    search_key = digest(["search", _FORM, engine.version, base, count])
    key = digest(["picture", search_key, asdict(diagram), standalone])
    kept = _unpack(store.get(key)) if store else None
    if kept is not None:
        return kept
    best = _recall(store.get(search_key) if store else None)
    if best is None:
        best = _search(diagram, base, engine, count, executor)
        if store:
            store.put(search_key, dump_bytes([asdict(best[0]), *best[1:]]))
    variant, value, wide, high = best
    rendered = _picture(diagram, variant, engine, value, (wide, high) if standalone else None)
    if store:
        store.put(key, _pack(rendered))
    return rendered


def _attempt(diagram: Diagram, variants: tuple[Variant, ...], engine: Engine) -> list[Score | EngineRefused]:
    """The scores of some starts, laid out by one process: starting it confined costs as much as a layout.

    An engine that refuses one of them may take the others: then each has its own process.
    """
    try:
        found = scores(engine.run("".join(write(diagram, variant) for variant in variants), "json0"))
        if len(found) != len(variants):
            raise LayoutFailed(f"{engine.program.name} wrote {len(found)} layouts for {len(variants)} graphs")
        return list(found)
    except EngineRefused as error:
        if len(variants) == 1:
            return [error]
    except ValueError as error:
        raise LayoutFailed(f"{engine.program.name} wrote something else than a layout") from error
    return [result for variant in variants for result in _attempt(diagram, (variant,), engine)]


def _search(
    diagram: Diagram, base: str, engine: Engine, starts: int, executor: Executor | None
) -> tuple[Variant, float, float, float]:
    """Variant, score, width and height of the best layout found in `starts` layouts; the earliest wins a tie.

    The first generation is the model's order and shuffles of it, the others are changes of the best so far. A
    generation depends on the one before it and not on who finished first.
    """
    seed = sha256(base.encode())
    tried: list[_Tried] = []
    refused: EngineRefused | None = None
    for first in range(0, starts, _GENERATION):
        numbers = range(first, min(first + _GENERATION, starts))
        parents = _parents(tried)
        variants = [
            _change(parents[number % len(parents)], number) if parents else _shuffle(seed, number)
            for number in numbers
        ]
        batches = [tuple(variants[at : at + _BATCH]) for at in range(0, len(variants), _BATCH)]
        work = [(diagram, batch, engine) for batch in batches]
        answers = executor.map(_attempt, *zip(*work, strict=True)) if executor else starmap(_attempt, work)
        results = [result for answer in answers for result in answer]
        for number, variant, result in zip(numbers, variants, results, strict=True):
            if isinstance(result, Score):
                tried.append(_Tried(result.value, number, result.width, result.height, variant))
            else:
                refused = result
    if not tried:
        raise refused or LayoutFailed("no layout was tried")
    best = min(tried, key=_Tried.rank)
    return best.variant, best.value, best.width, best.height


@dataclass(frozen=True, slots=True)
class _Tried:
    value: float
    number: int
    width: float
    height: float
    variant: Variant

    def rank(self) -> tuple[float, int]:
        return self.value, self.number


def _parents(tried: list[_Tried]) -> list[Variant]:
    """The best few so far, and the best of each main direction."""
    ranked = [entry.variant for entry in sorted(tried, key=_Tried.rank)]
    kept = ranked[:_PARENTS]
    for direction in ("LR", "TB"):
        kept += [variant for variant in ranked if variant.rankdir == direction and variant not in kept][:1]
    return kept


def _shuffle(seed: str, number: int) -> Variant:
    """Start 0 is the model's own order from left to right; odd ones are laid out from top to bottom."""
    lineage = (number,) if number > 1 else (0,)
    return Variant(seed=seed, lineage=lineage, rankdir="TB" if number % 2 else "LR")


def _change(parent: Variant, number: int) -> Variant:
    return replace(parent, lineage=(*parent.lineage, number))


def _forms(diagram: Diagram) -> Iterator[Diagram]:
    """The diagram with each table that it may have, and then with the shortest labels on its lines."""
    for form in diagram.tables:
        yield replace(diagram, tables=(form,))
    shortest: tuple[Table, ...] = ("none", "bare") if diagram.stacks else ()
    edges = tuple(replace(edge, says=None) for edge in diagram.edges)
    for form in shortest:
        yield replace(diagram, edges=edges, brief=True, tables=(form,))


def _picture(
    diagram: Diagram, variant: Variant, engine: Engine, value: float, size: tuple[float, float] | None
) -> Rendered:
    """The finished picture; with the `size` of its layout in points, a table of flows stands below it.

    Of the forms that it may have, the first that can be printed is taken, else the last.
    """
    try:
        for told in _forms(diagram):
            columns = legend_columns(told, *size) if size and told.tables[0] != "bare" else 0
            text = write(told, variant, legend_columns=columns)
            svg, width, height = svg_form.finish(engine.run(text, "svg"), diagram)
            if not isinstance(choose(width, height), NeedsSplit):
                break
    except ValueError as error:
        raise LayoutFailed(str(error)) from error
    return Rendered(
        svg=svg,
        png=engine.run(text, "png", f"-Gdpi={_PNG_DPI}"),
        dot=text,
        width_pt=width,
        height_pt=height,
        score=value,
        layout_engine=engine.version,
    )


def _pack(rendered: Rendered) -> bytes:
    texts = {"svg": rendered.svg.decode(), "png": base64.b64encode(rendered.png).decode()}
    return dump_bytes(asdict(rendered) | texts)


def _unpack(body: bytes | None) -> Rendered | None:
    """A cached picture, or None where the entry is absent or not one of ours."""
    if body is None:
        return None
    try:
        fields = json.loads(body)
        png = base64.b64decode(fields.pop("png"), validate=True)
        return Rendered(svg=fields.pop("svg").encode(), png=png, **fields)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return None


def _recall(body: bytes | None) -> tuple[Variant, float, float, float] | None:
    """A cached search result, or None where the entry is absent or not one of ours."""
    if body is None:
        return None
    try:
        fields, value, wide, high = json.loads(body)
        variant = Variant(**(fields | {"lineage": tuple(fields["lineage"])}))
        return variant, float(value), float(wide), float(high)
    except (ValueError, KeyError, TypeError):
        return None
