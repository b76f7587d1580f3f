"""From a source tree to the facts of one extract."""

from __future__ import annotations

from threatmodel.core.errors import ThreatModelError
from threatmodel.core.globs import select
from threatmodel.extract.constants import constants
from threatmodel.extract.fact import Extract, Fact, Readers, Spec, Tree, Unparsable, Unread
from threatmodel.extract.pins import pins
from threatmodel.extract.proto import rpc_methods
from threatmodel.extract.toml_keys import toml_keys
from threatmodel.extract.workflows import workflows
from threatmodel.readers.content import Unusable, text_of

READERS: Readers = {
    "rpc": rpc_methods,
    "constants": constants,
    "toml-keys": toml_keys,
    "pins": pins,
    "workflows": workflows,
}


def extract(tree: Tree, spec: Spec) -> Extract:
    """What the files of the settings tell. What a file holds raises nothing: it is told as unread, with its reason."""
    matched = {glob: select(tree.paths(), glob) for glob in spec.paths}
    facts: list[Fact] = []
    unread: list[Unread] = []
    files: list[str] = []
    for path in sorted({path for found in matched.values() for path in found}):
        try:
            text = text_of(tree.read(path))
            if isinstance(text, Unusable):
                raise Unparsable(text.reason)
            read = READERS[spec.kind](text, path, spec)
        except ThreatModelError as error:
            unread.append(Unread(path=path, line=0, reason=error.diagnostics[0].message))
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
