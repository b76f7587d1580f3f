"""Rules of a Rego file: what their defaults are and what their bodies say. Bodies are not understood.

https://www.openpolicyagent.org/docs/policy-reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|["`]')
_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DEFAULT = re.compile(
    rf"default[ \t]+({_NAME})[ \t]*(?:\([^()]*\)[ \t]*)?(?::=|=)\s*(?=\S)", re.DOTALL | re.ASCII
)
_HEAD = re.compile(rf"({_NAME})[ \t]*(?=[({{\[:=]|(?:if|contains)\b|$)", re.ASCII)
_OPEN, _CLOSE = "([{", ")]}"
_OTHER = frozenset({"package", "import"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegoRule:
    """A rule. `default`: its default as written, empty without one. `bodies`: each head with its body, without comments.

    Both are in one line. `line` is the first of all, from 1.
    """

    default: str = ""
    bodies: tuple[str, ...] = ()
    line: int


@dataclass(slots=True, kw_only=True)
class RegoRules:
    """The rules of a file by name. `unread`: lines that are none of what this reader knows, and why."""

    rules: dict[str, RegoRule] = field(default_factory=dict)
    unread: list[tuple[int, str]] = field(default_factory=list)


def rego_rules(text: str) -> RegoRules:
    """The rules of a file. Never raises: what is not understood is told with its line.

    A statement begins on a line that starts with a name, outside of brackets. `else` and indented lines belong to it.
    """
    out = RegoRules()
    bare, shape = _blanked(text, out)
    for line, start, end in _statements(shape, out):
        code = shape[start:end]
        word = _WORD.match(code)
        if word and word.group() in _OTHER:
            continue
        if word and word.group() == "default":
            found = _DEFAULT.match(code)
            name = found[1] if found else ""
            known = out.rules.get(name)
            if not found or (known and known.default):
                out.unread.append((line, "a default without a name or value, or a second one"))
                continue
            default, bodies = _line(bare[start + found.end() : end]), known.bodies if known else ()
        elif head := _HEAD.match(code):
            name = head[1]
            known = out.rules.get(name)
            default = known.default if known else ""
            bodies = (*(known.bodies if known else ()), _line(bare[start:end]))
        else:
            out.unread.append((line, "neither a rule nor a default that this reader knows"))
            continue
        out.rules[name] = RegoRule(default=default, bodies=bodies, line=known.line if known else line)
    return out


def _line(code: str) -> str:
    return " ".join(code.split())


def _blanked(text: str, out: RegoRules) -> tuple[str, str]:
    """The text with blanks in place of comments, and the same with quotes in place of texts; lines and columns stay."""
    bare, shape, at = [], [], 0
    for match in _TEXT.finditer(text):
        found = match.group()
        if found in {'"', "`"}:
            out.unread.append((text.count("\n", 0, match.start()) + 1, "a text does not end"))
        between = text[at : match.start()]
        hidden = re.sub(r"[^\n]", " " if found[0] == "#" else '"', found)
        hidden = hidden.replace('\n"', "\n ")  # a line inside of a text begins nothing
        bare += [between, hidden if found[0] == "#" else found]
        shape += [between, hidden]
        at = match.end()
    return "".join((*bare, text[at:])), "".join((*shape, text[at:]))


def _statements(shape: str, out: RegoRules) -> list[tuple[int, int, int]]:
    """First line, start and end of each statement."""
    found: list[tuple[int, int, int]] = []
    depth, at = 0, 0
    for number, line in enumerate(shape.split("\n"), 1):
        starts = not depth and bool(line[:1].strip()) and line[0] not in _CLOSE
        if starts and not re.match(r"else\b", line):
            found.append((number, at, at))
        for char in line:
            depth += (char in _OPEN) - (char in _CLOSE)
            if depth < 0:
                out.unread.append((number, "a bracket closes nothing"))
                depth = 0
        at += len(line) + 1
        if found and line.strip():
            found[-1] = (*found[-1][:2], at - 1)
    if depth:
        out.unread.append((found[-1][0] if found else 1, "a bracket is not closed"))
    return found
