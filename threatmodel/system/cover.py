"""Combinations of options that stand for all: every valid structural one, and a pairwise cover of the others.

A pairwise cover (strength 2) holds, for every two options, every pair of values that some valid combination has. Most
faults of configurable systems need one or two options: Kuhn, Wallace, Gallo, "Software Fault Interactions and
Implications for Software Testing", IEEE TSE 30(6), 2004. Rows are made greedily, in the order of the options: the same
options give the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from threatmodel.system.model import OptionSpec

Combination = Mapping[str, str]
Pair = tuple[str, str, str, str]
"""Option, value, another option, its value."""
_STARTS = 3
"""Rows that are tried with one change more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What was chosen out of how many.

    `structural`: the valid ones of the `asked` combinations of the structural options; every other option has the value
    of the nearest combination that is known to be valid. `pairwise`: rows for the pairs that those do not hold.
    `impossible`: pairs for which no valid combination was found.
    """

    structural: tuple[Combination, ...]
    asked: int
    pairwise: tuple[Combination, ...]
    pairs: int
    impossible: tuple[Pair, ...]

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """All of them, each once."""
        seen = {tuple(sorted(row.items())): row for row in (*self.structural, *self.pairwise)}
        return tuple(seen.values())


def make_cover(
    options: Sequence[OptionSpec],
    structural: Sequence[str],
    starts: Sequence[Combination],
    valid: Callable[[Combination], bool],
) -> Cover:
    """The cover. `starts` are combinations that are known to be valid; the others are made by changing them."""
    pool = [{**_defaults(options), **start} for start in starts] or [_defaults(options)]
    pool = [row for row in pool if valid(row)]
    shape = [option for option in options if option.name in structural]
    asked = [
        dict(zip((o.name for o in shape), values, strict=True))
        for values in product(*(o.values for o in shape))
    ]
    search = _Search(options, valid)
    found = [row for changes in asked if shape and (row := search.nearest(changes, pool))]
    pairs = [
        (one.name, value, other.name, another)
        for one, other in combinations(options, 2)
        for value, another in product(one.values, other.values)
    ]
    left = dict.fromkeys(pairs)
    for row in found:
        _strike(left, row)
    chosen: list[Combination] = []
    impossible: list[Pair] = []
    while left:
        pair = next(iter(left))
        name, value, other, another = pair
        start = search.nearest({name: value, other: another}, [*pool, *found, *chosen])
        if start is None:
            impossible.append(pair)
            del left[pair]
            continue
        row = search.filled(start, {name, other}, left)
        chosen.append(row)
        _strike(left, row)
    return Cover(
        structural=tuple(found),
        asked=len(asked) if shape else 0,
        pairwise=tuple(chosen),
        pairs=len(pairs),
        impossible=tuple(impossible),
    )


def _defaults(options: Iterable[OptionSpec]) -> dict[str, str]:
    return {option.name: option.values[0] for option in options}


def _strike(left: dict[Pair, None], row: Combination) -> None:
    for one, other in combinations(row, 2):
        left.pop((one, row[one], other, row[other]), None)


class _Search:
    """Looks for valid combinations."""

    def __init__(self, options: Sequence[OptionSpec], valid: Callable[[Combination], bool]) -> None:
        self._options, self._valid = options, valid
        self._rank = {option.name: at for at, option in enumerate(options)}

    def nearest(self, changes: Combination, pool: Sequence[Combination]) -> Combination | None:
        """The row of the pool that needs the fewest of these changes and is valid with them; where none is, one that is
        valid with one change more."""
        order = sorted(range(len(pool)), key=lambda at: sum(pool[at][k] != v for k, v in changes.items()))
        rows = [{**pool[at], **changes} for at in order]
        for row in rows:
            if self._valid(row):
                return row
        for row in rows[:_STARTS]:
            for option in self._options:
                for value in option.values:
                    if option.name not in changes and self._valid(tried := {**row, option.name: value}):
                        return tried
        return None

    def filled(self, start: Combination, fixed: set[str], left: Mapping[Pair, None]) -> Combination:
        """The row with each option that is not fixed at the value that takes most of the pairs that are left."""
        row = dict(start)
        for option in self._options:
            if option.name in fixed:
                continue
            kept = row[option.name]
            gains = {value: self._gain(option.name, value, row, fixed, left) for value in option.values}
            for value in sorted(option.values, key=lambda v: (-gains[v], v != kept, option.values.index(v))):
                tried = {**row, option.name: value}
                if value == kept or self._valid(tried):
                    row = tried
                    break
            fixed.add(option.name)
        return row

    def _gain(
        self, name: str, value: str, row: Combination, fixed: set[str], left: Mapping[Pair, None]
    ) -> int:
        own = self._rank[name]
        return sum(
            ((name, value, o, row[o]) if own < self._rank[o] else (o, row[o], name, value)) in left
            for o in fixed
        )
