"""Identifiers: what the anchors of a model may look like."""

from __future__ import annotations

import hashlib
import re

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*")
ID_RULE = (
    "letters and digits, joined by single '.', '-' or '_', starting with a letter, at most 64 characters"
)


_FILE_NAME = re.compile(r"[A-Za-z0-9](?:[._+=,-]?[A-Za-z0-9])*")
_LONGEST = 100


def file_name(text: str, kind: str) -> str:
    """The text as the name of a file or folder: itself where it is a plain one, else `<kind>-` and a digest of it. Texts
    of a model cannot leave the folder that they are written to."""
    if len(text) <= _LONGEST and _FILE_NAME.fullmatch(text):
        return text
    return f"{kind}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"


def valid_id(text: str) -> bool:
    """True for an id of an element, flow, boundary, control, rule or other anchor."""
    return len(text) <= 64 and _ID.fullmatch(text) is not None


def threat_id(rule: str, target: str) -> str:
    """`<rule>@<element or flow id>`: depends on nothing else."""
    return f"{rule}@{target}"
