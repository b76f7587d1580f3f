"""A source tree at the ref that something else pins: a tag, with or without its `v`, or a full commit id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from threatmodel.core.errors import SourceUnavailable
from threatmodel.source.git import find_repository
from threatmodel.source.gitref import GitRefTree, commit_of
from threatmodel.source.spec import lacks_tag, open_source
from threatmodel.source.tree import SourceTree, unavailable

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def open_pinned(
    spec: str, pin: str, *, cache: Path, base: Path, environ: Mapping[str, str] | None = None
) -> SourceTree:
    """The tree that `spec` names. Where it names a repository and no ref, the tree at `pin`: of a folder's repository
    (its work tree is not looked at), or of a git URL. `pin` is a tag or a full commit id.

    Raises:
        UsageError: a malformed spec.
        SourceUnavailable: it cannot be read, or its repository has no such tag or commit.
    """
    folder = base / spec
    repository = folder.is_dir() and find_repository(folder) is not None
    if not repository and not lacks_tag(spec):
        return open_source(spec, cache=cache, base=base, environ=environ)
    failed = None
    for name in spellings(pin):
        try:
            if repository:
                return GitRefTree(folder, _revision(name), name=f"{spec}@{name}")
            return open_source(f"{spec}@{name}", cache=cache, base=base, environ=environ)
        except SourceUnavailable as error:
            failed = failed or error
            if error.diagnostics[0].code not in {"source-ref-unknown", "source-unreachable"}:
                raise
    raise failed or unavailable("source-ref-unknown", f"{spec}: no ref was asked for")


def stands_at(tree: SourceTree, pin: str) -> bool:
    """True where the tree is the commit that `pin` names in the tree's own repository."""
    if not isinstance(tree, GitRefTree):
        return False
    return any(commit_of(tree.session, _revision(name)) == tree.commit for name in spellings(pin))


def spellings(pin: str) -> tuple[str, ...]:
    """The names that a pin may have: as it is written, and for a tag with or without its `v`."""
    if _COMMIT.fullmatch(pin):
        return (pin,)
    return (pin, pin[1:] if re.match(r"v[0-9]", pin) else f"v{pin}")


def _revision(name: str) -> str:
    """What git is asked for: no branch and no abbreviation stands in for a tag."""
    return name if _COMMIT.fullmatch(name) else f"refs/tags/{name}"
