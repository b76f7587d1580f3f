"""Templates that a makefile fills: `@NAME@` becomes the value of the variable, as its recipe writes it with sed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from threatmodel.readers.make_values import Unresolved, Variables
from threatmodel.readers.toml_template import VARIABLE

_KEPT = frozenset('$`"\\')
_NOT_PLAIN = re.compile(r"[\s$`*?\[\](){}<>;&|~!'\\]")
_SED = re.compile(r"[&|\\\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The text of a template after the build. `open`: variables without a known value, which stay as they are."""

    text: str
    open: dict[str, Unresolved]


def fill(text: str, variables: Variables, path: str) -> Filled:
    """The template filled by a makefile with this path. No line moves: values have no line ends."""
    missing: dict[str, Unresolved] = {}
    known: dict[str, str] = {}
    for name in dict.fromkeys(VARIABLE.findall(text)):
        try:
            known[name] = _written(variables.value(name, path, 0), path)
        except Unresolved as unresolved:
            missing[name] = unresolved
    return Filled(text=VARIABLE.sub(lambda found: known.get(found[1], found[0]), text), open=missing)


def _written(value: str, path: str) -> str:
    """What stands in a file after `sed -e "s|@NAME@|value|g"`. Raises: Unresolved."""
    out, quoted, at = list[str](), True, 0
    while at < len(value):
        sign = value[at]
        if sign == "\\" and quoted and value[at + 1 : at + 2] in _KEPT:
            out.append(value[at + 1])
            at += 2
            continue
        if sign == '"':
            quoted = not quoted
        elif _NOT_PLAIN.match(sign) if not quoted else sign in "$`":
            raise Unresolved("a shell makes something else of the value", path, 0)
        else:
            out.append(sign)
        at += 1
    written = "".join(out)
    if not quoted or _SED.search(written):
        raise Unresolved("sed makes something else of the value", path, 0)
    return written
