"""The comparison tried on itself: with `--enforce` each way in which a source may drift must stop, and none must not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from collateral.drift.files import DriftFile, TreeFacts, compared, joined, spec_of
from collateral.drift.mentions import Followed, Mentions, by_file
from collateral.drift.model import Extracts, Source
from collateral.drift.verdict import judged
from collateral.drift.waivers import DriftWaiver
from collateral.drift.waiving import waived
from collateral.report.columns import aligned
from threatmodel.core.errors import Exit
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.extract import Extract, Fact, FactChange, Spec, Spot, State, Tree, extract
from threatmodel.system import Project

Mutation = Literal[
    "added", "changed", "removed", "line gone", "nothing told", "unreadable", "files gone", "waiver over"
]
MUTATIONS: tuple[Mutation, ...] = get_args(Mutation)
Judge = Callable[[DriftFile], Exit]
_Case = tuple[DriftFile, Exit]
"""What the command would judge, and how it must end."""
_MADE_UP = 20
"""How many made-up names are tried for each file."""
_DAY = datetime.date(2026, 1, 1)
_FOLLOWED = "the model names its files, and with them all that they may tell"
_STAYS = "the model names the file, and that stays"
_UNREADABLE = b"\xff\xfe\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One extract and one way to change its source. `stopped` is None where it cannot be tried; `why` says so."""

    extract: str
    mutation: Mutation
    stopped: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """All trials, and the extracts that stop on an unchanged source, with the reason: nothing is proven of them."""

    trials: tuple[Trial, ...]
    unclean: tuple[tuple[str, str], ...]

    @property
    def exit(self) -> Exit:
        """1 where a change passes, 3 where an extract could not be tried."""
        if any(trial.stopped is False for trial in self.trials):
            return Exit.OUR_FAULT
        return Exit.INCOMPLETE if self.unclean else Exit.CLEAN


def _enforced(file: DriftFile) -> Exit:
    return judged(file, enforce=True)


def self_test(
    project: Project, extracts: Extracts, named: Mentions, source: Tree, judge: Judge = _enforced
) -> Tried:
    """Change the source of each extract in memory and run the same steps as the command. `judge` is what is tried."""
    trials: list[Trial] = []
    unclean: list[tuple[str, str]] = []
    for wanted in extracts.extracts:
        subject = _Subject(project.id, wanted, spec_of(wanted, project, extracts), named, source, judge)
        if reason := subject.unclean():
            unclean.append((wanted.id, reason))
        else:
            trials += subject.trials()
    return Tried(trials=tuple(trials), unclean=tuple(unclean))


def table(tried: Tried) -> str:
    """A line for each extract, then what could not be tried and the count."""
    by: dict[str, dict[str, Trial]] = {}
    for trial in tried.trials:
        by.setdefault(trial.extract, {})[trial.mutation] = trial
    words = {True: "stops", False: "PASSES", None: "-"}
    rows = [[name, *(words[found[m].stopped] for m in MUTATIONS)] for name, found in by.items()]
    lines = aligned(("extract", *MUTATIONS), rows) if rows else []
    lines += ["", *(f"{t.extract}, {t.mutation}: {t.why}" for t in tried.trials if t.stopped is None)]
    lines += [
        f"{name}: nothing is proven, the unchanged source is not clean: {why}" for name, why in tried.unclean
    ]
    done = [trial for trial in tried.trials if trial.stopped is not None]
    good = sum(bool(trial.stopped) for trial in done)
    left = len(tried.trials) - len(done)
    lines += [
        f"{good} of {len(done)} changes stop: {len(by)} extracts, {len(MUTATIONS)} kinds of change, "
        f"{left} that cannot be made; {len(by)} unchanged extracts pass"
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Overlay:
    """A source tree with some files replaced, or gone."""

    tree: Tree
    replaced: Mapping[str, bytes]
    gone: frozenset[str] = frozenset()

    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in self.tree.paths() if path not in self.gone)

    def read(self, path: str) -> bytes:
        return self.replaced[path] if path in self.replaced else self.tree.read(path)


