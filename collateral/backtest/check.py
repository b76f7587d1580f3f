"""Holds each advisory against the threats of the model, its claims against the source, and components against pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from collateral.advisories import Advisory, Entry, ThirdParty, alike
from collateral.backtest.flips import Unread, compared, standing
from collateral.backtest.model import BacktestRow, NamedThreat, Rules, ThirdPartyRow
from collateral.backtest.pins import pin_states
from collateral.records import problem
from threatmodel.analysis import Threat
from threatmodel.analysis.candidates import Broken
from threatmodel.claims import Ledger
from threatmodel.claims.check import Tree
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document
from threatmodel.system import Configuration, Project


def widened(
    entries: Sequence[tuple[Entry, Document, int]],
    project: Project,
    *,
    broken: Broken,
    load: Callable[[Sequence[Configuration]], Project],
) -> Project:
    """The project with those configurations of the entries that no file names: named ones with options changed. Each
    entry comes with its file and its place there.

    Raises:
        InvalidInput: D055, the options of an entry break a rule of the model.
    """
    named = {system.configuration.name: system.configuration for system in project.systems}
    asked = {
        entry.where: (document, index, named[entry.configuration].changed(entry.options))
        for entry, document, index in reversed(entries)
        if entry.options
    }
    answers = broken([made.options for *_, made in asked.values()]) if asked else ()
    problems = [
        problem(document, ("advisories", index, "options"), "D055", f"options: {rule}")
        for (document, index, _), rules in zip(asked.values(), answers, strict=True)
        for rule in rules
    ]
    if problems:
        raise InvalidInput(
            *sorted(problems, key=lambda p: (p.place.path, p.place.line) if p.place else ("", 0))
        )
    return load([made for *_, made in asked.values()]) if asked else project


def backtest(
    advisories: Sequence[Advisory],
    project: Project,
    document: Document,
    threats: Sequence[Threat],
    ledgers: Mapping[str, Ledger | Unread],
    rules: Mapping[str, Rules],
) -> tuple[BacktestRow, ...]:
    """A row for each advisory, in the order of the file. `ledgers` holds what was found at each tag and commit, and
    nothing where no source was named; `rules` what the rules make of an advisory, by its id. `project` has the
    configuration of every advisory.

    Raises:
        InvalidInput: D056 a threat that the model does not have there, threats of other adversaries alone, or a control
            that stands elsewhere.
    """
    _refuse(advisories, project, document, threats)
    by_id = {threat.id: threat for threat in threats}
    return tuple(
        _row(advisory, project, by_id, ledgers, rules.get(advisory.id, Rules(verdict="no-rule")))
        for advisory in advisories
    )


def components(
    entries: Sequence[ThirdParty],
    project: Project,
    document: Document,
    threats: Sequence[Threat],
    trees: Mapping[str, Tree | str],
) -> tuple[ThirdPartyRow, ...]:
    """A row for each advisory of a component, in the order of the file. `trees` holds the tree of each tag that was asked
    for, or why it cannot be read.

    Raises:
        InvalidInput: as of `backtest`.
    """
    _refuse(entries, project, document, threats)
    by_id = {threat.id: threat for threat in threats}
    return tuple(
        ThirdPartyRow(
            id=entry.id,
            aliases=entry.aliases,
            title=entry.title,
            source=entry.source,
            verified=entry.verified,
            published=entry.published,
            score=entry.score,
            severity=entry.severity,
            component=entry.component,
            stride=entry.stride,
            cwe=entry.cwe,
            cwe_source=entry.cwe_source,
            elements=entry.elements,
            fixed=entry.fixed,
            configuration=entry.where,
            threats=_named(entry, by_id),
            pins=pin_states(entry, trees),
            condition=entry.condition,
            unmodelled=entry.unmodelled,
            unknown=entry.unknown,
        )
        for entry in entries
    )


def _refuse(
    entries: Sequence[Entry], project: Project, document: Document, threats: Sequence[Threat]
) -> None:
    problems = [
        found
        for index, entry in enumerate(entries)
        for found in _wrong(entry, index, project, document, threats)
    ]
    if problems:
        raise InvalidInput(*problems)


def _wrong(
    advisory: Entry, index: int, project: Project, document: Document, threats: Sequence[Threat]
) -> list[Diagnostic]:
    by_id = {threat.id: threat for threat in threats}
    found: list[Diagnostic] = []

    def tell(key: str, item: int, message: str, hint: str = "") -> None:
        found.append(problem(document, ("advisories", index, key, item), "D056", f"{key}: {message}", hint))

    for item, id_ in enumerate(advisory.threats):
        threat = by_id.get(id_)
        if threat is None or advisory.where not in threat.by_configuration:
            at = id_.partition("@")[2]
            others = [t.id for t in threats if t.target.id == at and advisory.where in t.by_configuration]
            tell("threats", item, f"there is no {id_} in {advisory.where}", _there(others))
        elif not alike(advisory, threat):
            words = f"it has {threat.stride} and {', '.join(threat.cwe) or 'no CWE'}"
            tell("threats", item, f"{id_} shares neither STRIDE nor CWE with the record", words)
    known = [by_id[id_] for id_ in advisory.threats if id_ in by_id]
    if known and not any(advisory.adversary in threat.adversaries for threat in known):
        tell("threats", 0, f"none of them is of the adversary {advisory.adversary}")
    here = standing(advisory, project)
    claims = advisory.claims if isinstance(advisory, Advisory) else ()
    for item, control in enumerate(claims):
        if control not in here:
            message = f"{control} stands at no element or flow of the advisory"
            tell("claims", item, message, _there(sorted(here)))
    return found


def _there(ids: Sequence[str]) -> str:
    return f"there: {', '.join(ids[:6])}{' …' if len(ids) > 6 else ''}" if ids else "nothing stands there"


def _named(entry: Entry, by_id: Mapping[str, Threat]) -> tuple[NamedThreat, ...]:
    threats = [by_id[id_] for id_ in sorted(entry.threats)]
    return tuple(
        NamedThreat(
            id=threat.id,
            title=threat.title,
            target=threat.target.id,
            stride=threat.stride,
            cwe=threat.cwe,
            status=threat.by_configuration[entry.where].status,
        )
        for threat in threats
    )


def _row(
    advisory: Advisory,
    project: Project,
    by_id: Mapping[str, Threat],
    ledgers: Mapping[str, Ledger | Unread],
    rules: Rules,
) -> BacktestRow:
    found = compared(advisory, project, ledgers)
    return BacktestRow(
        id=advisory.id,
        aliases=advisory.aliases,
        title=advisory.title,
        source=advisory.source,
        verified=advisory.verified,
        published=advisory.published,
        score=advisory.score,
        severity=advisory.severity,
        stride=advisory.stride,
        cwe=advisory.cwe,
        cwe_source=advisory.cwe_source,
        elements=advisory.elements,
        fixed=advisory.fixed,
        configuration=advisory.where,
        threats=_named(advisory, by_id),
        last_affected=advisory.last_affected,
        first_fixed=advisory.first_fixed,
        verdict=found.verdict,
        flips=found.flips,
        others=found.others,
        reason=found.reason,
        rules=rules,
        unmodelled=advisory.unmodelled,
        unknown=advisory.unknown,
    )
