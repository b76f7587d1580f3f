"""pytm's own threat library as rules: read from the installed pytm, evaluated here."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document, load
from threatmodel.rules.language import Compiled
from threatmodel.rules.pytm.condition import CLASSES, Code, compile_pytm
from threatmodel.rules.pytm.values import Unsupported
from threatmodel.rules.rule import Case, Library, Rule
from threatmodel.system import STRIDE, Stride

PYTM = "pytm"
FIXED = "pytm-fixed"
PYTM_PACKS = (PYTM, FIXED)
"""pytm's threats as they are, and with the conditions corrected that are wrong."""
PREFIX = "PYTM-"
_FILE = "pytm/threatlib/threats.json"
_LIKELIHOOD = {"low": 2, "medium": 3, "high": 4}
_UNKNOWN_LIKELIHOOD = 3
_IMPACT = {"very low": 1, "low": 2, "medium": 3, "high": 4, "very high": 5}
"""As pytm's own numbers for its severities."""
_TARGETS = (CLASSES | {"LLM"}) - {"Boundary", "Element"}
_CWE = re.compile(r"cwe\.mitre\.org/data/definitions/(\d{1,5})\b|\bCWE-(\d{1,5})\b")
_CAPEC = re.compile(r"capec\.mitre\.org/data/definitions/(\d{1,5})\b|\bCAPEC-(\d{1,5})\b")
_URL = re.compile(r"https?://[^\s,;]+")
_NUMBERED = ("http://cwe.mitre.org/", "http://capec.mitre.org/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A corrected condition, what is wrong with pytm's own one, and the cases that it must answer."""

    sid: str
    condition: str
    reason: str
    cases: tuple[Case, ...]
    place: Place


def load_library(pack: str) -> tuple[Rule, ...]:
    """The rules of `pytm` or `pytm-fixed`, in the order of pytm's file. A rule that cannot be evaluated says why.

    Raises:
        InvalidInput: R011, pytm's threat library is not there or cannot be read.
    """
    stride = _categories()
    fixes = load_fixes() if pack == FIXED else {}
    return tuple(
        _rule(row, pack, stride, fixes.get(str(row.get("SID", ""))), index)
        for index, row in enumerate(_rows())
        if "DEPRECATED" not in row
    )


def load_fixes() -> Mapping[str, Fix]:
    """The corrections, by pytm's id of the threat."""
    document = _own("fixes.yaml")
    return {
        sid: Fix(
            sid=sid,
            condition=" ".join(entry["condition"].split()),
            reason=" ".join(entry["reason"].split()),
            cases=tuple(_cases(document, sid, entry)),
            place=document.place(sid),
        )
        for sid, entry in document.value.items()
    }


def _cases(document: Document, sid: str, entry: Mapping[str, Any]) -> Iterator[Case]:
    for key, fires in (("firing", True), ("quiet", False)):
        for index, system in enumerate(entry[key]):
            yield Case(fires=fires, system=system, place=document.place(sid, key, index))


def _own(name: str) -> Document:
    return load(resources.files(__package__).joinpath(name).read_bytes(), f"pytm/{name}")


def _categories() -> dict[str, Stride]:
    table = _own("stride.yaml").value
    return {sid: category for category in STRIDE for row in table[category] for sid in row}


def _rows() -> list[dict[str, Any]]:
    """pytm's file. The package is found and not imported: that takes longer than to evaluate it."""
    found = importlib.util.find_spec("pytm")
    folders = list(found.submodule_search_locations or ()) if found else []
    try:
        rows = json.loads(Path(folders[0], "threatlib", "threats.json").read_text("utf-8"))
    except (OSError, ValueError, IndexError) as error:
        raise InvalidInput(_unreadable(str(error) or "pytm is not installed")) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(_unreadable("not a list of threats"))
    return rows


def _unreadable(why: str) -> Diagnostic:
    hint = "install pytm as it is pinned"
    return Diagnostic(code="R011", message=f"pytm's threat library: {why}", place=Place(_FILE), hint=hint)


def _rule(
    row: Mapping[str, Any], pack: str, stride: Mapping[str, Stride], fix: Fix | None, index: int
) -> Rule:
    texts = {key: " ".join(str(value or "").split()) for key, value in row.items()}
    sid = texts.get("SID", "")
    condition = fix.condition if fix else texts.get("condition", "True")
    code, lacking = _code(condition)
    given = row.get("target", "Element")
    targets = tuple(str(name) for name in given) if isinstance(given, list) else (str(given),)
    if strange := sorted({*targets} - _TARGETS):
        lacking = f"it is asked of {strange[0]}, which no threat can be at"
    if sid not in stride:
        lacking = "it has no STRIDE category here"
    likelihood = _LIKELIHOOD.get(texts.get("Likelihood Of Attack", "").lower(), _UNKNOWN_LIKELIHOOD)
    severity = texts.get("severity", "")
    if (impact := _IMPACT.get(severity.lower())) is None:
        lacking, impact = f'its severity is "{severity}"', 1
    references = texts.get("references", "")
    against = [text for text in (texts.get("mitigations", ""),) if text]
    return Rule(
        id=f"{PREFIX}{sid or f'row-{index}'}",
        pack=pack,
        title=texts.get("description", "") or sid,
        stride=stride.get(sid, "tampering"),
        applies_to="flow" if targets == ("Dataflow",) else "element",
        when=Compiled(condition, "bool", _not_here, False),
        mitigated_by=(),
        likelihood=_number(likelihood),
        impact=_number(impact),
        cwe=_ids(_CWE, "CWE", references),
        capec=_ids(_CAPEC, "CAPEC", references),
        attack=(),
        description=texts.get("details", ""),
        detection=f"pytm's condition, asked of {', '.join(targets)}: {condition}",
        false_positives=fix.reason if fix else "",
        references=tuple(_address(found) for found in dict.fromkeys(_URL.findall(references))),
        test=" ".join(
            ["pytm describes no test.", *(f"Against the threat it names: {text}" for text in against)]
        ),
        cases=fix.cases if fix else (),
        place=fix.place if fix else Place(_FILE),
        library=Library(
            sid=sid,
            targets=frozenset(targets),
            code=code,
            likelihood=likelihood,
            impact=impact,
            not_evaluated=lacking,
        ),
    )


def _code(condition: str) -> tuple[Code, str]:
    try:
        return (compile_pytm(condition) if condition else _never), ""
    except Unsupported as error:
        return _never, str(error)


def _never(_: Any) -> bool:
    return False


def _not_here(*_: Any) -> bool:
    raise AssertionError("a condition of pytm is asked of pytm's attributes")


def _number(value: int) -> Compiled:
    return Compiled(str(value), "int", lambda *_: value, False)


def _ids(pattern: re.Pattern[str], word: str, text: str) -> tuple[str, ...]:
    numbers = {int(one or other) for one, other in pattern.findall(text)}
    return tuple(f"{word}-{number}" for number in sorted(numbers))


def _address(url: str) -> str:
    """pytm names MITRE's pages by http; they are served by https only."""
    return f"https{url.removeprefix('http')}" if url.startswith(_NUMBERED) else url


def not_evaluated(rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    """R012 for each rule of pytm that is in a pack and cannot be evaluated."""
    for rule in rules:
        if rule.library and rule.library.not_evaluated:
            yield Diagnostic(
                code="R012",
                message=f"{rule.id} is not evaluated: {rule.library.not_evaluated}",
                place=rule.place,
                hint="that there is no such threat says nothing",
            )
