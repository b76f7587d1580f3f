"""Who has to agree to a change: the rules of a CODEOWNERS file, and the owners of what a model names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import select
from threatmodel.extract.fact import Fact, Read, Spec, Unread
from threatmodel.readers.codeowners import CodeOwners, evaluate, parse_codeowners
from threatmodel.readers.content import Unparsable

UNOWNED = "no owner: "
"""How the name of a fact begins that tells a glob of files without an owner."""


def codeowners(text: str, path: str, spec: Spec) -> Read:
    """A fact for each pattern, with its owners, and one for each glob of `owned` that matches a file without an owner.

    Owners of one pattern that stands on several lines are those of the last. A line that GitHub leaves out is told as a
    place that was not read. Raises: Unparsable where GitHub would not load the file, or rules and paths are too many.
    """
    owners = parse_codeowners(text.encode("utf-8"), path)
    if owners.unread:
        raise Unparsable(owners.unread)
    rules = {
        rule.pattern: Fact(
            kind=spec.kind,
            name=rule.pattern,
            detail=", ".join(rule.owners) or "nobody",
            path=path,
            line=rule.line,
        )
        for rule in owners.rules
    }
    return Read(
        facts=[*rules.values(), *_unowned(owners, path, spec)],
        unread=[Unread(path=path, line=line.line, reason=line.reason) for line in owners.ignored],
    )


def without_owner(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The globs of `owned` that match a file without an owner."""
    return tuple(fact.name.removeprefix(UNOWNED) for fact in facts if fact.name.startswith(UNOWNED))


def _unowned(owners: CodeOwners, path: str, spec: Spec) -> Iterator[Fact]:
    matched = {glob: select(spec.around.paths, glob) for glob in spec.owned}
    try:
        found = evaluate(owners, sorted({each for paths in matched.values() for each in paths}))
    except InvalidInput as error:
        raise Unparsable(error.diagnostics[0].message) from error
    nobody = {
        each
        for each, rule in zip(found.paths, found.winner, strict=True)
        if rule is None or not owners.rules[rule].owners
    }
    for glob, paths in matched.items():
        if not nobody.isdisjoint(paths):
            yield Fact(kind=spec.kind, name=UNOWNED + glob, detail="", path=path, line=0)
