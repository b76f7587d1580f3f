"""Order of versions: Semantic Versioning 2.0.0 for Rust and Go, PEP 440 for Python."""

from __future__ import annotations

import re
from typing import Any

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440
from semver import Version as SemVer

from scanners.dependencies.component import Ecosystem

_LONGEST = 200
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){0,2}")


class NoVersion(ValueError):
    """A text is no version of its ecosystem."""


def parse(ecosystem: Ecosystem, text: str, kind: str = "ECOSYSTEM") -> Any:
    """The version, to be compared with versions of the same ecosystem and kind of range only. A leading `v` and missing
    numbers of a semantic version are allowed; its build metadata has no effect on the order.

    Raises:
        NoVersion: the text is none.
    """
    if len(text) > _LONGEST:
        raise NoVersion(f"{text[:40]!r}… is too long")
    try:
        if ecosystem == "PyPI" and kind == "ECOSYSTEM":
            return Pep440(text)
        return SemVer.parse(_whole(text.removeprefix("v")))
    except (InvalidVersion, ValueError, TypeError) as error:
        raise NoVersion(f"{text[:40]!r} is no version") from error


def _whole(text: str) -> str:
    """A semantic version whose missing numbers are 0."""
    found = _NUMBERS.match(text)
    return found[0] + ".0" * (2 - found[0].count(".")) + text[found.end() :] if found else text
