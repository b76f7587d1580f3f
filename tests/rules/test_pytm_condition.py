"""The evaluator of pytm's conditions answers as pytm's own `Threat.apply`, and refuses what it does not evaluate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import pytm
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.pytm_models import CLASSES as MODEL_CLASSES
from tests.rules.pytm_models import Gateway, project_of
from threatmodel.rules.pytm.condition import CALLABLE, CLASSES, compile_pytm
from threatmodel.rules.pytm.methods import METHODS
from threatmodel.rules.pytm.values import Node, Unsupported, nodes_of
from threatmodel.system.pytm import ENUMS

Pair = tuple[Any, Node]
"""An object of pytm, and ours."""


class Sealed(pytm.Server):  # type: ignore[misc]
    """A class with a method and a property of its own."""

    @property
    def secret(self) -> bool:
        return True

    def hasDataLeaks(self) -> bool:  # noqa: N802 - pytm's name
        return True


@pytest.fixture(name="pairs", scope="module")
def _pairs() -> Iterator[tuple[Pair, ...]]:
    pytm.TM.reset()
    tm = pytm.TM("small", "d")
    outer = pytm.Boundary("outer")
    inner = pytm.Boundary("inner", inBoundary=outer)
    secret = pytm.Data("secret", format="JSON", classification=pytm.Classification.SECRET, isPII=True)
    plain = pytm.Data("plain", format="XML")
    web = Gateway("web", inBoundary=inner, minTLSVersion=pytm.TLSVersion.TLSv12, protocol="HTTPS", port=443)
    web.data = [secret, plain]
    web.isStrange = True
    web.controls.isHardened = True
    web.controls.isUnknown = 7
    user = pytm.Actor("user")
    store = pytm.Datastore("store", inBoundary=outer, type=pytm.DatastoreType.LDAP)
    store.data = "words"
    ask = pytm.Dataflow(user, web, "ask", tlsVersion=pytm.TLSVersion.TLSv10, data=[secret])
    pytm.Dataflow(web, store, "keep", usesVPN=True)
    reply = pytm.Dataflow(web, user, "reply")
    reply.responseTo = ask
    Sealed("sealed")
    project, _ = project_of(tm)
    assert project.pytm is not None
    yield tuple(zip(pytm.TM._elements, nodes_of(project.pytm), strict=True))
    pytm.TM.reset()


def theirs(text: str, item: Any) -> bool:
    """What pytm answers."""
    return bool(pytm.Threat(id="T", condition=text, target="Element").apply(item))


def ours(text: str, node: Node) -> bool:
    """What the engine makes of the code."""
    code = compile_pytm(text)
    try:
        return bool(code(node))
    except Unsupported:
        raise
    except Exception:
        return False


@pytest.mark.parametrize(
    "text",
    [
        "True",
        "target.isStrange is True",
        "target.isStranger is True",
        "target.rate == 3",
        "target.rate + 1 > 3 and -target.rate < 0",
        "target.controls.isHardened",
        "target.controls.isUnknown - 6 == 1",
        "target.controls.isNot",
        "target.inBoundary is None",
        "target.inBoundary.inBoundary is not None",
        "target.inBoundary.name == 'inner'",
        "target.source.inBoundary is target.sink.inBoundary",
        "target.crosses(Boundary)",
        "target.enters(Boundary) or target.exits(Boundary)",
        "target.inside(Boundary)",
        "target.crosses(target.sink.inBoundary)",
        "target.source.inside(target.sink.inBoundary)",
        "target.oneOf(Server, Datastore)",
        "target.oneOf(target.sink)",
        "target.sink.oneOf(target.sink, Actor)",
        "target.oneOf()",
        "target.hasDataLeaks()",
        "target.hasDataLeaks(1)",
        "target.checkTLSVersion(target.inputs)",
        "target.checkTLSVersion(3)",
        "len(target.data) == 2",
        "len(target) == 2",
        "'secret' in target.data",
        "target.data == 'plain'",
        "target.data != 'plain'",
        "target.data",
        "not target.data",
        "target.data == target.sink.data",
        "target.data == 4",
        "any(d.format == 'JSON' for d in target.data)",
        "all(d.format == 'JSON' for d in target.data)",
        "any(d.format == 'JSON' for d in target.data if d.isPII)",
        "any([d.format == 'JSON' for d in target.data])",
        "sum(d.isPII for d in target.data) == 1",
        "max(d.classification for d in target.data) > Classification.RESTRICTED",
        "any(d.classification > target.maxClassification for d in target.data)",  # pytm: NameError, so never
        "any(True for d in target.data if target.name)",
        "any(f.sink.type == DatastoreType.LDAP for f in target.outputs)",
        "any(d.isPII for d in target.outputs)",
        "any(target.name)",
        "min(target.port, 80) == 80",
        "min()",
        "target.port in (80, 443)",
        "target.type in [DatastoreType.LDAP, DatastoreType.SQL]",
        "target.type in {DatastoreType.LDAP}",
        "target.type not in (DatastoreType.LDAP,)",
        "target.type < DatastoreType.LDAP",
        "target.tlsVersion < target.sink.minTLSVersion",
        "TLSVersion.NONE < target.tlsVersion <= TLSVersion.TLSv10 < TLSVersion.TLSv13",
        "target.tlsVersion < 4",
        "target.tlsVersion == 4",
        "target.response is not None and target.response.isResponse",
        "target.responseTo.source.oneOf(Actor)",
        "target.name if target.inScope else 0",
        "target.protocol.format",
        "target.protocol.nothing",
        "target.port.real == 443",
        "target.name == target",
        "target == target",
        "target.sink == target.source.sink",
        "target.name < 'store'",
        "target.inBoundary in [target.inBoundary]",
        "target.name - 1",
    ],
)
def test_conditions_have_pytm_s_answer(text: str, pairs: tuple[Pair, ...]) -> None:
    pairs = tuple(pair for pair in pairs if not isinstance(pair[0], Sealed))
    assert [ours(text, node) for _, node in pairs] == [theirs(text, item) for item, _ in pairs]


_ATTRIBUTES = st.sampled_from(
    [
        "inScope",
        "usesVPN",
        "isStrange",
        "protocol",
        "port",
        "name",
        "data",
        "isResponse",
        "inBoundary",
        "none",
    ]
)
_LEAF = st.one_of(
    _ATTRIBUTES.map("target.{}".format),
    _ATTRIBUTES.map("target.sink.{}".format),
    st.sampled_from(["isHardened", "isEncrypted", "isUnknown"]).map("target.controls.{}".format),
    st.sampled_from(
        ["True", "False", "None", "443", "'HTTPS'", "''", "target.inside(Boundary)", "target.oneOf(Server)"]
    ),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({} is {})".format, inner, st.sampled_from(["True", "False", "None"])),
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(["==", "!="]),
            st.sampled_from(["443", "'HTTPS'", "True"]),
        ),
        st.builds("any(d.{} for d in {})".format, st.sampled_from(["isPII", "format", "none"]), inner),
    )


@settings(max_examples=300)
@given(text=st.recursive(_LEAF, _larger, max_leaves=8))
def test_random_conditions_have_pytm_s_answer(text: str, pairs: tuple[Pair, ...]) -> None:
    for item, node in pairs:
        try:
            answer = ours(text, node)
        except Unsupported:
            continue
        assert answer == theirs(text, item)


@pytest.mark.parametrize(
    "text",
    [
        "target.name[0]",
        "{1: 2}",
        "2 ** 9 == 512",
        "target.name * 9",
        "lambda: 1",
        "f'{target.name}'",
        "[x for y in target.data for x in y]",
        "any(x == y for x, y in target.data)",
        "any(any(d is e for d in target.data) for e in target.data)",
        "[target for d in target.data]",
        "target.__class__",
        "target._names",
        "target.model_fields",
        "target.dfd",
        "target.dfd()",
        "target.hasDataLeaks",
        "open('x')",
        "print",
        "LLM",
        "target.oneOf(LLM)",
        "Server",
        "TLSVersion.TLSv14",
        "TLSVersion",
        "any(target.data, key=1)",
        "target.name is 'web'",
        "b'x'",
        "target.data ==",
        "",
        "target\x00",
        "(" * 300 + "1" + ")" * 300,
        "not " * 3000 + "1",
        "1 and " * 4000 + "1",
    ],
)
def test_what_is_not_evaluated_is_refused(text: str) -> None:
    with pytest.raises(Unsupported):
        compile_pytm(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("target.description", "web"),
        ("target.overrides", "web"),
        ("target.secret", "sealed"),
        ("target.hasDataLeaks()", "sealed"),
        ("any(x for x in target.source)", "ask"),
        ("'a' in target.source", "ask"),
        ("target == target.sink", "ask"),
        ("target.sink.data < target.data", "ask"),
        ("target.sink.protocol is target.protocol", "ask"),
        ("target.tlsVersion.value", "ask"),
        ("target.inputs == target.outputs", "web"),
    ],
)
def test_what_the_model_does_not_carry_is_not_taken_for_no_match(
    text: str, name: str, pairs: tuple[Pair, ...]
) -> None:
    node = next(node for item, node in pairs if item.name == name)
    code = compile_pytm(text)
    with pytest.raises(Unsupported):
        code(node)


def test_the_words_are_those_of_pytm() -> None:
    assert {name: tuple(getattr(pytm, name).__members__) for name in ENUMS} == dict(ENUMS)
    names = pytm.Threat._build_eval_globals()
    assert {name for name, value in names.items() if isinstance(value, type)} - {"TM", *ENUMS} == CLASSES


def test_every_method_of_pytm_s_objects_is_refused_as_a_value() -> None:
    kinds: tuple[type[Any], ...] = (*MODEL_CLASSES, pytm.Boundary, pytm.Dataflow, pytm.Data, pytm.Controls)
    methods = {
        name
        for cls in kinds
        for name in dir(cls)
        if not name.startswith(("_", "model_")) and name not in cls.model_fields
    }
    assert methods - CALLABLE - {*METHODS} == set()
