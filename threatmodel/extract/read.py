"""From a source tree to the facts of one extract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from threatmodel.core.errors import ThreatModelError
from threatmodel.core.globs import select
from threatmodel.extract.arguments import arguments
from threatmodel.extract.codeowners import codeowners
from threatmodel.extract.constants import constants
from threatmodel.extract.defaults import files_of
from threatmodel.extract.fact import Around, Extract, Fact, Read, Readers, Spec, Tree, Unread
from threatmodel.extract.gated_keys import gated_keys
from threatmodel.extract.guards import guards
from threatmodel.extract.implementations import implementations
from threatmodel.extract.names import names
from threatmodel.extract.pins import pins
from threatmodel.extract.policy import rules
from threatmodel.extract.rpc import rpc_methods
from threatmodel.extract.toml_keys import toml_keys
from threatmodel.extract.values import values
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
    "arguments": arguments,
    "names": names,
    "values": values,
    "guards": guards,
    "implementations": implementations,
    "gated-keys": gated_keys,
}


Known = dict[tuple[str, str, Around], Read]
"""What files told, by path, text and what is around them, for one `Spec`."""


def extract(tree: Tree, spec: Spec, known: Known | None = None) -> Extract:
    """What the files of the settings tell. What a file holds raises nothing: it is told as unread, with its reason.

    Where a file that things are looked up in cannot be read, none of the others is: their facts would lack a part. A file
    that stands in `known`, from another tree and the same settings, is not read again.
    """
    known = {} if known is None else known
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
    if spec.makefile:
        there = frozenset(tree.paths())
        try:
            looked += files_of(spec, lambda path: _text(tree, path) if path in there else None)
        except Unparsable as error:
            unread.append(Unread(path=spec.makefile, line=error.line, reason=error.reason))
    if unread:
        reason = f"{unread[0].path} cannot be read, in which its names are looked up"
        unread += [Unread(path=path, line=0, reason=reason) for path in paths if path not in beside]
        paths = []
    around = Around(paths=tree.paths() if spec.owned else (), files=tuple(looked))
    spec = replace(spec, around=around)
    for path in paths:
        try:
            text = _text(tree, path)
            if (read := known.get((path, text, around))) is None:
                read = known[path, text, around] = READERS[spec.kind](text, path, spec)
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
