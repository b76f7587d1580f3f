"""Checks on a project that came out of the child process: every name must be known, every end must be there."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import re2
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from threatmodel.core.diagnostics import Diagnostic, Place, Severity, nearest
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.globs import compile_glob, select
from threatmodel.core.ids import ID_RULE, valid_id
from threatmodel.inside.wire import Declared
from threatmodel.load.limits import MAX_COUNT, over_limits
from threatmodel.system import (
    Absent,
    Attested,
    Boundary,
    Claim,
    CodeKind,
    Component,
    Control,
    Element,
    Flow,
    KeySet,
    NotApplicable,
    Present,
    Project,
    Proposed,
    RpcSet,
    Semgrep,
    SystemModel,
    Version,
)
from threatmodel.system.model import TEMPLATE
from threatmodel.system.vocabulary import Vocabulary

_RULE = re.compile(r"[a-z0-9][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(slots=True)
class _Findings:
    """Diagnostics without repetition: what is wrong in six configurations is told once."""

    found: dict[Diagnostic, None] = field(default_factory=dict)

    def add(
        self,
        code: str,
        message: str,
        place: Place | None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.found.setdefault(
            Diagnostic(code=code, message=message, place=place, hint=hint, severity=severity)
        )


def validate(project: Project, vocabulary: Vocabulary, *, short: bool = False) -> tuple[Diagnostic, ...]:
    """Every problem of the project, in the order of the model. `short`: it is known that no text of it is too long.

    Codes: M005 id, M006 duplicate, M007 dangling, M009 trait, M010 control class, M012 control, M013 data,
    M016 name in no configuration, M022 glob, pattern or specifier, M023 statement without a source, M025 unused,
    M027 too large, M034 a proposed claim without a source; a project that is too large is not looked at further.
    """
    if too_large := over_limits(project, short=short):
        return too_large
    out = _Findings()
    _unique("data asset", [(d.id, d.place) for d in project.data], out)
    _unique("control", [(c.id, c.place) for c in project.controls], out)
    _unique("adversary", [(a.id, a.place) for a in project.adversaries], out)
    _unique("component", [(c.id, c.place) for c in project.components], out)
    _unique("code kind", [(k.id, k.place) for k in project.code_kinds], out)
    _unique("view", [(v.id, v.place) for v in project.views], out)
    _unique("answer", [(a.id, a.place) for a in project.answers], out)
    options = _askable(project)
    flows = tuple(sorted({flow.id for system in project.systems for flow in system.flows}))
    for control in project.controls:
        _control(control, vocabulary, options, flows, out)
    kinds: dict[str, str] = {}
    for system in project.systems:
        _System(system, project, vocabulary, kinds, out).check()
    _across(project, kinds, out)
    return tuple(out.found)


def look_ahead(declared: Declared) -> None:
    """Compile the patterns of the claims: what is wrong with them is known then when the rest of the model is there.

    This takes a good part of the time that a large model needs, and the other processor is busy with the model then.
    """
    if sum(len(control.claims) for control in declared.controls) <= MAX_COUNT["claims"]:
        for control in declared.controls:
            for claim in control.claims:
                if isinstance(claim, Present | Absent | KeySet):
                    _not_re2(claim.pattern)


def _unique(what: str, items: Iterable[tuple[str, Place | None]], out: _Findings) -> None:
    seen: dict[str, Place | None] = {}
    for id_, place in items:
        if not valid_id(id_):
            out.add("M005", f"{what} {id_!r} is not an id", place, f"an id is {ID_RULE}")
        if id_ in seen:
            out.add("M006", f'{what} "{id_}" stands twice', place, f"the first is at {seen[id_]}")
        seen.setdefault(id_, place)


def _control(
    control: Control,
    vocabulary: Vocabulary,
    options: Mapping[str, tuple[str, ...]],
    flows: tuple[str, ...],
    out: _Findings,
) -> None:
    for word in control.provides:
        if word not in vocabulary.control_classes:
            hint = nearest(word, vocabulary.control_classes) or "see the catalogue of control classes"
            out.add("M010", f'control "{control.id}": unknown control class "{word}"', control.place, hint)
    for claim in control.claims:
        _claim(claim, control, options, flows, out)


def _claim(
    claim: Claim,
    control: Control,
    options: Mapping[str, tuple[str, ...]],
    flows: tuple[str, ...],
    out: _Findings,
) -> None:
    place = claim.place or control.place
    _when(claim.when, options, f'claim of "{control.id}"', place, out)
    for glob in claim.paths:
        try:
            compile_glob(glob)
        except ValueError as error:
            out.add("M022", str(error), place)
    if isinstance(claim, RpcSet | KeySet):
        for glob in claim.operations_of:
            _names_flows(glob, flows, control, place, out)
    match claim:
        case Present() | Absent() | KeySet():
            if wrong := _not_re2(claim.pattern):
                out.add("M022", f"pattern {claim.pattern!r} is not RE2: {wrong}", place)
        case Semgrep():
            if not _RULE.fullmatch(claim.rule):
                out.add("M022", f"{claim.rule!r} is not a rule of a pack", place, "write pack/rule-id")
        case Version():
            try:
                SpecifierSet(claim.specifier)
            except InvalidSpecifier:
                out.add("M022", f"{claim.specifier!r} is not a version specifier", place, "write >=1.10,<2")
        case Attested():
            _attested(claim, control, place, out)
        case Proposed():
            if not claim.statement.strip() or not public_source(claim.evidence):
                words = f'the proposed claim of "{control.id}" has no statement with a public source'
                out.add("M034", words, place, PUBLIC_RULE)
        case _:
            pass


def _names_flows(
    glob: str, flows: tuple[str, ...], control: Control, place: Place | None, out: _Findings
) -> None:
    try:
        found = select(flows, glob)
    except ValueError as error:
        out.add("M022", str(error), place)
        return
    if not found:
        hint = nearest(glob, flows) or "name a flow, or several as F1.*"
        out.add("M007", f'claim of "{control.id}": there is no flow "{glob}"', place, hint)


_SURELY = 5_000
"""A program for bytes of at most this size has one for UTF-8 that RE2 takes: without classes of Unicode it is about four
times as large, and RE2 takes some 80,000 instructions."""


@lru_cache(maxsize=8192)
def _not_re2(pattern: str) -> str:
    """What is wrong with a pattern; many claims share theirs."""
    options = re2.Options()
    options.log_errors = False
    try:
        if pattern.isascii() and "\\p" not in pattern.lower():  # for bytes it is compiled sooner
            options.encoding = re2.Options.Encoding.LATIN1
            if re2.compile(pattern.encode(), options).programsize <= _SURELY:
                return ""
            options.encoding = re2.Options.Encoding.UTF8
        re2.compile(pattern, options)
    except re2.error as error:
        return str(error) or "refused"
    return ""


def _attested(claim: Attested, control: Control, place: Place | None, out: _Findings) -> None:
    for what, text in (("date", claim.date), ("expires", claim.expires)):
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            out.add("M022", f"{what} {text!r} is not an ISO 8601 date", place, "write 2026-11-22")
    if not public_source(claim.evidence) or not claim.by.strip():
        out.add(
            "M023",
            f'the attestation of "{control.id}" names no person and public source',
            place,
            "it is shown as proposed and proves nothing",
            Severity.WARNING,
        )


def _askable(project: Project) -> dict[str, tuple[str, ...]]:
    """What a `when` may ask for."""
    templates = dict.fromkeys(s.configuration.template for s in project.systems if s.configuration.template)
    return {**{spec.name: spec.values for spec in project.options}, TEMPLATE: tuple(templates)}


def _when(
    when: Mapping[str, tuple[str, ...]],
    options: Mapping[str, tuple[str, ...]],
    what: str,
    place: Place | None,
    out: _Findings,
) -> None:
    for name, values in when.items():
        if name not in options:
            out.add("M014", f'{what}: no option "{name}"', place, nearest(name, options))
            continue
        for value in values:
            if value not in options[name]:
                out.add(
                    "M014", f'{what}: option {name} has no "{value}"', place, nearest(value, options[name])
                )


class _System:
    """The checks of one configuration."""

    def __init__(
        self,
        system: SystemModel,
        project: Project,
        vocabulary: Vocabulary,
        kinds: dict[str, str],
        out: _Findings,
    ) -> None:
        self.system, self.vocabulary, self.kinds, self.out = system, vocabulary, kinds, out
        self.controls = {control.id for control in project.controls}
        self.data = {asset.id for asset in project.data}
        self.boundaries = {boundary.id: boundary for boundary in system.boundaries}
        self.elements = {element.id for element in system.elements}

    def check(self) -> None:
        s = self.system
        kinds: tuple[tuple[str, tuple[Boundary | Element | Flow, ...]], ...] = (
            ("boundary", s.boundaries),
            ("element", s.elements),
            ("flow", s.flows),
        )
        _unique("id", [(item.id, item.place) for _, items in kinds for item in items], self.out)
        for kind, items in kinds:
            for item in items:
                if self.kinds.setdefault(item.id, kind) != kind:
                    self.out.add(
                        "M006",
                        f'"{item.id}" is a {kind} here and a {self.kinds[item.id]} elsewhere',
                        item.place,
                    )
                self._known(
                    item.controls, self.controls, "M012", "unknown control", f'{kind} "{item.id}"', item.place
                )
        self._nesting()
        for element in s.elements:
            where = f'element "{element.id}"'
            self._known(
                (element.boundary,), self.boundaries, "M007", "unknown boundary", where, element.place
            )
            self._known(element.data, self.data, "M013", "unknown data asset", where, element.place)
            self._known(
                sorted(element.traits),
                self.vocabulary.element_traits,
                "M009",
                "unknown trait",
                where,
                element.place,
            )
        for flow in s.flows:
            where = f'flow "{flow.id}"'
            self._known(
                (flow.source, flow.target),
                self.elements,
                "M007",
                "dangling, unknown element",
                where,
                flow.place,
            )
            self._known(flow.data, self.data, "M013", "unknown data asset", where, flow.place)
            self._known(
                sorted(flow.traits), self.vocabulary.flow_traits, "M009", "unknown trait", where, flow.place
            )

    def _known(
        self,
        names: Iterable[str],
        known: Iterable[str],
        code: str,
        what: str,
        where: str,
        place: Place | None,
    ) -> None:
        for name in names:
            if name not in known:
                hint = nearest(name, known)
                self.out.add(code, f'{where}: {what} "{name}"', place, hint)

    def _nesting(self) -> None:
        for boundary in self.boundaries.values():
            seen = {boundary.id}
            at = boundary.parent
            while at is not None:
                if at not in self.boundaries:
                    hint = nearest(at, self.boundaries)
                    self.out.add(
                        "M007", f'boundary "{boundary.id}": unknown boundary "{at}"', boundary.place, hint
                    )
                    break
                if at in seen:
                    self.out.add("M007", f'boundary "{boundary.id}" lies inside itself', boundary.place)
                    break
                seen.add(at)
                at = self.boundaries[at].parent


def _answer(
    answer: NotApplicable, kinds: Mapping[str, str], options: Mapping[str, tuple[str, ...]], out: _Findings
) -> None:
    where = f'answer "{answer.id}"'
    places = sorted(id_ for id_, kind in kinds.items() if kind in {"element", "flow"})
    if not answer.reason.strip() or not answer.at or (answer.source and answer.proposed):
        hint = f"say why and where; a source is {PUBLIC_RULE}"
        out.add(
            "M036", f"{where} has no reason, no place, or a source that is not public", answer.place, hint
        )
    for glob in answer.at:
        try:
            if not select(places, glob):
                out.add(
                    "M016", f'{where}: "{glob}" is in no configuration', answer.place, nearest(glob, places)
                )
        except ValueError as error:
            out.add("M022", str(error), answer.place)
    _when(answer.when, options, where, answer.place, out)


def _of_other_configurations(
    control: Control, project: Project, options: Mapping[str, tuple[str, ...]]
) -> bool:
    """True where each claim names options of a configuration that could be and is not listed."""
    if not control.claims:
        return False
    for claim in control.claims:
        valid = all(set(values) <= set(options.get(name, ())) for name, values in claim.when.items())
        if not valid or any(system.configuration.matches(claim.when) for system in project.systems):
            return False
    return True


def _across(project: Project, kinds: Mapping[str, str], out: _Findings) -> None:
    options = _askable(project)
    nodes = {id_ for id_, kind in kinds.items() if kind != "flow"}
    elements = {id_ for id_, kind in kinds.items() if kind == "element"}

    def known(names: Iterable[str], good: set[str], where: str, place: Place | None) -> None:
        for name in names:
            if name not in good:
                out.add("M016", f'{where}: "{name}" is in no configuration', place, nearest(name, good))

    for adversary in project.adversaries:
        known(adversary.controls, nodes, f'adversary "{adversary.id}"', adversary.place)
        _when(adversary.when, options, f'adversary "{adversary.id}"', adversary.place, out)
    for asset in project.data:
        known(asset.origin, nodes, f'data asset "{asset.id}"', asset.place)
    for component in project.components:
        known(component.runs_in, elements, f'component "{component.id}"', component.place)
    mapped: tuple[Component | CodeKind, ...] = (*project.components, *project.code_kinds)
    for item in mapped:
        for glob in (*item.globs, *item.symbols):
            try:
                compile_glob(glob)
            except ValueError as error:
                out.add("M022", str(error), item.place)
    for view in project.views:
        known(view.elements, elements, f'view "{view.id}"', view.place)
    for answer in project.answers:
        _answer(answer, kinds, options, out)
    used: set[str] = set()
    for system in project.systems:
        nodes_of: tuple[Boundary | Element | Flow, ...] = (
            *system.boundaries,
            *system.elements,
            *system.flows,
        )
        used.update(id_ for item in nodes_of for id_ in item.controls)
    for control in project.controls:
        if control.id not in used and not _of_other_configurations(control, project, options):
            out.add(
                "M025",
                f'control "{control.id}" is attached to nothing',
                control.place,
                "attach it or remove it",
                Severity.WARNING,
            )
