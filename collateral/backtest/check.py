"""Holds each advisory against the threats of the model, and the model's claims against two tags of the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from collateral.advisories import Advisory, alike
from collateral.backtest.model import BacktestRow, ClaimFlip, NamedThreat, Verdict
from collateral.records import problem
from threatmodel.analysis import Threat
from threatmodel.analysis.candidates import Broken
from threatmodel.claims import Ledger
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document
from threatmodel.system import Configuration, Element, Flow, Project

_FAILED = frozenset({"contradicted", "not-found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why the tree of a tag could not be read."""

    reason: str


def widened(
    advisories: Sequence[Advisory],
    project: Project,
    document: Document,
    *,
    broken: Broken,
    load: Callable[[Sequence[Configuration]], Project],
) -> Project:
    """The project with those configurations of the advisories that no file names: named ones with options changed.

    Raises:
        InvalidInput: D055, the options of an advisory break a rule of the model.
    """
    named = {system.configuration.name: system.configuration for system in project.systems}
    asked = {
        advisory.where: (
            index,
            named[advisory.configuration].changed(advisory.options),
        )
        for index, advisory in reversed([*enumerate(advisories)])
        if advisory.options
    }
    answers = broken([made.options for _, made in asked.values()]) if asked else ()
    problems = [
        problem(document, ("advisories", index, "options"), "D055", f"options: {rule}")
        for (index, _), rules in zip(asked.values(), answers, strict=True)
        for rule in rules
    ]
    if problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return load([made for _, made in asked.values()]) if asked else project


def tags(advisories: Sequence[Advisory], project: Project) -> dict[str, Project]:
    """The tags that the advisories name, sorted, each with the project of which the claims are to be checked there: its
    controls are those at the elements and flows of the advisories with this tag."""
    wanted: dict[str, set[str]] = {}
    for advisory in advisories:
        for tag in (advisory.last_affected, advisory.first_fixed):
            if tag:
                wanted.setdefault(tag, set()).update(_standing(advisory, project))
    return {
        tag: replace(project, controls=tuple(c for c in project.controls if c.id in wanted[tag]))
        for tag in sorted(wanted)
    }


def backtest(
    advisories: Sequence[Advisory],
    project: Project,
    document: Document,
    threats: Sequence[Threat],
    ledgers: Mapping[str, Ledger | Unread],
) -> tuple[BacktestRow, ...]:
    """A row for each advisory, in the order of the file. `ledgers` holds what was found at each tag, and nothing where no
    source was named. `project` has the configuration of every advisory.

    Raises:
        InvalidInput: D056 a threat that the model does not have there, threats of other adversaries alone, or a control
            that stands elsewhere.
    """
    problems = [
        found
        for index, advisory in enumerate(advisories)
        for found in _wrong(advisory, index, project, document, threats)
    ]
    if problems:
        raise InvalidInput(*problems)
    by_id = {threat.id: threat for threat in threats}
    return tuple(_row(advisory, project, by_id, ledgers) for advisory in advisories)


def _wrong(
    advisory: Advisory, index: int, project: Project, document: Document, threats: Sequence[Threat]
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
    if advisory.threats and not any(
        advisory.adversary in by_id[id_].adversaries for id_ in advisory.threats if id_ in by_id
    ):
        tell("threats", 0, f"none of them is of the adversary {advisory.adversary}")
    here = _standing(advisory, project)
    for item, control in enumerate(advisory.claims):
        if control not in here:
            message = f"{control} stands at no element or flow of the advisory"
            tell("claims", item, message, _there(sorted(here)))
    return found


def _there(ids: Sequence[str]) -> str:
    return f"there: {', '.join(ids[:6])}{' …' if len(ids) > 6 else ''}" if ids else "nothing stands there"


def _standing(advisory: Advisory, project: Project) -> frozenset[str]:
    """The controls at the elements and flows of the advisory, in any configuration of the model."""
    places = {*advisory.elements, *advisory.flows}
    items: list[Element | Flow] = []
    for system in project.systems:
        items += (element for element in system.elements if element.id in places)
        items += (flow for flow in system.flows if flow.id in places)
    return frozenset(control for item in items for control in item.controls)


def _row(
    advisory: Advisory, project: Project, by_id: Mapping[str, Threat], ledgers: Mapping[str, Ledger | Unread]
) -> BacktestRow:
    verdict, flips, others, reason = _compared(advisory, project, ledgers)
    return BacktestRow(
        id=advisory.id,
        title=advisory.title,
        published=advisory.published,
        configuration=advisory.where,
        threats=tuple(
            NamedThreat(
                id=id_,
                title=by_id[id_].title,
                status=by_id[id_].by_configuration[advisory.where].status,
            )
            for id_ in sorted(advisory.threats)
        ),
        last_affected=advisory.last_affected,
        first_fixed=advisory.first_fixed,
        verdict=verdict,
        flips=flips,
        others=others,
        reason=reason,
    )


def _compared(
    advisory: Advisory, project: Project, ledgers: Mapping[str, Ledger | Unread]
) -> tuple[Verdict, tuple[ClaimFlip, ...], tuple[str, ...], str]:
    """Verdict, flips of the controls that the record names, other controls with a flip, and why nothing was checked."""
    if not advisory.last_affected:
        return "no-tags", (), (), ""
    before, after = ledgers.get(advisory.last_affected), ledgers.get(advisory.first_fixed)
    if before is None or after is None:
        return "not-checked", (), (), "no source was named"
    unread = [item.reason for item in (before, after) if isinstance(item, Unread)]
    if isinstance(before, Unread) or isinstance(after, Unread):
        return "not-checked", (), (), "; ".join(dict.fromkeys(unread))
    here = _standing(advisory, project)
    pairs = [*zip(*([c for c in side.checks if c.control in here] for side in (before, after)), strict=True)]
    flips = [
        ClaimFlip(control=a.control, claim=a.text, affected=a.state, fixed=b.state)
        for a, b in pairs
        if a.state in _FAILED and b.state == "verified"
    ]
    counted = tuple(flip for flip in flips if flip.control in advisory.claims)
    others = tuple(sorted({flip.control for flip in flips} - set(advisory.claims)))
    if counted:
        return "told-apart", counted, others, ""
    unchecked = {
        a.control
        for a, b in pairs
        if a.control in advisory.claims and "not-checked" in (a.state, b.state) and a.kind != "attested"
    }
    if unchecked:
        reason = f"a claim of {', '.join(sorted(unchecked))} could not be checked"
        return "not-checked", (), others, reason
    return "not-told-apart", (), others, ""
