"""pytm's threats as rules: what is mapped, what is corrected, and what is not evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytm

from tests.rules.pytm_models import project_of
from threatmodel.analysis.library import matches
from threatmodel.core.errors import InvalidInput
from threatmodel.rules import PYTM_PACKS, Rule, load_packs, load_vocabulary, not_evaluated
from threatmodel.rules.pytm import library, load_fixes

VOCABULARY = load_vocabulary()
RULES = {rule.id: rule for rule in load_packs(["pytm"], VOCABULARY)}
FIXED = {rule.id: rule for rule in load_packs(["pytm-fixed"], VOCABULARY)}
FIXES = load_fixes()


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    pytm.TM.reset()


def test_every_threat_that_is_not_deprecated_is_a_rule_that_can_be_asked() -> None:
    rows = json.loads(Path(pytm.__file__).with_name("threatlib").joinpath("threats.json").read_text("utf-8"))
    sids = {row["SID"] for row in rows if "DEPRECATED" not in row}
    for rules in (RULES, FIXED):
        assert set(rules) == {f"PYTM-{sid}" for sid in sids}
        assert list(not_evaluated(rules.values())) == []
    assert FIXES.keys() <= sids
    named = [sid for rows in library._own("stride.yaml").value.values() for row in rows for sid in row]
    assert sorted(named) == sorted(sids)


def test_fields_are_mapped() -> None:
    rule = RULES["PYTM-INP22"]
    assert (rule.cwe, rule.capec, rule.attack) == (("CWE-770",), ("CAPEC-229",), ())
    assert rule.references == (
        "https://capec.mitre.org/data/definitions/229.html",
        "https://cwe.mitre.org/data/definitions/770.html",
    )
    assert (rule.stride, rule.title, rule.applies_to) == (
        "denial-of-service",
        "XML Attribute Blowup",
        "element",
    )
    assert rule.test.startswith("pytm describes no test. Against the threat it names: This attack may be")
    assert RULES["PYTM-DE01"].applies_to == "flow"


@pytest.mark.parametrize(
    ("rule", "likelihood", "impact"),
    [
        ("PYTM-INP02", 4, 5),  # High, Very High
        ("PYTM-INP04", 3, 4),  # Medium, High
        ("PYTM-CR05", 2, 2),  # Low, Low
        ("PYTM-DS03", 4, 1),  # High, Very Low
        ("PYTM-AA01", 3, 3),  # nothing said, Medium
        ("PYTM-DS05", 3, 3),  # no such key, Medium
    ],
)
def test_likelihood_and_impact(rule: str, likelihood: int, impact: int) -> None:
    found = RULES[rule]
    assert found.library is not None
    assert (found.library.likelihood, found.library.impact) == (likelihood, impact)
    assert (found.likelihood.text, found.impact.text) == (str(likelihood), str(impact))


def test_both_packs_together_are_refused() -> None:
    with pytest.raises(InvalidInput, match="R002  the packs pytm and pytm-fixed hold the same rules"):
        load_packs(PYTM_PACKS, VOCABULARY)


GOOD = {
    "SID": "AA01",
    "target": ["Server"],
    "description": "t",
    "severity": "High",
    "condition": "target.usesVPN",
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"condition": "target.name[0]"}, "Subscript is not evaluated"),
        ({"condition": "target.usesVPN and and"}, "not an expression: invalid syntax"),
        ({"condition": "print(1)"}, "a call of print"),
        ({"target": ["Server", "Boundary"]}, "it is asked of Boundary, which no threat can be at"),
        ({"target": "Element"}, "it is asked of Element, which no threat can be at"),
        ({"SID": "AA99"}, "it has no STRIDE category here"),
        ({"severity": "Huge"}, 'its severity is "Huge"'),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_named(
    change: Mapping[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_rows", lambda: [{**GOOD, **change}, {**GOOD, "SID": "AA02"}])
    rules = load_packs(["pytm"], VOCABULARY)
    found = [item.render() for item in not_evaluated(rules)]
    assert len(found) == 1
    assert f"R012  PYTM-{change.get('SID', 'AA01')} is not evaluated: {why}" in found[0]
    tm = pytm.TM("t", "d")
    pytm.Server("s", usesVPN=True)
    project, _ = project_of(tm)
    assert [rule.id for rule, _, _ in matches(project, rules)] == ["PYTM-AA02"]


@pytest.mark.parametrize("text", ["[", "{}", "[3]", "\ud800"])
def test_a_library_that_cannot_be_read(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "threatlib").mkdir()
    (tmp_path / "threatlib/threats.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    spec = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})
    monkeypatch.setattr("importlib.util.find_spec", lambda _: spec)
    with pytest.raises(InvalidInput, match="R011  pytm's threat library: "):
        load_packs(["pytm"], VOCABULARY)


def test_pytm_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InvalidInput, match="R011"):
        load_packs(["pytm"], VOCABULARY)


_WORDS: Mapping[str, Any] = {
    "minTLSVersion": pytm.TLSVersion,
    "tlsVersion": pytm.TLSVersion,
    "type": pytm.DatastoreType,
}


def _object(given: Mapping[str, Any]) -> Any:
    """The object of a case, with what stands around it."""
    own = {key: value for key, value in given.items() if key not in {"class", *_AROUND}}
    values = {key: _WORDS[key][value] if key in _WORDS else value for key, value in own.items()}
    cls = getattr(pytm, given.get("class", "Server"))
    if cls is pytm.Dataflow:
        made = cls(_object(given.get("source", {})), _object(given.get("sink", {})), "flow", **values)
    else:
        made = cls("object", **values)
    for name, value in given.get("controls", {}).items():
        assert name in pytm.Controls.model_fields
        setattr(made.controls, name, value)
    if "data" in given:
        made.data = [pytm.Data(f"data {at}", **datum) for at, datum in enumerate(given["data"])]
    for at, flow in enumerate(given.get("inputs", ())):
        _flow(pytm.Server("other"), made, f"in {at}", flow)
    for at, flow in enumerate(given.get("outputs", ())):
        _flow(made, _object(flow.get("sink", {})), f"out {at}", flow)
    assert own.keys() <= cls.model_fields.keys()
    return made


_AROUND = ("controls", "data", "inputs", "outputs", "source", "sink")


def _flow(source: Any, sink: Any, name: str, given: Mapping[str, Any]) -> None:
    values = {
        key: _WORDS[key][value] if key in _WORDS else value for key, value in given.items() if key != "sink"
    }
    assert values.keys() <= pytm.Dataflow.model_fields.keys()
    pytm.Dataflow(source, sink, name, **values)


def fires(rule: Rule, system: Mapping[str, Any]) -> bool:
    """True where the rule makes a threat at the object of the case."""
    pytm.TM.reset()
    tm = pytm.TM("case", "d")
    made = _object(system)
    project, _ = project_of(tm)
    assert project.pytm is not None
    at = next(
        node.id for item, node in zip(pytm.TM._elements, project.pytm.nodes, strict=True) if item is made
    )
    return any(node.id == at for _, node, _ in matches(project, [rule]))


@pytest.mark.parametrize("sid", sorted(FIXES))
def test_a_corrected_condition_answers_its_cases_and_the_one_of_pytm_does_not(sid: str) -> None:
    rule, before = FIXED[f"PYTM-{sid}"], RULES[f"PYTM-{sid}"]
    assert rule.when.text == FIXES[sid].condition != before.when.text
    assert rule.false_positives == FIXES[sid].reason
    assert {case.fires for case in rule.cases} == {True, False}
    assert [str(case.place) for case in rule.cases if fires(rule, case.system) is not case.fires] == []
    assert [case.place for case in rule.cases if fires(before, case.system) is not case.fires]


def test_what_is_not_corrected_is_as_in_pytm() -> None:
    same = {id_ for id_, rule in FIXED.items() if rule.when.text == RULES[id_].when.text}
    assert same == {id_ for id_ in RULES if id_.removeprefix("PYTM-") not in FIXES}
    assert {rule.pack for rule in FIXED.values()} == {"pytm-fixed"}


def test_the_documents_name_every_correction() -> None:
    text = (Path(__file__).parents[2] / "docs/rules.md").read_text("utf-8")
    table = text.partition("| threats | what is wrong in pytm |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"[A-Z]{2,3}\d{2}", table)) == sorted(FIXES)
    assert f"with {len(FIXES)} conditions corrected" in text
    silent = [rule for rule in RULES.values() if not rule.cwe and not rule.capec]
    assert len(silent) == 10
