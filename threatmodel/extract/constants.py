"""Texts that constants of source files hold, with what they are put together from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import re2

from threatmodel.extract.fact import Fact, Read, Spec, Unread
from threatmodel.readers.constants import Constant
from threatmodel.readers.constants import constants as constants_of
from threatmodel.readers.content import Unparsable, Unusable
from threatmodel.readers.syntax import parse


def constants(text: str, path: str, spec: Spec) -> Read:
    """A fact for each constant whose whole text the pattern of the settings matches; it has no detail.

    A constant that is a text and could not be worked out is told as a place that was not read. Raises: Unparsable for
    files that are not Go, Rust or C, or that break the grammar.
    """
    found = _read(text, path)
    matches = re2.compile(spec.pattern).fullmatch
    return Read(
        facts=[
            Fact(kind=spec.kind, name=constant.value, detail="", path=path, line=constant.line)
            for constant in found
            if isinstance(constant.value, str) and matches(constant.value)
        ],
        unread=[
            Unread(path=path, line=constant.line, reason=f"the constant {constant.name} {constant.reason}")
            for constant in found
            if constant.value is None and constant.text
        ],
    )


@lru_cache(maxsize=8)
def texts_of(files: tuple[tuple[str, str], ...]) -> Mapping[str, str | None]:
    """The texts of the constants of files by their last name; None where it was not worked out, is none or not one alone.

    Raises: Unparsable.
    """
    found: dict[str, str | None] = {}
    for path, text in files:
        for constant in _read(text, path):
            name = constant.name.rpartition("::")[2].rpartition(".")[2]
            value = constant.value if isinstance(constant.value, str) else None
            found[name] = value if found.get(name, value) == value else None
    return found


def _read(text: str, path: str) -> tuple[Constant, ...]:
    syntax = parse(text, path)
    if isinstance(syntax, Unusable):
        raise Unparsable(syntax.reason)
    if line := syntax.broken():
        raise Unparsable("the text breaks the grammar of its language", line)
    return constants_of(syntax)
