"""What a person asked about: a rule and an element or flow, found or told what is nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import UsageError
from threatmodel.core.ids import threat_id
from threatmodel.rules import Rule
from threatmodel.system import Element, Flow, Project, SystemModel

_MANY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule and the thing that it is asked about."""

    rule: Rule
    subject: Element | Flow

    @property
    def threat(self) -> str:
        """The id that the threat has where the rule holds."""
        return threat_id(self.rule.id, self.subject.id)


def find(project: Project, system: SystemModel, rules: Sequence[Rule], what: str, on: str | None) -> Asked:
    """The rule and the thing of `RULE@THING`, or of a rule and what `--on` names.

    Raises:
        UsageError: U026, there is no such rule; U027, no such element or flow, in this configuration or in any, or the
            rule is asked of the other kind; U028, nothing says where, or two things do.
    """
    name, at, place = what.partition("@")
    if at and on is not None:
        raise _usage("U028", f'"{what}" says where already', "leave out --on")
    if not at and on is None:
        raise _usage("U028", f"{what} at which element or flow?", "add --on, or write RULE@ID")
    rule = next((rule for rule in rules if rule.id == name), None)
    if rule is None:
        known = [rule.id for rule in rules]
        hint = nearest(name, known) or "`threatmodel threats` lists ids; --pack asks more rules"
        raise _usage("U026", f'the packs of this model have no rule "{name}"', hint)
    return Asked(rule=rule, subject=_subject(project, system, rule, place if at else on or ""))


def _subject(project: Project, system: SystemModel, rule: Rule, id_: str) -> Element | Flow:
    own: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    found = next((thing for thing in own if thing.id == id_), None)
    here = system.configuration.name
    if found is None:
        elsewhere = [other.configuration.name for other in project.systems if id_ in _ids(other)]
        if elsewhere:
            message = f'{here} has no element or flow "{id_}"; it is in {_some(elsewhere)}'
            raise _usage("U027", message, f"add --config {elsewhere[0]}")
        every = list(dict.fromkeys(id_ for other in project.systems for id_ in _ids(other)))
        hint = nearest(id_, every) or f"there are {_some(every)}"
        raise _usage("U027", f'no configuration has an element or flow "{id_}"', hint)
    # A rule of pytm's library may be asked of both kinds.
    if rule.library is None and (rule.applies_to == "flow") is not isinstance(found, Flow):
        kind = "flow" if isinstance(found, Flow) else "element"
        message = f'{rule.id} is asked of each {rule.applies_to}; "{id_}" is {"a" if kind == "flow" else "an"} {kind}'
        raise _usage("U027", message, _other_kind(system, found))
    return found


def _other_kind(system: SystemModel, found: Element | Flow) -> str:
    """What of the other kind is near."""
    if isinstance(found, Flow):
        return f"its ends are {found.source} and {found.target}"
    flows = [flow.id for flow in system.flows if found.id in (flow.source, flow.target)]
    return f"its flows are {_some(flows)}" if flows else "it has no flow"


def _ids(system: SystemModel) -> list[str]:
    return [*(element.id for element in system.elements), *(flow.id for flow in system.flows)]


def _some(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - _MANY
    return ", ".join(known[:_MANY]) + (f" and {more} more" if more > 0 else "")


def _usage(code: str, message: str, hint: str) -> UsageError:
    return UsageError(Diagnostic(code=code, message=message, hint=hint))
