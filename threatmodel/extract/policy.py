"""Which rules of a policy in Rego decide on which calls, and what they do by default."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from threatmodel.core.canonical import sha256
from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.readers.content import Unparsable
from threatmodel.readers.proto import methods_of
from threatmodel.readers.rego import RegoRule, RegoRules, rego_rules

HELPERS = "other rules"
"""The fact of all rules that have no default and that no method is called by."""
_DIGITS = 12


def read_rego(text: str, path: str) -> RegoRules:
    """The rules of a file. Raises: Unparsable for other files, and where it cannot be read whole."""
    if not path.endswith(".rego"):
        raise Unparsable("rules are read of .rego files only")
    read = rego_rules(text)
    if read.unread:
        line, reason = read.unread[0]
        raise Unparsable(reason, line)
    return read


def policies(files: Sequence[tuple[str, str]]) -> tuple[tuple[str, RegoRules], ...]:
    """The rules of several files, with the shortest name that tells each from the others. Raises: Unparsable."""
    last = [path.rpartition("/")[2] for path, _ in files]
    out = []
    for (path, text), name in zip(files, last, strict=True):
        try:
            read = read_rego(text, path)
        except Unparsable as error:
            raise Unparsable(f"{path}:{error.line} cannot be read: {error.reason}") from error
        out.append((name if last.count(name) == 1 else path, read))
    return tuple(out)


def judged(name: str, read: Sequence[tuple[str, RegoRules]]) -> str:
    """What the policies do about a rule, in one line."""
    said = [f"{file} {_said(found.rules[name])}" for file, found in read if name in found.rules]
    return f"rule {name}: {'; '.join(said) or 'none'}"


def rules(text: str, path: str, spec: Spec) -> Read:
    """A fact for each rule with a default that no method of the looked-up files takes, and one for all other rules.

    `lookup` are protobuf files: the rule of a method has the name of the message that it takes. Raises: Unparsable.
    """
    taken = {method.message for _, source in spec.around.files for method in methods_of(source)}
    read = read_rego(text, path)
    others = {name: rule for name, rule in read.rules.items() if name not in taken}
    facts = [
        Fact(kind=spec.kind, name=name, detail=f"{_said(rule)}; no call takes it", path=path, line=rule.line)
        for name, rule in others.items()
        if rule.default
    ]
    helpers = {name: rule.bodies for name, rule in others.items() if not rule.default}
    if helpers:
        shown = f"{len(helpers)} rules, {_digest(f'{n} {b}' for n, b in sorted(helpers.items()))}"
        facts.append(Fact(kind=spec.kind, name=HELPERS, detail=shown, path=path, line=0))
    return Read(facts=facts)


def _said(rule: RegoRule) -> str:
    default = f"default {rule.default}" if rule.default else "no default"
    if not rule.bodies:
        return default
    bodies = "1 body" if len(rule.bodies) == 1 else f"{len(rule.bodies)} bodies"
    return f"{default}, {bodies} {_digest(rule.bodies)}"


def _digest(texts: Iterable[str]) -> str:
    return f"sha256 {sha256(chr(0).join(texts).encode('utf-8', 'backslashreplace'))[:_DIGITS]}"
