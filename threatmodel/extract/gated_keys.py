"""Keys that code reads from what others wrote, and what must be allowed before it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import re2
from tree_sitter import Node

from threatmodel.extract.code import FUNCTIONS, TEXTS, Code, Level, Visit, body_digest, called
from threatmodel.extract.constants import constants, texts_of
from threatmodel.extract.fact import Fact, Read, Spec, Unread
from threatmodel.readers.content import Unparsable

UNGATED = "no gate"
"""The detail of a key that is read wherever it stands."""
GATE = "gate "
"""How the name of a fact begins that is a gate itself."""
_IFS = frozenset({"if_expression", "if_statement"})
_STATEMENTS = frozenset({"statement_list", "block", "match_block"})
_IMPORTS = frozenset({"use_declaration", "use_list", "scoped_use_list", "use_as_clause", "import_spec"})
_CONSTANTS = frozenset({"const_item", "static_item", "const_spec"})
_NAMES = ("identifier", "field_identifier")
_RETURNS = ("return_statement", "return_expression")
_COMMENTS = frozenset({"line_comment", "block_comment", "comment"})
_WRAPS = frozenset({"parenthesized_expression", "await_expression", "try_expression"})
_MOST = 64
_LEADING = 8
_MAX_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True)
class _Guard:
    """A gate that turns away all keys with a prefix."""

    gate: str
    prefix: str


@dataclass(frozen=True, slots=True)
class _If:
    """A condition on a gate. `yes` and `no`: the bytes of what is done where the gate allows and where it does not."""

    gate: str
    yes: tuple[int, int]
    no: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Key:
    """A place where a key is read: what the gates there say, what is done at all, and the bytes of the statement."""

    name: str
    line: int
    gates: tuple[str, ...]
    effect: str
    start: int
    end: int


@dataclass(slots=True)
class _Found:
    """What a file tells."""

    keys: list[_Key] = field(default_factory=list)
    guards: list[_Guard] = field(default_factory=list)
    checks: list[tuple[int, str]] = field(default_factory=list)
    bodies: dict[str, tuple[str, int]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


def gated_keys(text: str, path: str, spec: Spec) -> Read:
    """A fact for each key that the code of a file reads: a text, or the name of a constant with one, that the pattern of
    the settings matches whole. Constants are looked up in this file and in `lookup`; those of this file are facts too.

    The detail says how each reading is gated, where a function of `gates` is asked: in the condition of an `if` around
    it, or by a guard that returns for every key with a prefix, in this file or in one of `lookup`; where an arm of a
    `match` returns or does nothing but write a log; and which functions that match `checks` the statement calls. A
    condition on a gate that is more than the call is told as a place that was not read. Each gate is a fact itself, with
    a digest of its body. Raises: Unparsable.
    """
    found = _read(text, path, spec)
    others = tuple((other, source) for other, source in spec.around.files if other != path)
    guards = (*found.guards, *_guards_of(others, spec))
    said: dict[str, dict[str, set[str]]] = {}
    lines: dict[str, int] = {}
    for key in found.keys:
        lines.setdefault(key.name, key.line)
        gates = [f"needs {guard.gate}" for guard in guards if key.name.startswith(guard.prefix)]
        gated = ", ".join(dict.fromkeys([*gates, *key.gates])) or UNGATED
        gated = f"{gated}, {key.effect}" if key.effect else gated
        checks = {name for at, name in found.checks if key.start <= at < key.end}
        said.setdefault(key.name, {}).setdefault(gated, set()).update(checks)
    facts = [
        Fact(kind=spec.kind, name=name, detail="; ".join(_shown(each)), path=path, line=lines[name])
        for name, each in said.items()
    ]
    declared = constants(text, path, spec)
    facts += [fact for fact in declared.facts if fact.name not in said]
    facts += [
        Fact(kind=spec.kind, name=f"{GATE}{name}", detail=digest, path=path, line=line)
        for name, (digest, line) in found.bodies.items()
    ]
    return Read(facts=facts, unread=[*found.unread, *declared.unread])


def _shown(gates: Mapping[str, set[str]]) -> Iterator[str]:
    for gate, checks in sorted(gates.items()):
        yield f"{gate}, checked by {', '.join(sorted(checks))}" if checks else gate


@lru_cache(maxsize=4)
def _guards_of(files: tuple[tuple[str, str], ...], spec: Spec) -> tuple[_Guard, ...]:
    """The guards in files that are looked up."""
    return tuple(
        guard
        for path, text in files
        if any(gate in text for gate in spec.gates)
        for guard in _read(text, path, spec).guards
    )


def _read(text: str, path: str, spec: Spec) -> _Found:
    code, found, ifs = Code(text, path), _Found(), dict[int, _If]()
    known = _Names(code, text, path, spec)
    matches = re2.compile(spec.pattern).fullmatch
    checks = re2.compile(spec.checks).fullmatch if spec.checks else None
    for visit in code.walk(*_NAMES, *TEXTS, *FUNCTIONS, "call_expression"):
        node = visit.node
        if node.type in FUNCTIONS:
            name = node.child_by_field_name("name")
            if name is not None and code.text(name) in spec.gates and visit.level.holder is None:
                found.bodies[code.text(name)] = (body_digest(code, node), code.line(node))
        elif node.type == "call_expression":
            name_called = called(code, node)
            if name_called in spec.gates:
                _asked(code, visit, name_called, path, found, known, ifs)
            elif checks is not None and checks(name_called):
                found.checks.append((node.start_byte, name_called))
        else:
            key = known.value(node, visit.level.before[1])
            if key and matches(key) and not _declares(visit):
                found.keys.append(_key(code, visit, key, ifs))
    if len(found.keys) * len(found.checks) > _MAX_PAIRS:
        raise Unparsable(f"{len(found.keys)} keys and {len(found.checks)} checks are too many")
    return found


class _Names:
    """What texts and names of constants stand for in one file."""

    def __init__(self, code: Code, text: str, path: str, spec: Spec) -> None:
        files = tuple(file for file in spec.around.files if file[0] != path)
        here = path.rpartition("/")[0]
        # in Go a name of another package stands behind the name of its package
        rust = code.syntax.grammar == "rust"
        near = tuple(file for file in files if rust or file[0].rpartition("/")[0] == here)
        far = tuple(file for file in files if file not in near)
        self._code = code
        self._near = texts_of((*near, (path, text)))
        self._far = texts_of(far)
        folders = {file[0].rpartition("/")[0].rpartition("/")[2] for file in far}
        self._packages = frozenset(_packages(code, folders))

    def value(self, node: Node, before: Node | None) -> str | None:
        """What a text or name stands for; `before` is what stands before the sign before it."""
        if node.type in TEXTS:
            return self._code.syntax.value(node)
        name = self._code.text(node)
        if node.type == "field_identifier":
            known = (
                before is not None
                and before.type == "identifier"
                and self._code.text(before) in self._packages
            )
            return self._far.get(name) if known else None
        return self._near.get(name)


def _packages(code: Code, folders: set[str]) -> Iterator[str]:
    """The names by which a file of Go knows packages that lie in folders of these names."""
    for node in code.syntax.nodes("import_spec"):
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("name")
        last = (code.syntax.value(path) or "").rpartition("/")[2] if path is not None else ""
        if last in folders:
            yield code.text(alias) if alias is not None else last


def _declares(visit: Visit) -> bool:
    """Whether a name stands where it is declared or imported."""
    level = visit.level
    if level.kind in _IMPORTS or (level.outer is not None and level.outer.kind in _IMPORTS):
        return True
    return level.holder is not None and level.holder.kind in _CONSTANTS


def _key(code: Code, visit: Visit, text: str, ifs: Mapping[int, _If]) -> _Key:
    at: Level | None = visit.level
    inner: Node = visit.node
    unit: Node | None = None
    gates: list[str] = []
    for _ in range(_MOST):
        if at is None or at.kind in FUNCTIONS:
            break
        if unit is None and at.kind in _STATEMENTS:
            unit = inner
        condition = ifs.get(at.node.start_byte) if at.kind in _IFS else None
        if condition is not None and condition.yes[0] <= inner.start_byte < condition.yes[1]:
            gates.append(f"needs {condition.gate}")
        elif condition is not None and condition.no[0] <= inner.start_byte < condition.no[1]:
            gates.append(f"read where {condition.gate} says no")
        inner, at = at.node, at.outer
    unit = unit or inner
    return _Key(text, code.line(visit.node), tuple(gates), _effect(unit), unit.start_byte, unit.end_byte)


def _effect(unit: Node) -> str:
    """What an arm of a `match` does, where that is seen at its beginning: nothing but write a log, or return."""
    value = unit.child_by_field_name("value") if unit.type == "match_arm" else None
    if value is None or value.type != "block":
        return ""
    for child in value.named_children[:_LEADING]:
        inner = child.named_child(0) if child.type == "expression_statement" else child
        if inner.type == "return_expression":
            return "refused"
        if inner.type not in _COMMENTS | {"macro_invocation"}:
            return ""
    return "ignored" if value.named_child_count <= _LEADING else ""


def _asked(
    code: Code, visit: Visit, gate: str, path: str, found: _Found, known: _Names, ifs: dict[int, _If]
) -> None:
    """Note what the `if` says of which a gate is the condition. What more the condition asks is told."""
    at: Level | None = visit.level
    inner: Node = visit.node
    bare, positive = True, True
    for _ in range(_MOST):
        if at is None or at.kind in _STATEMENTS or at.kind in FUNCTIONS:
            return
        if at.kind in _IFS and (condition := at.node.child_by_field_name("condition")) is not None:
            if not condition.start_byte <= inner.start_byte < condition.end_byte:
                return
            if bare:
                ifs[at.node.start_byte] = _if(at.node, visit.node, gate, positive, found, known)
                return
            reason = "a condition asks a gate and more than that"
            found.unread.append(Unread(path=path, line=code.line(condition), reason=reason))
            return
        if (
            at.kind == "unary_expression"
            and code.syntax.source[at.node.start_byte : at.node.start_byte + 1] == b"!"
        ):
            positive = not positive
        elif at.kind not in _WRAPS:
            bare = False
        inner, at = at.node, at.outer


def _if(node: Node, call: Node, gate: str, positive: bool, found: _Found, known: _Names) -> _If:
    then, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    yes, no = ((part.start_byte, part.end_byte) if part is not None else (0, 0) for part in (then, other))
    if positive:
        return _If(gate, yes, no)
    if then is not None and _ends(then):
        found.guards += _guards(call, gate, known)
    return _If(gate, no, yes)


def _ends(block: Node) -> bool:
    """Whether a block returns, whatever else it does."""
    inner = [each for child in block.named_children for each in (child, *child.named_children[:_MOST])]
    return any(child.type in _RETURNS for child in inner)


def _guards(call: Node, gate: str, known: _Names) -> Iterator[_Guard]:
    """A gate that is asked about a prefix."""
    given = call.child_by_field_name("arguments")
    for node in given.named_children if given is not None else ():
        name = node.child_by_field_name("field") or node.child_by_field_name("name") or node
        if prefix := known.value(name, node.child_by_field_name("operand")):
            yield _Guard(gate, prefix)
