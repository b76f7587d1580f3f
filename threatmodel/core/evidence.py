"""What may stand behind a statement of a person."""

from __future__ import annotations

import re

_PUBLIC = re.compile(r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[:/]\S*)?|commit (?!0{40})[0-9a-f]{40}")
PUBLIC_RULE = 'write https://… or "commit <40 hex digits>"'


def public_source(text: str) -> bool:
    """True for the address of a public page, or a full commit id. Neither is looked up."""
    return _PUBLIC.fullmatch(text) is not None
