"""Variables of make and what their texts stand for, as far as the files tell. https://www.gnu.org/software/make/manual/"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MAX_VALUE = 16 * 1024
_MAX_STEPS = 20_000
_MAX_STEPS_IN_ALL = 200_000
_MAX_DEPTH = 32
_CLOSERS = {"(": ")", "{": "}"}
_NAME = re.compile(r"[^\s:#=$(){},]+")
_SIGN = re.compile(r"[$(){},]")
_FUNCTION = re.compile(r"([a-z][a-z-]*)(?:[ \t]+|$)")
OUTSIDE = frozenset(
    {"CURDIR", "MAKE", "MAKECMDGOALS", "MAKEFILE_LIST", "MAKEFLAGS", "MAKELEVEL", "SHELL", "VPATH"}
    | {
        "AR",
        "AS",
        "CC",
        "CPP",
        "CXX",
        "LD",
        "CFLAGS",
        "CPPFLAGS",
        "CXXFLAGS",
        "LDFLAGS",
        "GOARCH",
        "GOPATH",
        "GOROOT",
    }
    | {"HOME", "HOSTNAME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "TERM", "TMPDIR", "USER"}
)
"""Names that make, the shell or the tools of a language set: empty in the file, not empty when it runs."""


class Unresolved(Exception):
    """A value that the files do not tell. `path` and `line` are the place that decides, `reason` why it tells nothing."""

    def __init__(self, reason: str, path: str, line: int) -> None:
        super().__init__(reason)
        self.reason, self.path, self.line = reason, path, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable where it was set last. A `simple` one has its final text, another is expanded where it is used."""

    text: str
    path: str
    line: int
    simple: bool = False
    fixed: bool = False
    unresolved: Unresolved | None = None


@dataclass(slots=True, kw_only=True)
class Variables:
    """The variables of a makefile. `unknown`: why a name without a value may have one. `stopped`: where make ends.

    `steps` were taken so far.
    """

    names: dict[str, Variable] = field(default_factory=dict)
    unknown: Unresolved | None = None
    stopped: Unresolved | None = None
    steps: int = 0

    def value(self, name: str, path: str, line: int) -> str:
        """What a variable stands for at a place. Raises: Unresolved."""
        if self.stopped is not None:
            raise self.stopped
        return Expansion(variables=self, path=path, line=line).variable(name, 0)


@dataclass(slots=True, kw_only=True)
class Expansion:
    """One expansion, with a budget of steps: variables that are made of others twice cost no time without end."""

    variables: Variables
    path: str
    line: int
    given: Mapping[str, str] = field(default_factory=dict)
    steps: int = 0

    def text(self, text: str, depth: int = 0) -> str:
        """A text with its references replaced. Raises: Unresolved."""
        if "$" not in text:
            return text
        self._step(depth)
        parts: list[str] = []
        at, size = 0, 0
        while (start := text.find("$", at)) >= 0:
            parts.append(text[at:start])
            value, at = self._reference(text, start + 1, depth + 1)
            parts.append(value)
            size += len(value)
            if size > MAX_VALUE:
                raise self._no(f"the value has more than {MAX_VALUE} characters")
        return "".join((*parts, text[at:]))

    def variable(self, name: str, depth: int) -> str:
        """The value of a variable. Raises: Unresolved."""
        self._step(depth)
        if name in self.given:
            return self.given[name]
        found = self.variables.names.get(name)
        if found is None:
            if self.variables.unknown is not None:
                raise self.variables.unknown
            if name in OUTSIDE:
                raise self._no(f"{name} is set where make runs")
            return ""
        if found.unresolved is not None:
            raise found.unresolved
        if found.simple:
            return found.text
        before = self.path, self.line
        self.path, self.line = found.path, found.line
        try:
            return self.text(found.text, depth + 1)
        finally:
            self.path, self.line = before

    def _reference(self, text: str, at: int, depth: int) -> tuple[str, int]:
        """What stands behind a `$`, and where it ends."""
        sign = text[at : at + 1]
        if sign == "$":
            return "$", at + 1
        if sign not in _CLOSERS:
            return (self.variable(sign, depth), at + 1) if sign.strip() else ("$", at)
        end = _closed(text, at)
        if end < 0:
            raise self._no("a reference does not end")
        return self._inside(text[at + 1 : end], sign, depth), end + 1

    def _inside(self, text: str, opener: str, depth: int) -> str:
        if _NAME.fullmatch(text):
            return self.variable(text, depth)
        found = _FUNCTION.match(text)
        if found:
            return self._function(found[1], list(arguments(text[found.end() :], opener)), depth)
        name = self.text(text, depth)
        if not _NAME.fullmatch(name):
            raise self._no(f"$({name[:40]}) is not read")
        return self.variable(name, depth)

    def _function(self, name: str, given: list[str], depth: int) -> str:
        self._step(depth)
        if name == "if" and len(given) in {2, 3}:
            chosen = given[1] if self.text(given[0].strip(), depth) else "".join(given[2:])
            return self.text(chosen, depth)
        if name not in {"findstring", "filter", "filter-out", "strip", "subst", "call"}:
            raise self._no(f"$({name} …) is not worked out")
        values = [self.text(item, depth) for item in given]
        match (name, values):
            case ("findstring", [part, whole]):
                return part if part in whole else ""
            case ("filter" | "filter-out", [words, whole]) if "%" not in words:
                wanted, keep = frozenset(words.split()), name == "filter"
                return " ".join(word for word in whole.split() if (word in wanted) == keep)
            case ("strip", [whole]):
                return " ".join(whole.split())
            case ("subst", [old, new, whole]) if old:
                if whole.count(old) * len(new) > MAX_VALUE:
                    raise self._no(f"the value has more than {MAX_VALUE} characters")
                return whole.replace(old, new)
            case ("call", [called, *values]):
                return self._call(called.strip(), values, depth)
        raise self._no(f"$({name} …) is not worked out")

    def _call(self, name: str, values: list[str], depth: int) -> str:
        before = self.given
        self.given = {str(index): value for index, value in enumerate((name, *values))}
        try:
            return self.variable(name, depth + 1)
        finally:
            self.given = before

    def _step(self, depth: int) -> None:
        self.steps += 1
        self.variables.steps += 1
        if depth > _MAX_DEPTH or self.steps > _MAX_STEPS or self.variables.steps > _MAX_STEPS_IN_ALL:
            raise self._no("the value is made of too many others")

    def _no(self, reason: str) -> Unresolved:
        return Unresolved(reason, self.path, self.line)


def arguments(text: str, opener: str = "(") -> Iterator[str]:
    """The parts between commas that stand in no brackets of the kind that holds them."""
    closer, depth, start = _CLOSERS[opener], 0, 0
    for match in _SIGN.finditer(text):
        sign = match.group()
        if sign == opener:
            depth += 1
        elif sign == closer:
            depth -= 1
        elif sign == "," and not depth:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _closed(text: str, at: int) -> int:
    """Where the bracket that opens here closes, -1 where it does not. Brackets of the other kind do not count."""
    opener, closer, depth = text[at], _CLOSERS[text[at]], 0
    for index in range(at, len(text)):
        if text[index] == opener:
            depth += 1
        elif text[index] == closer:
            depth -= 1
            if not depth:
                return index
    return -1
