"""Identifiers: what the anchors of a model may look like."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*")
ID_RULE = (
    "letters and digits, joined by single '.', '-' or '_', starting with a letter, at most 64 characters"
)


def valid_id(text: str) -> bool:
    """True for an id of an element, flow, boundary, control, rule or other anchor."""
    return len(text) <= 64 and _ID.fullmatch(text) is not None


def threat_id(rule: str, target: str) -> str:
    """`<rule>@<element or flow id>`: depends on nothing else."""
    return f"{rule}@{target}"
