"""The condition language: what it refuses, and that it means what Python means."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.rules import load_vocabulary
from threatmodel.rules.language import Compiled, ConditionError, compile_condition
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    DataAsset,
    Element,
    Flow,
    Project,
    SystemModel,
)

VOCABULARY = load_vocabulary()
DAY = datetime.date(2026, 1, 1)


def check(text: str, subject: str = "flow", wanted: str = "bool") -> Compiled:
    return compile_condition(text, subject, wanted, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("flw.shares_memory", 'unknown name "flw"', '"flow"'),
        ("element.multiple", 'unknown name "element"', ""),
        ("flow.shares_memry", 'flow has no attribute "shares_memry"', '"shares_memory"'),
        ("flow.source.protocol", 'element has no attribute "protocol"', ""),
        ("flow.__class__", 'flow has no attribute "__class__"', ""),
        ("control(flow.source)", 'unknown function "control"', '"controls"'),
        ("__import__('os')", 'unknown function "__import__"', ""),
        ("flow.name.upper() == 'A'", "only the functions of the language can be called", ""),
        ("controls(element=flow.source)", "only the functions of the language can be called", ""),
        ("controls(flow)", "controls of flow: element is needed", ""),
        ("controls()", "controls takes one value", ""),
        ("controls(flow.source, flow.target)", "controls takes one value", ""),
        ("'debug-shel' in flow.source.traits", 'unknown trait of a element "debug-shel"', '"debug-shell"'),
        ("any('debug-shell' in f.traits for f in inbound(flow.source))", "unknown trait of a flow", ""),
        ("any('debug-shell' in flow.traits for flow in inbound(flow.source))", "unknown trait of a flow", ""),
        ("flow.authentication == 'mutal'", 'authentication is never "mutal"', '"mutual"'),
        ("flow.encryption not in ['tls', 'ssl']", 'encryption is never "ssl"', ""),
        ("'proces' == flow.source.kind", 'kind is never "proces"', '"process"'),
        ("flow.source", "gives element, bool is needed", ""),
        ("flow.name", "gives text, bool is needed", ""),
        ("1 + 1", "gives int, bool is needed", ""),
        ("flow.name and flow.shares_memory", '"flow.name" is text, bool is needed', ""),
        ("not flow.name", '"flow.name" is text, bool is needed', ""),
        ("1 + flow.name > 2", '"flow.name" is text, int is needed', ""),
        ("flow.name == 1", "text cannot be compared with int", ""),
        ("flow.name < 'a'", "text has no order", ""),
        ("flow.shares_memory > False", "bool has no order", ""),
        ("'a' in flow.name", "text in text: text in a list is needed", ""),
        ("1 in flow.traits", "int in texts: text in a list is needed", ""),
        ("flow.name in [1]", '"1" is int, text is needed', ""),
        ("1 < reach(flow.source) < 4", "compare two values at a time", ""),
        ("flow.name is 'a'", "Is is not part of the language", ""),
        ("flow.name == f'{flow.port}'", "JoinedStr is not part of the language", ""),
        ("flow.name == b'a'", "Constant is not part of the language", ""),
        ("flow.name == None", "Constant is not part of the language", ""),
        ("1.5 > 1", "Constant is not part of the language", ""),
        ("(lambda: True)()", "only the functions of the language can be called", ""),
        ("lambda: True", "Lambda is not part of the language", ""),
        ("[x for x in flow.data]", "ListComp is not part of the language", ""),
        ("(x := True)", "NamedExpr is not part of the language", ""),
        ("True if flow.shares_memory else False", "IfExp is not part of the language", ""),
        ("flow.traits[0] == 'a'", "Subscript is not part of the language", ""),
        ("2 * 2 > 1", "BinOp is not part of the language", ""),
        ("-1 < 1", "UnaryOp is not part of the language", ""),
        ("2 ** 99999 > 1", "BinOp is not part of the language", ""),
        ("{flow.name} == {'a'}", "Set is not part of the language", ""),
        ("any(flow.data)", "write any(test for item in list)", ""),
        ("any(d.secret for d in flow.data for e in flow.data)", "write any(test for item in list)", ""),
        ("any(d.secret async for d in flow.data)", "write any(test for item in list)", ""),
        ("any(d.secret for d in flow.traits)", "texts is not a list", ""),
        ("any(d.name for d in flow.data)", '"d.name" is text, bool is needed', ""),
        ("any(d.secret for d in flow.data) and d.secret", 'unknown name "d"', ""),
        ("len(flow.name) > 1", "len of text: a list is needed", ""),
        ("max(1) > 0", "max takes two numbers or more", ""),
        ("min(*flow.data) > 0", "Starred is not part of the language", ""),
        ("", "not an expression", ""),
        ("a b", "not an expression", ""),
        ("import os", "not an expression", ""),
        ("True\nTrue", "not an expression", ""),
        ("'\0'", "not an expression", ""),
        ("not " * 900 + "True", "nested too deeply", ""),
        ("(" * 300 + "True" + ")" * 300, "", ""),
        ("True and " * 1000 + "True", "longer than 4000 characters", ""),
    ],
)  # fmt: skip
def test_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConditionError) as caught:
        check(text)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert caught.value.column >= 1


PIECES = (
    "flow", ".", "source", "traits", " in ", "and ", "not ", "(", ")", "any", "for x in ",
    "'a'", "1", "==", "<", "[", "]", ",", ":", "\n",
)  # fmt: skip


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_refused_or_compiled(text: str) -> None:
    kind = "refused"
    try:
        kind = check(text).type
    except ConditionError as error:
        kind = "refused" if error.message else "without a reason"
    assert kind in {"bool", "refused"}


NUMBERS = st.recursive(
    st.integers(0, 9).map(str),
    lambda n: st.one_of(
        st.builds("({} + {})".format, n, n),
        st.builds("({} - {})".format, n, n),
        st.builds("max({}, {}, 3)".format, n, n),
    ),
    max_leaves=4,
)
COMPARED = st.builds("{} {} {}".format, NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS)
TRUTHS = st.recursive(
    st.sampled_from(["True", "False"]) | COMPARED,
    lambda t: st.one_of(
        st.builds("({} and {} and {})".format, t, t, t),
        st.builds("({} or {})".format, t, t),
        st.builds("(not {})".format, t),
    ),
    max_leaves=5,
)

SHIM = Element(id="shim", name="Shim", kind="process", boundary="host", language="rust", data=("k",))
AGENT = Element(id="agent", name="Agent", kind="process", boundary="guest", traits=frozenset({"debug-shell"}))
FLOW = Flow(
    id="F", source="agent", target="shim", name="answers", over="vsock", operations=("a", "b"), data=("k",)
)
KEY = DataAsset(id="k", name="Key", secret=True, confidentiality="high")
SYSTEM = SystemModel(
    configuration=Configuration(name="c", options={}),
    boundaries=(
        Boundary(id="host", name="H", privilege="root"),
        Boundary(id="guest", name="G", privilege="user"),
    ),
    elements=(SHIM, AGENT),
    flows=(FLOW,),
)
PROJECT = Project(id="p", name="P", default_configuration="c", data=(KEY,), systems=(SYSTEM,))
GUEST = AdversaryWorld(SystemIndex(PROJECT, SYSTEM), Adversary(id="a", name="A", controls=("guest",)))


@given(TRUTHS)
def test_agrees_with_python(text: str) -> None:
    made = check(text)
    assert made.code(GUEST, {}) is eval(text)
    assert all(part.code(GUEST, {}) for part in made.parts or (made,)) is eval(text)


@given(NUMBERS)
def test_numbers_agree_with_python(text: str) -> None:
    assert check(text, wanted="int").code(GUEST, {}) == eval(text)


@pytest.mark.parametrize(
    ("text", "value", "adversarial"),
    [
        ("controls(flow.source) and not controls(flow.target)", True, True),
        ("influences(flow)", True, True),
        ("crosses(flow)", True, False),
        ("reached(flow.target) and reach(flow.source) == 5 and reach(flow.target) == 4", True, True),
        ("privilege(flow.target) == 4 and flow.source.privilege == 2", True, False),
        ("'debug-shell' in flow.source.traits", True, False),
        ("'debug-shell' not in flow.target.traits", True, False),
        ("flow.over in ['vsock', 'uds']", True, False),
        ("flow.over in ('uds', 'tcp')", False, False),
        ("memory_safe(flow.target) and not memory_safe(flow.source)", True, False),
        ("len(flow.operations) == 2 and len(flow.traits) == 0", True, False),
        ("any(d.secret for d in flow.data)", True, False),
        ("all(d.secret for d in flow.data if d.id == 'other')", True, False),
        ("any(d.confidentiality == 3 and d.integrity == 1 for d in flow.data)", True, False),
        (
            "sensitivity(flow) == 3 and confidentiality(flow.target) == 3 and integrity(flow.source) == 0",
            True,
            False,
        ),
        ("any(controls(f.source) for f in inbound(flow.target))", True, True),
        ("all(controls(f.target) for f in outbound(flow.source))", False, True),
        ("any(crosses(f) and any(d.secret for d in f.data) for f in inbound(flow.target))", True, False),
        ("flow.authentication == 'none' or flow.shares_memory", True, False),
        ("min(reach(flow.target), 2) == 2", True, True),
    ],
)
def test_meaning(text: str, value: bool, adversarial: bool) -> None:
    made = check(text)
    assert made.code(GUEST, {"flow": FLOW}) is value
    assert made.adversarial is adversarial


def test_the_parts_of_and_are_kept() -> None:
    made = check("crosses(flow) and (controls(flow.source) or True) and True")
    found: list[Any] = [(part.text, part.adversarial) for part in made.parts]
    assert found == [("crosses(flow)", False), ("controls(flow.source) or True", True), ("True", False)]
