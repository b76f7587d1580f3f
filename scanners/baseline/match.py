"""Pairs of findings of two runs, found in stages; where two could be meant, none is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from scanners.baseline.files import FileMark, Renames, follow
from scanners.finding import Finding
from scanners.marks import NEIGHBOURS, Marks

How = Literal["same", "scope", "folder", "file", "edited", "fingerprint"]
"""How two findings were recognised as one. `same`: the same function and line of the same file (or of what became of
it). `scope`: the line, in another function. `folder`: the line, in a file of that name elsewhere. `file`: the line, in
another file. `edited`: the line itself was edited, its neighbours were not. `fingerprint`: no marks were kept, and the
fingerprint is the same."""
_ENOUGH = 4
"""Neighbours that must agree where the file or the line itself does not."""
_WHOLE = 2 * NEIGHBOURS
_MOST = 64
"""Findings that agree in everything; more than this are told apart by exact neighbours only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What must be kept of a finding to recognise it later. No marks: kept by an older version of the toolkit."""

    fingerprint: str
    scanner: str
    rule: str
    path: str
    line: int = 0
    column: int = 0
    marks: Marks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Positions of two findings that are one."""

    before: int
    after: int
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The pairs by position in the later run, and the files that were followed to another path."""

    pairs: tuple[Pair, ...]
    renames: Renames


def trace_of(finding: Finding) -> Trace:
    """The trace of a finding."""
    return Trace(
        fingerprint=finding.fingerprint,
        scanner=finding.scanner,
        rule=finding.rule,
        path=finding.location.path,
        line=finding.location.line,
        column=finding.location.column,
        marks=finding.marks,
    )


def match(
    before: Sequence[Trace],
    after: Sequence[Trace],
    files_before: Mapping[str, FileMark],
    files_after: Mapping[str, FileMark],
) -> Matching:
    """Which findings are the same. Every finding is in one pair at most.

    Where two findings could be the heir of one and neither their order nor their neighbours settle it, none is:
    a finding shown as fixed and as new again does less harm than two different ones shown as one.
    """
    renames = follow(files_before, files_after, (trace.path for trace in before))
    state = _State(before=before, after=after, renames=renames)
    same_file = (state.place, state.path)
    state.stage("same", *_keyed(same_file, lambda m: (m.scope, m.line)), least=0)
    state.stage("scope", *_keyed(same_file, lambda m: m.line), least=NEIGHBOURS)
    names = (lambda t: PurePosixPath(t.path).name,) * 2
    state.stage("folder", *_keyed(names, lambda m: m.line), least=_ENOUGH, ordered=False)
    anywhere = (lambda _t: "",) * 2
    state.stage("file", *_keyed(anywhere, lambda m: m.line), least=_ENOUGH, ordered=False)
    state.stage("edited", *_keyed(same_file, lambda m: m.scope), least=_ENOUGH, ordered=False)
    state.fingerprints()
    return Matching(pairs=tuple(sorted(state.pairs, key=lambda pair: pair.after)), renames=renames)


_Key = Callable[[Trace], Hashable]


def _keyed(places: tuple[_Key, _Key], marks: Callable[[Marks], Hashable]) -> tuple[_Key, _Key]:
    """The keys of a stage for the earlier and the later run; None leaves a finding out."""

    def key(place: _Key) -> _Key:
        def of(trace: Trace) -> Hashable:
            where = place(trace)
            if trace.marks is None or where is None:
                return None
            return trace.scanner, trace.rule, where, marks(trace.marks)

        return of

    return key(places[0]), key(places[1])


@dataclass(slots=True, kw_only=True)
class _State:
    """What is paired so far."""

    before: Sequence[Trace]
    after: Sequence[Trace]
    renames: Renames
    pairs: list[Pair] = field(default_factory=list)
    _done: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def place(self, trace: Trace) -> str:
        return self.renames.get(trace.path, trace.path)

    @staticmethod
    def path(trace: Trace) -> str:
        return trace.path

    def stage(self, how: How, old: _Key, new: _Key, *, least: int, ordered: bool = True) -> None:
        """Pair what has the same key on both sides. `least` neighbours must agree; `ordered`: equal numbers of
        findings with equal neighbours are paired in the order of their lines."""
        olds, news = self._groups(0, self.before, old), self._groups(1, self.after, new)
        for key in olds:
            if key in news:
                for one, other in _settle(
                    [(at, self.before[at]) for at in olds[key]],
                    [(at, self.after[at]) for at in news[key]],
                    least,
                    ordered,
                ):
                    self._add(one, other, how)

    def fingerprints(self) -> None:
        """Findings without marks on either side, by fingerprint."""
        news = {trace.fingerprint: at for at, trace in enumerate(self.after) if at not in self._done[1]}
        for at, trace in enumerate(self.before):
            other = news.get(trace.fingerprint)
            if at in self._done[0] or other is None:
                continue
            if trace.marks is None or self.after[other].marks is None:
                self._add(at, other, "fingerprint")

    def _add(self, one: int, other: int, how: How) -> None:
        self._done[0].add(one)
        self._done[1].add(other)
        self.pairs.append(Pair(before=one, after=other, how=how))

    def _groups(self, side: int, traces: Sequence[Trace], key: _Key) -> dict[Hashable, list[int]]:
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for at, trace in enumerate(traces):
            if at not in self._done[side] and (name := key(trace)) is not None:
                groups[name].append(at)
        return groups


_Numbered = tuple[int, Trace]


def _settle(
    olds: list[_Numbered], news: list[_Numbered], least: int, ordered: bool
) -> Iterable[tuple[int, int]]:
    """Pairs within one group. One on each side is a pair; else the neighbours decide, the most alike first."""
    if len(olds) == len(news) == 1:
        if _alike(olds[0][1], news[0][1]) >= _lowered(least, olds[0][1], news[0][1]):
            yield olds[0][0], news[0][0]
        return
    left = (sorted(olds, key=_order), sorted(news, key=_order))
    if max(len(olds), len(news)) > _MOST:
        yield from _exact(*left, least, ordered)
        return
    scores = {(one[0], other[0]): _alike(one[1], other[1]) for one in left[0] for other in left[1]}
    ranks = ({at: n for n, (at, _) in enumerate(left[0])}, {at: n for n, (at, _) in enumerate(left[1])})
    for score in range(_WHOLE, max(least, 1) - 1, -1):
        level = [pair for pair, value in scores.items() if value == score]
        taken: tuple[set[int], set[int]] = (set(), set())
        for ones, others in _parts(level):
            taken[0].update(ones)
            taken[1].update(others)
            if len(ones) == len(others) and (ordered or len(ones) == 1):
                yield from zip(
                    sorted(ones, key=ranks[0].__getitem__),
                    sorted(others, key=ranks[1].__getitem__),
                    strict=True,
                )
        scores = {p: v for p, v in scores.items() if p[0] not in taken[0] and p[1] not in taken[1]}


def _order(item: _Numbered) -> tuple[int, int, int]:
    return item[1].line, item[1].column, item[0]


def _alike(one: Trace, other: Trace) -> int:
    """Neighbours that both have, on the same side."""
    a, b = one.marks, other.marks
    if a is None or b is None:
        return 0
    return _common(a.before, b.before) + _common(a.after, b.after)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    if one == other:
        return len(one)
    left, count = list(other), 0
    for item in one:
        if item in left:
            left.remove(item)
            count += 1
    return count


def _lowered(least: int, one: Trace, other: Trace) -> int:
    """At the edge of a file there are fewer neighbours than are asked for."""
    there = [len(t.marks.before) + len(t.marks.after) for t in (one, other) if t.marks is not None]
    return min([least, *there])


def _exact(
    olds: list[_Numbered], news: list[_Numbered], least: int, ordered: bool
) -> Iterable[tuple[int, int]]:
    """Pairs in order where equal numbers have the very same neighbours."""
    groups: tuple[dict[Hashable, list[_Numbered]], ...] = (defaultdict(list), defaultdict(list))
    for group, items in zip(groups, (olds, news), strict=True):
        for item in items:
            marks = item[1].marks
            group[marks and (marks.before, marks.after)].append(item)
    for key, found in groups[0].items():
        others = groups[1].get(key, [])
        if len(found) == len(others) and (ordered or len(found) == 1):
            for one, other in zip(found, others, strict=True):
                if _alike(one[1], other[1]) >= max(least, 1):
                    yield one[0], other[0]


def _parts(pairs: Iterable[tuple[int, int]]) -> list[tuple[set[int], set[int]]]:
    """The connected parts of what could be paired."""
    links: tuple[dict[int, list[int]], dict[int, list[int]]] = (defaultdict(list), defaultdict(list))
    for one, other in pairs:
        links[0][one].append(other)
        links[1][other].append(one)
    parts: list[tuple[set[int], set[int]]] = []
    seen: set[int] = set()
    for start in links[0]:
        if start in seen:
            continue
        part: tuple[set[int], set[int]] = ({start}, set())
        todo = [(0, start)]
        while todo:
            side, at = todo.pop()
            for neighbour in links[side][at]:
                if neighbour not in part[1 - side]:
                    part[1 - side].add(neighbour)
                    todo.append((1 - side, neighbour))
        seen |= part[0]
        parts.append(part)
    return parts
