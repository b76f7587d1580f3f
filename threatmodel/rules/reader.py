"""Rule files read: every key, word and condition is checked, every problem has a file, a line and a hint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.ids import valid_id
from threatmodel.core.yamlpos import Document, load
from threatmodel.rules.language import Compiled, ConditionError, compile_condition
from threatmodel.rules.pytm import PYTM_PACKS, load_library
from threatmodel.rules.rule import Case, Rule
from threatmodel.system import STRIDE
from threatmodel.system.vocabulary import Vocabulary

if TYPE_CHECKING:
    from threatmodel.rules.own import OwnPack

NO_PACKS: Mapping[str, OwnPack] = MappingProxyType({})
PACKS = (
    "core",
    "virtualisation",
    "container-runtime",
    "ipc",
    "filesystem",
    "confidential",
    "supply-chain",
    "operations",
)
TEXTS = ("title", "description", "detection", "false_positives", "test")
LISTS = {
    "cwe": r"CWE-\d+",
    "capec": r"CAPEC-\d+",
    "attack": r"T\d{4}(\.\d{3})?",
    "references": r"https://\S+",
}
KEYS = frozenset(
    {"id", "stride", "applies_to", "when", "mitigated_by", "likelihood", "impact", "cases", *TEXTS, *LISTS}
)
_CASES = b"\ncases:\n"
"""Where the cases of a shipped rule begin, which are its last key."""
OPTIONAL = frozenset({"capec", "attack"})


def load_packs(
    names: Iterable[str],
    vocabulary: Vocabulary,
    place: Place | None = None,
    own: Mapping[str, OwnPack] = NO_PACKS,
    *,
    cases: bool = True,
) -> tuple[Rule, ...]:
    """The rules of the named packs, sorted by id. `place` is where the names stand, `own` are packs that the toolkit does
    not ship. Without `cases`, those of the shipped rules are not read: that is half of the work, and no model needs them.

    Raises:
        InvalidInput: an unknown pack, a rule that is not complete or not valid, an id that stands twice.
    """
    names = list(names)
    rules: list[Rule] = []
    problems = unknown_packs(names, place, own)
    if {*PYTM_PACKS} <= {*names}:
        message = f"the packs {' and '.join(PYTM_PACKS)} hold the same rules"
        raise InvalidInput(Diagnostic(code="R002", message=message, place=place, hint="enable one of them"))
    for name in names:
        if name in PYTM_PACKS:
            rules += load_library(name)
        elif name in PACKS:
            folder = resources.files(__package__).joinpath("packs", name)
            for file in sorted(folder.iterdir(), key=lambda item: item.name):
                if file.name.endswith(".yaml"):
                    shown = f"packs/{name}/{file.name}"
                    data = file.read_bytes() if cases else file.read_bytes().partition(_CASES)[0]
                    _read(shown, data, name, vocabulary, rules, problems, cases=cases)
        elif name in own:
            for shown, data in own[name].files:
                _read(shown, data, name, vocabulary, rules, problems)
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            problems.append(
                Diagnostic(
                    code="R002",
                    message=f'rule "{rule.id}" stands twice',
                    place=rule.place,
                    hint=f"the first is at {seen[rule.id].place}",
                )
            )
        seen.setdefault(rule.id, rule)
    if problems:
        raise InvalidInput(*problems)
    return tuple(sorted(rules, key=lambda rule: rule.id))


def unknown_packs(
    names: Iterable[str], place: Place | None = None, own: Iterable[str] = ()
) -> list[Diagnostic]:
    """R001 for each name that is no pack."""
    known = (*PACKS, *PYTM_PACKS, *own)
    return [
        Diagnostic(
            code="R001",
            message=f'no rule pack "{name}"',
            place=place,
            hint=nearest(name, known) or f"packs are {', '.join(known)}",
        )
        for name in names
        if name not in known
    ]


def _read(
    shown: str,
    data: bytes,
    pack: str,
    vocabulary: Vocabulary,
    rules: list[Rule],
    problems: list[Diagnostic],
    *,
    cases: bool = True,
) -> None:
    try:
        document = load(data, shown)
        rules.append(read_rule(document, pack, vocabulary, cases=cases))
    except InvalidInput as error:
        problems.extend(error.diagnostics)


def read_rule(document: Document, pack: str, vocabulary: Vocabulary, *, cases: bool = True) -> Rule:
    """One rule out of its document; without `cases`, where they were left out.

    Raises:
        InvalidInput: holds every problem of the rule.
    """
    reader = _Reader(document, vocabulary, cases=cases)
    rule = reader.rule(pack)
    if reader.problems or rule is None:
        raise InvalidInput(*reader.problems)
    return rule


class _Reader:
    def __init__(self, document: Document, vocabulary: Vocabulary, *, cases: bool = True) -> None:
        self._document = document
        self._needed = KEYS - OPTIONAL if cases else KEYS - OPTIONAL - {"cases"}
        self._vocabulary = vocabulary
        self._value: dict[str, Any] = document.value if isinstance(document.value, dict) else {}
        self.problems: list[Diagnostic] = []

    def _problem(self, code: str, message: str, *route: str | int, hint: str = "") -> None:
        self.problems.append(
            Diagnostic(code=code, message=message, place=self._document.place(*route), hint=hint)
        )

    def rule(self, pack: str) -> Rule | None:
        for key in self._value:
            if key not in KEYS:
                self._problem("R003", f'unknown key "{key}"', key, hint=nearest(key, KEYS))
        for key in sorted(self._needed):
            if key not in self._value:
                self._problem("R004", f'"{key}" is missing')
        if self.problems:
            return None
        id_ = self._text("id")
        if not valid_id(id_) or not self._document.path.endswith(f"/{id_}.yaml"):
            self._problem("R005", f'id "{id_}" is not the name of the file', "id")
        subject = self._word("applies_to", ("flow", "element"))
        when = self._condition("when", subject, "bool")
        likelihood = self._condition("likelihood", subject, "int")
        impact = self._condition("impact", subject, "int")
        texts = {key: self._text(key) for key in TEXTS}
        lists = {key: self._list(key, pattern) for key, pattern in LISTS.items()}
        mitigated = self._mitigated()
        cases = self._cases() if "cases" in self._needed else ()
        stride: Any = self._word("stride", STRIDE)
        if when is None or likelihood is None or impact is None or self.problems:
            return None
        return Rule(
            id=id_,
            pack=pack,
            stride=stride,
            applies_to="flow" if subject == "flow" else "element",
            when=when,
            likelihood=likelihood,
            impact=impact,
            mitigated_by=mitigated,
            cases=cases,
            place=self._document.place(),
            title=texts["title"],
            description=texts["description"],
            detection=texts["detection"],
            false_positives=texts["false_positives"],
            test=texts["test"],
            cwe=lists["cwe"],
            capec=lists["capec"],
            attack=lists["attack"],
            references=lists["references"],
        )

    def _text(self, key: str) -> str:
        value = self._value[key]
        if not isinstance(value, str) or not value.strip():
            self._problem("R006", f'"{key}" must be text', key)
            return ""
        return " ".join(value.split())

    def _word(self, key: str, words: Iterable[str]) -> str:
        value = self._value[key]
        known = list(words)
        if value not in known:
            self._problem("R006", f'"{key}" cannot be "{value}"', key, hint=f"one of {', '.join(known)}")
            return known[0]
        return str(value)

    def _list(self, key: str, pattern: str) -> tuple[str, ...]:
        value = self._value.get(key, [])
        if not isinstance(value, list) or (not value and key not in OPTIONAL):
            self._problem("R006", f'"{key}" must be a list that is not empty', key)
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str) or not re.fullmatch(pattern, item):
                self._problem("R006", f'"{key}": {item!r} does not look like {pattern}', key, index)
        return tuple(str(item) for item in value)

    def _condition(self, key: str, subject: str, wanted: str) -> Compiled | None:
        text = self._value[key]
        try:
            return compile_condition(str(text), subject, wanted, self._vocabulary)
        except ConditionError as error:
            self._problem("R007", f"{key}, column {error.column}: {error.message}", key, hint=error.hint)
            return None

    def _mitigated(self) -> tuple[tuple[str, ...], ...]:
        value = self._value["mitigated_by"]
        good = isinstance(value, list) and value and all(isinstance(inner, list) and inner for inner in value)
        if not good:
            self._problem("R006", '"mitigated_by" must be a list of lists of control classes', "mitigated_by")
            return ()
        known = self._vocabulary.control_classes
        for index, inner in enumerate(value):
            for word in inner:
                if not isinstance(word, str) or word not in known:
                    hint = nearest(str(word), known)
                    self._problem("R008", f'unknown control class "{word}"', "mitigated_by", index, hint=hint)
        return tuple(tuple(str(word) for word in inner) for inner in value)

    def _cases(self) -> tuple[Case, ...]:
        value = self._value["cases"]
        found: list[Case] = []
        for key, fires in (("firing", True), ("quiet", False)):
            cases = value.get(key) if isinstance(value, dict) else None
            if not isinstance(cases, list) or not cases or not all(isinstance(case, dict) for case in cases):
                self._problem("R009", f'"cases" needs at least one under "{key}"', "cases")
                continue
            found += [
                Case(fires=fires, system=case, place=self._document.place("cases", key, index))
                for index, case in enumerate(cases)
            ]
        return tuple(found)
