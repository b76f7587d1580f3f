"""Which file became which: told from the contents alone, so that it needs no history of a repository."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

Renames = Mapping[str, str]
"""Former path to present path."""
SKETCH_SIZE = 24
_DIGITS = 6
_LEAST = 0.5
"""Share of common lines, of all lines of both files, from which on they are taken for one."""
_LEAST_NAMED = 0.3
"""The same for files of one name, and for a file that is nearly whole within the other."""
_WITHIN = 0.7
_COMMON = 300
"""A line that stands in more new files than these, of a licence say, leads to none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """A file's content: its SHA-256, and a sketch from which the share of lines that two files have in common is
    estimated: the smallest digests of its lines, white space folded. `lines` counts these, each text once."""

    sha256: str
    sketch: str
    lines: int


def file_mark(data: bytes) -> FileMark:
    """The mark of a file. White space at both ends of a line and its amount inside make no difference to the sketch."""
    folded = {b" ".join(line.split()) for line in data.split(b"\n")} - {b""}
    low = sorted({hashlib.blake2b(line, digest_size=_DIGITS // 2).hexdigest() for line in folded})
    return FileMark(
        sha256=hashlib.sha256(data).hexdigest(), sketch="".join(low[:SKETCH_SIZE]), lines=len(folded)
    )


def follow(before: Mapping[str, FileMark], after: Mapping[str, FileMark], wanted: Iterable[str]) -> Renames:
    """What became of the wanted paths that are no longer there. A path of which two could be the heir has none.

    An heir is a path that was not there before. The same content decides first, then the same name in another
    folder, then the most lines in common.
    """
    gone = sorted({path for path in wanted if path in before and path not in after})
    fresh = sorted(set(after) - set(before))
    renames: dict[str, str] = {}
    by_content: dict[str, list[str]] = defaultdict(list)
    for path in fresh:
        by_content[after[path].sha256].append(path)
    for path in gone:
        renames |= _only(path, by_content[before[path].sha256])
    renames = _one_to_one(renames)
    left = [path for path in fresh if path not in set(renames.values())]
    index: dict[str, list[str]] = defaultdict(list)
    for path in left:
        for item in _items(after[path]):
            index[item].append(path)
    scores: dict[tuple[str, str], tuple[float, bool]] = {}
    for old in gone:
        if old in renames:
            continue
        rare = [index[item] for item in _items(before[old]) if len(index[item]) <= _COMMON]
        for new in sorted({path for paths in rare for path in paths}):
            share = _share(before[old], after[new])
            named = _base(old) == _base(new)
            if share >= _LEAST or (
                share >= _LEAST_NAMED and (named or _within(share, before[old], after[new]))
            ):
                scores[old, new] = (share, named)
    return renames | _best(scores)


def _base(path: str) -> str:
    return PurePosixPath(path).name


def _only(path: str, found: Collection[str]) -> dict[str, str]:
    """The one path found, or the one of the same name."""
    named = [other for other in found if _base(other) == _base(path)]
    for candidates in (found, named):
        if len(candidates) == 1:
            return {path: next(iter(candidates))}
    return {}


def _one_to_one(renames: Mapping[str, str]) -> dict[str, str]:
    """Without heirs that two paths claim."""
    claimed = Counter(renames.values())
    return {old: new for old, new in renames.items() if claimed[new] == 1}


def _best(scores: Mapping[tuple[str, str], tuple[float, bool]]) -> dict[str, str]:
    """The pairs that are better than every other pair of either side, best first."""
    renames: dict[str, str] = {}
    left = dict(scores)
    while left:
        top = max(left.values())
        pairs = [pair for pair, score in left.items() if score == top]
        olds, news = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
        renames |= {old: new for old, new in pairs if olds[old] == 1 and news[new] == 1}
        left = {pair: score for pair, score in left.items() if pair[0] not in olds and pair[1] not in news}
    return renames


def _items(mark: FileMark) -> list[str]:
    return [mark.sketch[at : at + _DIGITS] for at in range(0, len(mark.sketch), _DIGITS)]


def _within(share: float, one: FileMark, other: FileMark) -> bool:
    common = share * (one.lines + other.lines) / (1 + share)
    return common >= _WITHIN * min(one.lines, other.lines)


def _share(one: FileMark, other: FileMark) -> float:
    """Estimated lines in common, of all lines of both."""
    first, second = set(_items(one)), set(_items(other))
    lowest = sorted(first | second)[:SKETCH_SIZE]
    return sum(item in first and item in second for item in lowest) / len(lowest) if lowest else 0.0
