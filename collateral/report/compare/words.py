"""What the forms of a comparison have in common: the words of a cell, where something is, groups of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from threatmodel.analysis.comparison import CellState, Column, Counts

NOT_CHECKED = (
    "No source tree was given: no claim was checked, so no threat counts as mitigated. What a control is claimed "
    "against is unverified."
)
SAME = (
    "The model is the same in these configurations but for their names and options: what the options change is not "
    "modelled, or changes nothing that a model shows."
)
SIGNS: Mapping[CellState, str] = {
    "absent": "–",
    "elsewhere": "→",
    "inside": "=",
    "contradicted": "✕",
    "open": "○",
    "unverified": "?",
    "decided": "◇",
    "mitigated": "✓",
    "no-threat": "∅",
}
MEANINGS: Mapping[CellState, str] = {
    "absent": "The configuration does not have it.",
    "elsewhere": "It is there and enters the boundary that is named; its threats stand there.",
    "inside": "It is there and crosses no boundary; its threats are counted in the last row of the totals.",
    "contradicted": "Against n threats a control is claimed, and the source tree shows that the claim does not hold.",
    "open": "No complete set of controls is claimed against n threats.",
    "unverified": "Controls are claimed against n threats, and nothing has shown that they are there.",
    "decided": "Nothing is open; a recorded decision settles n threats.",
    "mitigated": "Proven controls stand against each of its threats.",
    "no-threat": "It is there, and no rule of the library found a threat. That is no proof that there is none.",
}
_WORDS = ("contradicted", "open", "unverified", "decided", "mitigated")
_MOST_NAMES = 4


def cell_words(state: CellState, counts: Counts, enters: str) -> tuple[str, str]:
    """The words of a cell, and what else is to be counted beside them."""
    fixed: Mapping[str, str] = {
        "absent": "absent",
        "elsewhere": f"enters {enters}",
        "inside": "crosses no boundary",
        "no-threat": "present, no threat found",
        "contradicted": f"present ({counts.contradicted} contradicted)",
        "open": f"present ({counts.open} open)",
        "unverified": f"present, unverified ({counts.unverified})",
        "decided": f"present, decided ({counts.decided})",
        "mitigated": f"present and mitigated ({counts.mitigated})",
    }
    return fixed[state], counted(counts, leave=state)


def cell_short(state: CellState, counts: Counts, enters: str) -> str:
    """The cell in few letters, for a line."""
    if state in {"absent", "elsewhere", "inside", "no-threat"}:
        short = {"absent": "absent", "elsewhere": f"in {enters}", "inside": "no crossing"}
        return short.get(state, "no threat")
    return counted(counts)


def counted(counts: Counts, leave: str = "") -> str:
    """`4 open, 2 unverified`: what is not zero, but for the word that is left out."""
    return ", ".join(
        f"{number} {word}" for word in _WORDS if word != leave and (number := getattr(counts, word))
    )


def where(names: Sequence[str], every: Sequence[str]) -> str:
    """In which of the configurations, in the order of the columns, in the shorter form."""
    here = [name for name in every if name in names]
    rest = [name for name in every if name not in names]
    if not rest:
        return "all"
    if not here:
        return "none"
    if len(rest) < len(here) and len(rest) <= _MOST_NAMES:
        return f"all but {', '.join(rest)}"
    return ", ".join(here)


def where_coded(names: Sequence[str], every: Sequence[str]) -> str:
    """The same with the numbers of the columns, neighbours together: `C1-C9, C16`."""
    here = [at for at, name in enumerate(every, 1) if name in names]
    rest = [at for at, name in enumerate(every, 1) if name not in names]
    if not rest or not here:
        return "none" if rest else "all"
    if len(_runs(rest)) < len(_runs(here)):
        return f"all but {', '.join(_runs(rest))}"
    return ", ".join(_runs(here))


def _runs(numbers: Sequence[int]) -> list[str]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"C{run[0]}" if len(run) == 1 else f"C{run[0]}-C{run[-1]}" for run in runs]


def column_groups(columns: Sequence[Column], options: Sequence[str], most: int) -> list[dict[str, Any]]:
    """The columns in groups of at most `most`, those alike in the first two options that differ together.

    A group has the positions of its columns, and a title of the options that tell it from others; the title is empty
    where one group has them all.
    """
    if len(columns) <= most:
        return [{"title": "", "columns": [*range(len(columns))]}]
    keys = [k for k in options if len({column.options.get(k) for column in columns}) > 1][:2]
    blocks: dict[tuple[str, ...], list[int]] = {}
    for at, column in enumerate(columns):
        blocks.setdefault(tuple(column.options.get(key, "") for key in keys), []).append(at)
    pieces: list[tuple[tuple[str, ...], list[int]]] = []
    for values, places in sorted(blocks.items(), key=lambda block: _first(block[0], columns, keys)):
        for part in _even(places, most):
            joins = pieces and pieces[-1][0][:1] == values[:1] and len(pieces[-1][1]) + len(part) <= most
            if joins and len(places) <= most:
                pieces[-1][1].extend(part)
            else:
                pieces.append((values, [*part]))
    return [{"title": _title(places, columns, keys), "columns": places} for _, places in pieces]


def _first(values: tuple[str, ...], columns: Sequence[Column], keys: Sequence[str]) -> tuple[int, ...]:
    """Where each value stands first, so that blocks that share the first one are neighbours."""
    seen = [[column.options.get(key, "") for column in columns] for key in keys]
    return tuple(words.index(value) for words, value in zip(seen, values, strict=True))


def _even(places: Sequence[int], most: int) -> list[Sequence[int]]:
    count = -(-len(places) // most)
    size = -(-len(places) // count)
    return [places[at : at + size] for at in range(0, len(places), size)]


def _title(places: Sequence[int], columns: Sequence[Column], keys: Sequence[str]) -> str:
    parts = []
    for key in keys:
        values = dict.fromkeys(columns[at].options.get(key, "") for at in places)
        parts.append(f"{key} {', '.join(values)}")
    return "; ".join(parts)
