"""What a reader is told about the source tree: true for the tree that was used, and fit to be published."""

from __future__ import annotations

import re
from pathlib import Path

from collateral.assessment import NotDone, SourceFacts
from threatmodel.core.text import fold
from threatmodel.source import SourceTree, public_address
from threatmodel.source.spec import parse_url

LOCAL = "a local source tree"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HEAD = re.compile(r"(?:HEAD|@)(?:[~^@].*)?")


def address_of(spec: str, base: Path) -> str:
    """The public address of the repository that a spec names; empty where it names a folder or a file URL."""
    return "" if (base / spec).is_dir() else public_address(spec)


def read_facts(tree: SourceTree, address: str) -> SourceFacts:
    """The facts of a tree that was opened. `address` is that of its repository, empty for a local one."""
    ref = _name_of(tree)
    if address:
        name = f"{address}@{ref or tree.commit or ''}"
    elif ref:
        name = f"{LOCAL} at {ref}"
    else:
        name = LOCAL if tree.commit else f"{LOCAL} without a commit"
    return SourceFacts(
        available=True,
        name=fold(name),
        commit=tree.commit or "",
        ref=ref,
        digest=tree.digest(),
        dirty=tree.dirty,
        links=len(tree.links()),
        submodules=tree.submodules(),
    )


def unread_facts(spec: str, address: str) -> SourceFacts:
    """The facts where the tree cannot be read. Why is a fact of the machine's network or disk, and not said."""
    link = parse_url(spec) if address else None
    if link is None:
        return SourceFacts(available=False, name=LOCAL, reason="it could not be read")
    name = fold(f"{address}@{link.tag}")
    return SourceFacts(available=False, name=name, reason=f"{name} could not be fetched")


def left_out(facts: SourceFacts) -> list[NotDone]:
    """The parts of the source that the tree names and does not hold."""
    return [
        NotDone(
            what=f"Submodule {fold(path)}", why="its files are not in the tree, so nothing looked at them"
        )
        for path in facts.submodules
    ]


def other_release(facts: SourceFacts, release: str) -> list[NotDone]:
    """That the tree is named, and not after the release; a `v` before either name is no difference."""
    if not facts.ref or _bare(facts.ref) == _bare(release):
        return []
    return [NotDone(what="Release", why=f"the source tree is {fold(facts.ref)}, not {release}")]


def _bare(name: str) -> str:
    return re.sub(r"^v(?=[0-9])", "", name.removeprefix("refs/").removeprefix("tags/"))


def _name_of(tree: SourceTree) -> str:
    """The tag or branch that was asked for; a commit id and HEAD name a commit and nothing more."""
    ref, commit = tree.ref or "", tree.commit or ""
    if _COMMIT.fullmatch(ref) or _HEAD.fullmatch(ref) or (len(ref) >= 7 and commit.startswith(ref)):
        return ""
    return ref
