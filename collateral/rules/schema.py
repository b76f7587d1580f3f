"""The JSON Schema of a rule file, for editors. It is made of what the reader itself goes by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collateral.records import DIALECT
from threatmodel.analysis.cases import CASE_KEYS, DATA_KEYS, ELEMENT_KEYS, FLOW_KEYS
from threatmodel.rules.reader import KEYS, LISTS, OPTIONAL, TEXTS
from threatmodel.system import STRIDE
from threatmodel.system.vocabulary import Vocabulary

_MEANING = {
    "id": "the name of the file without .yaml",
    "title": "the threat in one line",
    "when": "true where the rule applies; the condition language of docs/rules.md",
    "mitigated_by": "lists of control classes; one whole inner list suffices",
    "likelihood": "an expression that gives a number, clamped to 1..5",
    "impact": "an expression that gives a number, clamped to 1..5",
    "detection": "what `when` looks for, in words",
    "false_positives": "where the rule applies and there is no danger",
    "test": "what to do on the real system, and what to expect of a safe one",
    "cases": "systems on which the rule must fire, and on which it must stay quiet",
}


def rule_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The schema (draft 2020-12). Traits and control classes are those of the catalogue; conditions are text, whose
    language a schema cannot say."""
    text: dict[str, Any] = {"type": "string", "pattern": r"\S"}
    number = {"anyOf": [text, {"type": "integer"}]}
    properties: dict[str, Any] = {
        "id": {"type": "string"},
        "stride": {"enum": list(STRIDE)},
        "applies_to": {"enum": ["flow", "element"]},
        "when": text,
        "likelihood": number,
        "impact": number,
        "mitigated_by": _list(_list({"enum": sorted(vocabulary.control_classes)})),
        "cases": {
            "type": "object",
            "additionalProperties": False,
            "required": ["firing", "quiet"],
            "properties": {key: _list({"$ref": "#/$defs/case"}) for key in ("firing", "quiet")},
        },
        **dict.fromkeys(TEXTS, text),
        **{
            key: _list({"type": "string", "pattern": f"^(?:{pattern})$"}, least=int(key not in OPTIONAL))
            for key, pattern in LISTS.items()
        },
    }
    return {
        "$schema": DIALECT,
        "$id": "urn:threatmodel:schema:rule-input:1",
        "title": "A rule of a pack",
        "type": "object",
        "additionalProperties": False,
        "required": sorted(KEYS - OPTIONAL),
        "properties": {
            key: {"description": _MEANING[key], **value} if key in _MEANING else value
            for key, value in sorted(properties.items())
        },
        "$defs": {
            "case": _open(
                CASE_KEYS,
                source={"$ref": "#/$defs/element"},
                target={"$ref": "#/$defs/element"},
                flow={"$ref": "#/$defs/flow"},
            ),
            "element": _open(
                ELEMENT_KEYS, traits=_words(vocabulary.element_traits), data={"$ref": "#/$defs/data"}
            ),
            "flow": _open(FLOW_KEYS, traits=_words(vocabulary.flow_traits), data={"$ref": "#/$defs/data"}),
            "data": {"type": "array", "items": _open(DATA_KEYS)},
        },
    }


def _list(items: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "items": items}


def _words(words: Iterable[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": sorted(words)}}


def _open(keys: Iterable[str], **known: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: known.get(key, {}) for key in sorted(keys)},
    }
