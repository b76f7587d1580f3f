"""The stream of messages that cargo-deny writes on standard error: diagnostics, logs, and a summary at its end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scanners.adapters.judge import Unusable, mapping, text
from scanners.adapters.tool import ending_of_one
from scanners.protocol import RawOutput

GOOD = (2, 3, 10, 11)
"""Bits for the checks that found something. That of the crates always does; without it something else went wrong."""
NOT_ALLOWED, WILDCARD, SOURCE = "not-allowed", "wildcard", "source-not-allowed"
KINDS = ("vulnerability", "unmaintained", "unsound", "notice")
"""Codes of advisories."""
_EXPECTED = frozenset({NOT_ALLOWED, WILDCARD, SOURCE, "unresolved-workspace-dependency", *KINDS})
"""Codes of all that it may say. The longest comes with each wildcard that a member has from its workspace."""
_HARMLESS = ("failed to fetch crates", "failed to open the local crates.io index")
"""Starts of complaints that mean nothing where cargo has resolved the workspace all the same."""
_NOT_RESOLVED = "`cargo metadata` exited with an error: "
_ERROR = re.compile(r"(?:\n|an error: )error: (.*?)(?:\nAs a reminder|\Z)", re.DOTALL)
_LOOKED_AT = re.compile(r"crate '(.+) = (.+)' is not explicitly allowed")
_MOST = 1 << 20
"""Bytes of output in which a reason is looked for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one run says: name and version of the crates that were looked at, diagnostics, and what went wrong besides."""

    crates: frozenset[tuple[str, str]]
    diagnostics: tuple[Mapping[str, Any], ...]
    complaints: tuple[str, ...]

    def of(self, code: str) -> Iterator[Mapping[str, Any]]:
        """The diagnostics of a code."""
        return (item for item in self.diagnostics if item.get("code") == code)


def read_said(raw: RawOutput, checks: tuple[str, ...]) -> Said:
    """What a run says.

    Raises:
        Unusable: it ended early, its stream is not whole, one of the checks is missing, or it has looked at no crate.
    """
    if why := ending_of_one(replace(raw.outcome, stderr=plain(raw.outcome.stderr)), GOOD):
        raise Unusable(why)
    if raw.outcome.stderr_truncated:
        raise Unusable("its output reached the limit")
    messages = _messages(raw.outcome.stderr)
    if not messages or messages[-1].get("type") != "summary":
        raise Unusable("its output has no summary at its end")
    found = _of_type(messages, "diagnostic")
    _compare(found, mapping(messages[-1].get("fields")), checks)
    named = (
        _LOOKED_AT.fullmatch(text(item.get("message"))) for item in found if item.get("code") == NOT_ALLOWED
    )
    crates = frozenset((match[1], match[2]) for match in named if match)
    if not crates:
        raise Unusable("it names no crate that it has looked at")
    odd = [
        f"{text(item.get('code'), 100)}: {_line(item)}" for item in found if item.get("code") not in _EXPECTED
    ]
    logs = [_complaint(item) for item in _of_type(messages, "log") if not _harmless(item)]
    return Said(crates, tuple(found), (*odd, *logs))


def plain(said: bytes) -> bytes:
    """The complaints of a stream in words, and lines that are no messages."""
    grave: list[str] = []
    others: list[str] = []
    for line in said[:_MOST].decode("utf-8", "replace").split("\n"):
        try:
            message = mapping(json.loads(line))
        except (ValueError, RecursionError):
            grave.append(line)
            continue
        fields = mapping(message.get("fields"))
        if message.get("type") == "log":
            (others if _harmless(fields) else grave).append(_complaint(fields))
    said_so = [line for line in grave if line.strip()] or others
    return "\n".join(said_so).encode("utf-8", "replace")


def _messages(said: bytes) -> list[dict[str, Any]]:
    """
    Raises:
        Unusable: a line is no message.
    """
    out = []
    try:
        lines = said.decode("utf-8").split("\n")
        for line in lines:
            if line.strip():
                out.append(json.loads(line))
    except (ValueError, RecursionError) as error:
        raise Unusable(
            f"its output of {len(said)} bytes is no stream of JSON ({type(error).__name__})"
        ) from error
    if not all(isinstance(item, dict) for item in out):
        raise Unusable("its output is not a list of objects, one a line")
    return out


def _of_type(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [mapping(item.get("fields")) for item in messages if item.get("type") == kind]


def _compare(found: list[dict[str, Any]], summary: Mapping[str, Any], checks: tuple[str, ...]) -> None:
    """
    Raises:
        Unusable: a check was not made, or the summary counts others than there are.
    """
    for severity in ("error", "warning"):
        said = [mapping(summary.get(check)).get(f"{severity}s") for check in checks]
        counts = [count for count in said if isinstance(count, int)]
        if len(counts) < len(checks):
            raise Unusable(f"its summary does not count the {severity}s of {', '.join(checks)}")
        given = sum(item.get("severity") == severity and "code" in item for item in found)
        if sum(counts) != given:
            raise Unusable(f"it gives {given} {severity}s, its summary counts {sum(counts)}")


def _harmless(log: Mapping[str, Any]) -> bool:
    return text(log.get("message")).startswith(_HARMLESS)


def _complaint(log: Mapping[str, Any]) -> str:
    """A log in words; the error of cargo without the warnings before it."""
    said = text(log.get("message"))
    if not said.startswith(_NOT_RESOLVED):
        return _line(log)
    error = _ERROR.search(said)
    return f"cargo does not resolve the workspace: {' '.join((error[1] if error else said).split())[:200]}"


def _line(fields: Mapping[str, Any]) -> str:
    return " ".join(text(fields.get("message")).split())[:300]
