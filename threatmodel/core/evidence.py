"""What may stand behind a statement of a person."""

from __future__ import annotations

import re

_PUBLIC = re.compile(r"https://\S+|commit [0-9a-f]{40}")
PUBLIC_RULE = 'write https://… or "commit <40 hex digits>"'


def public_source(text: str) -> bool:
    """True for a public source that anyone can open, or a commit."""
    return _PUBLIC.fullmatch(text) is not None
