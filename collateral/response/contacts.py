"""Files that should name somebody to reach: the security policy and lists of contacts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from collateral.response.ownership import ContactFile, ContactState
from threatmodel.source import SourceTree

POLICIES = (".github/SECURITY.md", "SECURITY.md", "docs/SECURITY.md")
"""Where GitHub looks for the security policy, in this order."""
CONTACTS = ("SECURITY_CONTACTS",)
_REACHABLE = re.compile(
    r"https://|mailto:|[^\s@]{1,64}@[^\s@.]{1,64}\.[A-Za-z]{2}|@[A-Za-z0-9-]{1,64}/[A-Za-z0-9_.-]"
)
_LARGEST = 1 << 20


def contact_files(
    tree: SourceTree,
    more: Iterable[str],
    owners: Callable[[str], tuple[str, ...]],
    documentation_only: Callable[[str], bool],
) -> tuple[ContactFile, ...]:
    """The security policy, or that it is missing, and the contact files that are there."""
    there = frozenset(tree.paths())
    policy = next((path for path in POLICIES if path in there), None)
    wanted = [path for path in dict.fromkeys((*CONTACTS, *more)) if path in there and path != policy]
    out = [ContactFile(path="SECURITY.md", state="missing")] if policy is None else []
    return (
        *out,
        *(
            ContactFile(
                path=path,
                state=_state(tree, path),
                owners=owners(path),
                documentation_only=documentation_only(path),
            )
            for path in (*([policy] if policy else []), *wanted)
        ),
    )


def _state(tree: SourceTree, path: str) -> ContactState:
    if tree.size(path) > _LARGEST:
        return "unread"
    text = tree.read(path).decode("utf-8", "replace")
    if not text.strip():
        return "empty"
    if path in POLICIES:
        return "names-somebody" if _REACHABLE.search(text) else "no-contact"
    lines = (line.strip() for line in text.splitlines())
    return "names-somebody" if any(line and not line.startswith("#") for line in lines) else "comments-only"
