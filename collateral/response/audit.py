"""The ownership audit: CODEOWNERS over a tree, contact files, and who changed what in twelve months."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collateral.attribution import ComponentMap
from collateral.response.contacts import contact_files
from collateral.response.model import OwnershipPolicy
from collateral.response.ownership import (
    Author,
    ElementOwnership,
    Ownership,
    PathSet,
    RuleUse,
)
from collateral.response.people import authors, bot_names, bus_factor
from threatmodel.core.text import fold
from threatmodel.readers.codeowners import (
    MAX_BYTES,
    PLACES,
    CodeOwners,
    Evaluation,
    evaluate,
    parse_codeowners,
)
from threatmodel.source import Log, SourceTree, read_log
from threatmodel.system import Component, Project

_CANDIDATES = 3


def audit(
    project: Project, tree: SourceTree, policy: OwnershipPolicy, *, as_of: datetime.date | None = None
) -> Ownership:
    """The audit of a tree. `as_of`: the day on which twelve months end; the day of the source's commit otherwise.

    Raises:
        InvalidInput: CODEOWNERS is too large to be evaluated (D034).
        SourceUnavailable: the tree or its repository cannot be read.
    """
    paths = (*tree.paths(), *tree.links())
    owners, others = _codeowners(tree)
    evaluation = evaluate(owners, paths)
    day = as_of or (
        datetime.datetime.fromtimestamp(tree.commit_time, datetime.UTC).date()
        if tree.commit_time is not None
        else None
    )
    since = _year_before(day) if day else None
    log = (
        read_log(tree, since=_start(since), until=_start(day) + 86_399)
        if day and since
        else Log(unknown="the source has no date, so no period is known; name a day")
    )
    view = _View(
        project=project,
        owners=owners,
        evaluation=evaluation,
        log=log,
        policy=policy,
        components=ComponentMap.of(project),
    )
    sets = view.sets()
    modelled = {path for path in evaluation.paths if view.runs(path)}
    teams = {o for rule in owners.rules for o in rule.owners if "/" in o}
    return Ownership(
        source_commit=tree.commit or "",
        as_of=day.isoformat() if day else "",
        since=since.isoformat() if since else "",
        codeowners=owners.path,
        unread=owners.unread,
        other_files=others,
        files=len(evaluation.paths),
        unowned=tuple(p for p in evaluation.paths if not view.owners_of[p]),
        unowned_in_elements=tuple(p for p in evaluation.paths if p in modelled and not view.owners_of[p]),
        documentation_only_in_elements=tuple(
            p for p in evaluation.paths if p in modelled and view.documentation_only(p)
        ),
        rules=view.rules(),
        ignored=owners.ignored,
        teams=tuple(sorted(teams)),
        documentation_teams=tuple(sorted(set(policy.documentation_teams))),
        contacts=contact_files(
            tree, policy.contact_files, view.owners_of.__getitem__, view.documentation_only
        ),
        sets=sets,
        elements=view.elements(sets),
        history=log.unknown,
        commits=len(log.commits),
        bots=tuple(sorted({c.author for c in log.commits if view.bot(c.author)})),
    )


def _year_before(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _start(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())


def _codeowners(tree: SourceTree) -> tuple[CodeOwners, tuple[str, ...]]:
    """The file that counts, and those that do not. A link is no file to GitHub."""
    there = frozenset(tree.paths())
    found = [place for place in PLACES if place in there]
    if not found:
        return CodeOwners(path="", unread="there is no CODEOWNERS file"), ()
    size = tree.size(found[0])
    if size > MAX_BYTES:
        unread = f"{size} bytes; GitHub loads at most {MAX_BYTES}"
        return CodeOwners(path=found[0], unread=unread), tuple(found[1:])
    return parse_codeowners(tree.read(found[0]), found[0]), tuple(found[1:])


@dataclass(kw_only=True)
class _View:
    """What the parts of the audit share."""

    project: Project
    owners: CodeOwners
    evaluation: Evaluation
    log: Log
    policy: OwnershipPolicy
    components: ComponentMap

    def __post_init__(self) -> None:
        self.owners_of: dict[str, tuple[str, ...]] = {
            path: () if at is None else self.owners.rules[at].owners
            for path, at in zip(self.evaluation.paths, self.evaluation.winner, strict=True)
        }
        self._documents = frozenset(self.policy.documentation_teams)
        names = {element.id: element.name for s in self.project.systems for element in s.elements}
        self._names = dict(sorted(names.items()))
        self.bot = bot_names(self.policy.bots)

    def documentation_only(self, path: str) -> bool:
        """True where all owners are teams that own texts only."""
        found = self.owners_of[path]
        return bool(found) and self._documents.issuperset(found)

    def runs(self, path: str) -> tuple[str, ...]:
        """The elements that the path runs in."""
        component = self.components.component(path)
        return component.runs_in if component is not None else ()

    def rules(self) -> tuple[RuleUse, ...]:
        """Every rule with what it does."""
        later: dict[int, set[int]] = defaultdict(set)
        idle = {
            i
            for i, (m, w) in enumerate(zip(self.evaluation.matches, self.evaluation.wins, strict=True))
            if m and not w
        }
        if idle:
            only = CodeOwners(path="", rules=tuple(r for i, r in enumerate(self.owners.rules) if i in idle))
            for index, rule in zip(sorted(idle), only.rules, strict=True):
                alone = evaluate(CodeOwners(path="", rules=(rule,)), self.evaluation.paths)
                for at, winner in zip(alone.winner, self.evaluation.winner, strict=True):
                    if at is not None and winner is not None:
                        later[index].add(self.owners.rules[winner].line)
        return tuple(
            RuleUse(
                line=rule.line,
                pattern=fold(rule.pattern),
                owners=rule.owners,
                matches=self.evaluation.matches[index],
                wins=self.evaluation.wins[index],
                shadowed_by=tuple(sorted(later[index])) if index in later else (),
            )
            for index, rule in enumerate(self.owners.rules)
        )

    def sets(self) -> tuple[PathSet, ...]:
        """Files by component, the others by folder."""
        found: dict[tuple[bool, str], list[str]] = defaultdict(list)
        components: dict[str, Component] = {component.id: component for component in self.project.components}
        for path in self.evaluation.paths:
            found[self._set(path)].append(path)
        touched = self._authors_of_under_owned(found)
        return tuple(
            PathSet(
                id=fold(id_),
                component=is_component,
                elements=components[id_].runs_in if is_component else (),
                files=len(paths),
                first=paths[0],
                unowned=tuple(p for p in paths if not self.owners_of[p]),
                documentation_only=tuple(p for p in paths if self.documentation_only(p)),
                owners=_owners(self.owners_of[p] for p in paths),
                candidates=touched.get((is_component, id_), ()),
            )
            for (is_component, id_), paths in sorted(
                found.items(), key=lambda item: (not item[0][0], item[0][1])
            )
        )

    def _set(self, path: str) -> tuple[bool, str]:
        component = self.components.component(path)
        if component is not None:
            return True, component.id
        folder = path.rpartition("/")[0]
        return False, "/".join(folder.split("/")[:2]) or "."

    def _authors_of_under_owned(
        self, found: Mapping[tuple[bool, str], Sequence[str]]
    ) -> dict[tuple[bool, str], tuple[Author, ...]]:
        """People who changed the under-owned files of a set; where nobody did, those who changed the set at all."""
        under = {
            path: key
            for key, paths in found.items()
            for path in paths
            if not self.owners_of[path] or (key[0] and self.runs(path) and self.documentation_only(path))
        }
        exact: dict[tuple[bool, str], list[tuple[str, int]]] = defaultdict(list)
        around: dict[tuple[bool, str], list[tuple[str, int]]] = defaultdict(list)
        wanted = set(under.values())
        for commit in self.log.commits:
            if self.bot(commit.author):
                continue
            for key in {under[path] for path in commit.paths if path in under}:
                exact[key].append((commit.author, commit.time))
            for key in {self._set(path) for path in commit.paths} & wanted:
                around[key].append((commit.author, commit.time))
        return {key: authors(exact[key] or around[key])[:_CANDIDATES] for key in wanted}

    def elements(self, sets: Sequence[PathSet]) -> tuple[ElementOwnership, ...]:
        """Each element that has source, with its owners and authors."""
        by_element: dict[str, list[PathSet]] = defaultdict(list)
        for item in sets:
            for element in item.elements:
                by_element[element].append(item)
        people: dict[str, list[tuple[str, int]]] = defaultdict(list)
        bots: Counter[str] = Counter()
        for commit in self.log.commits:
            for element in {e for path in commit.paths for e in self.runs(path)}:
                if self.bot(commit.author):
                    bots[element] += 1
                else:
                    people[element].append((commit.author, commit.time))
        out = []
        for element, name in self._names.items():
            if element not in by_element:
                continue
            mine = by_element[element]
            found = authors(people[element])
            out.append(
                ElementOwnership(
                    element=element,
                    name=name,
                    components=tuple(item.id for item in mine),
                    files=sum(item.files for item in mine),
                    unowned=sum(len(item.unowned) for item in mine),
                    documentation_only=sum(len(item.documentation_only) for item in mine),
                    owners=_owners(item.owners for item in mine),
                    authors=found,
                    commits=len(people[element]),
                    bots=bots[element],
                    bus_factor=bus_factor(found),
                )
            )
        return tuple(out)


def _owners(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({owner for group in groups for owner in group}))