class _Subject:
    """One extract under trial."""

    def __init__(
        self, project: str, wanted: Source, spec: Spec, named: Mentions, tree: Tree, judge: Judge
    ) -> None:
        self._project, self._wanted, self._spec, self._named = project, wanted, spec, named
        self._tree, self._judge = tree, judge
        self._now = extract(tree, spec)

    def unclean(self) -> str:
        """Why the unchanged source stops; empty where it passes."""
        file = self._file(self._now, self._now)
        if file.not_checked:
            item = file.not_checked[0]
            return f"{item.path}: {item.reason}"
        return "" if self._judge(file) is Exit.CLEAN else "it stops"

    def trials(self) -> Iterator[Trial]:
        """Every kind of change."""
        for mutation in MUTATIONS:
            made = self._make(mutation)
            if isinstance(made, str):
                yield Trial(extract=self._wanted.id, mutation=mutation, stopped=None, why=made)
            else:
                stopped = all(self._judge(file) is wanted for file, wanted in made)
                yield Trial(extract=self._wanted.id, mutation=mutation, stopped=stopped)

    def _make(self, mutation: Mutation) -> tuple[_Case, ...] | str:
        """The changed source beside the unchanged one; a reason where the change cannot be made."""
        if mutation == "waiver over":
            return self._waived()
        if mutation in ("removed", "line gone"):
            fact = self._followed()
            if fact is None:
                return "the model names none of its facts, so it need not follow one that goes"
            if by_file(self._wanted.kind):
                return self._without_file(fact.path) if mutation == "removed" else _STAYS
            if mutation == "line gone":
                return self._without_lines(fact)
            return self._stops(self._with(f for f in self._now.facts if f.name != fact.name))
        match mutation:
            case "added":
                fact = self._fresh()
                return self._stops(self._with([*self._now.facts, fact])) if fact else _FOLLOWED
            case "changed":
                return self._changed()
            case "nothing told":
                return self._stops(self._with(()))
            case "unreadable":
                return self._stops(self._read(dict.fromkeys(self._now.files, _UNREADABLE)))
        return self._stops(self._read({}, frozenset(self._now.files)))

    def _changed(self) -> tuple[_Case, ...] | str:
        """A fact that the model does not name says something else; one that is made up where it names all."""
        fact = next((f for f in self._now.facts if self._says(f) == "not-named"), None)
        if fact is not None:
            return self._stops(self._with(_other(f) if f == fact else f for f in self._now.facts))
        if (fact := self._fresh()) is None:
            return _FOLLOWED
        older, newer = (self._with([*self._now.facts, f]) for f in (fact, _other(fact)))
        return ((self._file(older, newer), Exit.GATE_THREATS),)

    def _waived(self) -> tuple[_Case, ...] | str:
        """An added fact passes with a waiver in force, not with one that has expired or is proposed."""
        if (fact := self._fresh()) is None:
            return _FOLLOWED
        file = self._file(self._now, self._with([*self._now.facts, fact]))
        waiver = DriftWaiver(
            extract=self._wanted.id,
            name=" ".join(fold(fact.name).split()),
            reason="self-test",
            owner="nobody",
            expires=_DAY.isoformat(),
            source="https://example.org/decision",
        )
        return (
            (waived(file, (waiver,), _DAY), Exit.CLEAN),
            (waived(file, (waiver,), _DAY + datetime.timedelta(days=1)), Exit.GATE_THREATS),
            (waived(file, (replace(waiver, source=""),), _DAY), Exit.GATE_THREATS),
        )

    def _without_file(self, path: str) -> tuple[_Case, ...]:
        """All that a file tells, and the file, are gone."""
        made = self._with(fact for fact in self._now.facts if fact.path != path)
        return self._stops(replace(made, files=tuple(file for file in made.files if file != path)))

    def _without_lines(self, fact: Fact) -> tuple[_Case, ...] | str:
        """The source without the lines of a fact, read anew."""
        lines: dict[str, set[int]] = {}
        for found in self._now.facts:
            if found.name == fact.name and found.line:
                lines.setdefault(found.path, set()).add(found.line)
        if not lines:
            return "its facts have no lines"
        cut = {
            path: b"".join(
                line
                for number, line in enumerate(self._tree.read(path).splitlines(keepends=True), start=1)
                if number not in gone
            )
            for path, gone in lines.items()
        }
        return self._stops(self._read(cut))

    def _followed(self) -> Fact | None:
        """A fact that the model names, with a line where there is one. One that it only lists may go."""
        named = [fact for fact in self._now.facts if self._says(fact, "removed") == "named"]
        return next((fact for fact in named if fact.line), named[0] if named else None)

    def _fresh(self) -> Fact | None:
        """A fact that the source does not have and the model does not name. Where naming a file names its facts, it may
        be in another file of the globs; None where there can be none."""
        taken = {fact.name for fact in self._now.facts}
        for like in {fact.path: fact for fact in reversed(self._now.facts)}.values():
            start, (folder, slash, last) = like.name.rpartition(".")[0], like.path.rpartition("/")
            for number in range(_MADE_UP):
                name = f"DriftSelfTest{number}"
                other = f"{folder}{slash}{name}.{last.rpartition('.')[2]}"
                full = f"{start}.{name}" if start else name
                for path in (like.path, other):
                    fact = replace(like, name=full, path=path)
                    read = any(select((path,), glob) for glob in self._wanted.paths)
                    if read and full not in taken and self._says(fact) == "not-named":
                        return fact
        return None

    def _says(self, fact: Fact, state: State = "added") -> Followed:
        gone = state == "removed"
        change = FactChange(
            state=state,
            name=fact.name,
            before=fact.detail if gone else "",
            after="" if gone else fact.detail,
            places=(Spot(path=fact.path, line=fact.line),),
        )
        return self._named.find(self._wanted, change).followed

    def _with(self, facts: Iterable[Fact]) -> Extract:
        return replace(self._now, facts=tuple(sorted(facts)))

    def _stops(self, newer: Extract) -> tuple[_Case, ...]:
        return ((self._file(self._now, newer), Exit.GATE_THREATS),)

    def _read(self, replaced: Mapping[str, bytes], gone: frozenset[str] = frozenset()) -> Extract:
        return extract(_Overlay(self._tree, replaced, gone), self._spec)

    def _file(self, older: Extract, newer: Extract) -> DriftFile:
        nowhere = TreeFacts(ref="", commit="")
        return joined(self._project, nowhere, nowhere, [compared(self._wanted, older, newer, self._named)])


def _other(fact: Fact) -> Fact:
    return replace(fact, detail=f"{fact.detail} and more")
