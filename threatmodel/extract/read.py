"""From a source tree to the facts of one extract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from threatmodel.core.errors import ThreatModelError
from threatmodel.core.globs import select
from threatmodel.extract.codeowners import codeowners
from threatmodel.extract.constants import constants
from threatmodel.extract.fact import Around, Extract, Fact, Readers, Spec, Tree, Unread
from threatmodel.extract.pins import pins
from threatmodel.extract.policy import rules
from threatmodel.extract.rpc import rpc_methods
from threatmodel.extract.toml_keys import toml_keys
from threatmodel.extract.workflows import workflows
from threatmodel.readers.content import Unparsable, Unusable, text_of

READERS: Readers = {
    "rpc": rpc_methods,
    "constants": constants,
    "toml-keys": toml_keys,
    "pins": pins,
    "workflows": workflows,
    "codeowners": codeowners,
    "policy": rules,
}


def extract(tree: Tree, spec: Spec) -> Extract:
    """What the files of the settings tell. What a file holds raises nothing: it is told as unread, with its reason.

    Where a file that things are looked up in cannot be read, none of the others is: their facts would lack a part.
    """
    matched = {glob: select(tree.paths(), glob) for glob in (*spec.paths, *spec.lookup)}
    paths, beside = _files(matched, spec.paths), _files(matched, spec.lookup)
    facts: list[Fact] = []
    unread: list[Unread] = []
    files: list[str] = []
    looked: list[tuple[str, str]] = []
    for path in beside:
        try:
            looked.append((path, _text(tree, path)))
        except Unparsable as error:
            unread.append(Unread(path=path, line=error.line, reason=error.reason))
    if unread:
        reason = f"{unread[0].path} cannot be read, in which its names are looked up"
        unread += [Unread(path=path, line=0, reason=reason) for path in paths if path not in beside]
        paths = []
    spec = replace(spec, around=Around(paths=tree.paths(), files=tuple(looked)))
    for path in paths:
        try:
            read = READERS[spec.kind](_text(tree, path), path, spec)
        except Unparsable as error:
            unread.append(Unread(path=path, line=error.line, reason=error.reason))
        except ValueError:  # Python shows no number of more than some thousand digits
            unread.append(Unread(path=path, line=0, reason="the file holds a number that cannot be shown"))
        else:
            files.append(path)
            facts += read.facts
            unread += read.unread
    return Extract(
        facts=tuple(sorted(facts)),
        unread=tuple(sorted(unread)),
        files=tuple(files),
        empty=tuple(glob for glob, found in matched.items() if not found),
    )


def _files(matched: Mapping[str, tuple[str, ...]], globs: Iterable[str]) -> list[str]:
    return sorted({path for glob in globs for path in matched[glob]})


def _text(tree: Tree, path: str) -> str:
    """The text of a file. Raises: Unparsable."""
    try:
        text = text_of(tree.read(path))
    except ThreatModelError as error:
        raise Unparsable(error.diagnostics[0].message) from error
    if isinstance(text, Unusable):
        raise Unparsable(text.reason)
    return text
