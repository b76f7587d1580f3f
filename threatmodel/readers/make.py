"""Default values of the variables of a makefile: what make makes of it where nothing is set from outside.

Nothing is run. What depends on a program, on the machine, on a condition that the files do not decide or on a file that
is not there is unresolved, with the place and the reason; it is never guessed. https://www.gnu.org/software/make/manual/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from threatmodel.readers.make_values import Expansion, Unresolved, Variable, Variables, arguments

_ASSIGNMENT = re.compile(
    r"((?:(?:override|export|private)[ \t]+)*)([^\s:#=?+!]+)[ \t]*(:{1,3}=|[?+!]?=)[ \t]*(.*)", re.DOTALL
)
_DEFINE = re.compile(r"((?:(?:override|export)[ \t]+)*)define[ \t]+(\S+)[ \t]*(?:(:{1,3}=|[?+!]?=)[ \t]*)?")
_CONDITION = re.compile(r"(ifeq|ifneq|ifdef|ifndef|else|endif)(?![\w-])[ \t]*(.*)", re.DOTALL)
_INCLUDE = re.compile(r"(-include|sinclude|include)[ \t]+(.*)", re.DOTALL)
_UNDEFINE = re.compile(r"(?:override[ \t]+)?undefine[ \t]+(\S+)")
_THERE = re.compile(r"\$[({](?:realpath|wildcard)[ \t]+(.*)[)}]")
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')[ \t]*("[^"]*"|'[^']*')""")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)#.*")
_RULE = re.compile(r"[^:=]*:{1,2}(?![:=])")
_HARMLESS = re.compile(r"(?:export|unexport|vpath)(?![\w-])|\$[({](?:info|warning)[ \t]")
_MAX_FILES = 32
_MAX_LINES = 50_000
_MAX_OPEN = 64

Load = Callable[[str], str | None]
"""From the path of a file to its text, None where it is not there or cannot be read."""


@dataclass(slots=True)
class _Branch:
    """A part of a condition. `now`: whether this part counts, None where that is not known; `before`: whether one did.

    `last`: no other part may follow.
    """

    now: bool | None
    before: bool | None
    said: str
    line: int
    last: bool = False


def read_makefile(text: str, path: str, *, given: Mapping[str, str], load: Load) -> Variables:
    """The variables of a makefile, and of those that it includes. `given`: variables set from outside, which win.

    Names of included files are relative to the folder of the makefile, where make runs.
    """
    fixed = {
        name: Variable(text=value, path=path, line=0, simple=True, fixed=True)
        for name, value in given.items()
    }
    reader = _Reader(folder=posixpath.dirname(path), load=load, variables=Variables(names=fixed))
    reader.read(text, path)
    return reader.variables


@dataclass(slots=True, kw_only=True)
class _Reader:
    folder: str
    load: Load
    variables: Variables
    files: int = 0
    lines: int = 0
    open: list[_Branch] = field(default_factory=list)

    def read(self, text: str, path: str) -> None:
        self.files += 1
        rule, depth = False, len(self.open)
        lines = _logical(text)
        for line, raw in lines:
            self.lines += 1
            if self.lines > _MAX_LINES:
                self._stop(Unresolved("the makefile has too many lines", path, line))
                return
            if raw.startswith("\t") and rule:
                continue
            whole = (
                _COMMENT.sub(r"\1", raw).lstrip().replace("\\#", "#")
            )  # blanks at the end belong to a value
            code = whole.rstrip()
            if found := _DEFINE.fullmatch(code):
                body = _body(lines)
                if body is None:
                    self._stop(Unresolved("a define does not end", path, line))
                    return
                self._assign(found[1], found[2], found[3] or "=", body, path, line)
            elif found := _CONDITION.fullmatch(code):
                self._condition(found[1], found[2], path, line, depth)
            elif code and self._counts() is not False:
                rule = self._statement(code, whole, path, line)
        if len(self.open) > depth:
            begun = self.open[-1].line
            del self.open[depth:]
            self._stop(Unresolved("a condition does not end", path, begun))

    def _statement(self, code: str, whole: str, path: str, line: int) -> bool:
        """One line that is no condition. Whether it begins a rule."""
        if found := _INCLUDE.fullmatch(code):
            self._include(found[2], path, line, optional=found[1] != "include")
        elif found := _UNDEFINE.fullmatch(code):
            self._assign("", found[1], "=", "", path, line)
        elif found := _ASSIGNMENT.fullmatch(whole):
            self._assign(found[1], found[2], found[3], found[4], path, line)
        elif "$(eval" in code or "${eval" in code or _is_call(code):
            self._lose(Unresolved("what the line evaluates may set anything", path, line))
        elif code.startswith(("$(error", "${error")):
            if self._counts() is not None:
                self._stop(Unresolved("make stops here", path, line))
        elif _RULE.match(code):
            return True
        elif not _HARMLESS.match(code):
            unread = Unresolved("the line is none that is read", path, line)
            self._lose(unread) if "$" in code else self._stop(unread)
        return False

    def _counts(self) -> bool | None:
        """Whether the line counts: false where one condition around it fails, None where one is not known."""
        states = [branch.now for branch in self.open]
        return False if False in states else None if None in states else True

    def _condition(self, word: str, rest: str, path: str, line: int, depth: int) -> None:
        if word in {"else", "endif"} and len(self.open) <= depth:
            self._stop(Unresolved(f"{word} without a condition", path, line))
        elif word == "endif":
            self.open.pop()
        elif word == "else":
            branch = self.open[-1]
            if branch.last:
                self._stop(Unresolved("else after else", path, line))
            now: bool | None = True
            branch.last = not rest.strip()
            if found := _CONDITION.fullmatch(rest.strip()):
                now = self._holds(found[1], found[2], path, line)
            before = branch.before
            branch.now = False if before or now is False else None if before is None else now
            branch.before = True if before or now else None if None in {before, now} else False
        elif len(self.open) >= _MAX_OPEN:
            self._lose(Unresolved("conditions are nested too deeply", path, line))
            self.open.append(_Branch(None, None, word, line))
        else:
            now = self._holds(word, rest, path, line) if self._counts() is not False else False
            self.open.append(_Branch(now, now, f"{word} {rest}"[:60].strip(), line))

    def _holds(self, word: str, rest: str, path: str, line: int) -> bool | None:
        """Whether a condition holds, None where the files do not tell it."""
        expansion = Expansion(variables=self.variables, path=path, line=line)
        try:
            if word in {"ifdef", "ifndef"}:
                name = expansion.text(rest.strip())
                held = self.variables.names.get(name)
                filled = (
                    bool(held.text) if held and not held.unresolved else bool(expansion.variable(name, 0))
                )
                return filled == (word == "ifdef")
            sides = _sides(rest)
            if sides is None or word not in {"ifeq", "ifneq"}:
                return None
            for side, other in (sides, sides[::-1]):
                if not side and (found := _THERE.fullmatch(other)):
                    there = self.load(self._path(expansion.text(found[1]))) is not None
                    return there == (word == "ifneq")
            left, right = (expansion.text(side) for side in sides)
        except Unresolved:
            return None
        return (left.strip() == right.strip()) == (word == "ifeq")

    def _include(self, names: str, path: str, line: int, *, optional: bool) -> None:
        try:
            found = Expansion(variables=self.variables, path=path, line=line).text(names).split()
        except Unresolved as unresolved:
            self._lose(
                Unresolved(f"the name of an included file is not known: {unresolved.reason}", path, line)
            )
            return
        for name in found:
            there = self._path(name)
            text = self.load(there) if self.files < _MAX_FILES else None
            if text is not None:
                self.read(text, there)
            elif not optional or self.files >= _MAX_FILES:
                self._lose(Unresolved(f"the included file {name[:80]} cannot be read", path, line))

    def _path(self, name: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, name.strip()))

    def _assign(self, flags: str, name: str, sign: str, text: str, path: str, line: int) -> None:
        if self._counts() is False:
            return
        override = "override" in flags
        if "$" in name:
            try:
                name = Expansion(variables=self.variables, path=path, line=line).text(name)
            except Unresolved as unresolved:
                self._lose(
                    Unresolved(f"the name of a variable is not known: {unresolved.reason}", path, line)
                )
                return
        before = self.variables.names.get(name)
        if before is not None and before.fixed and not override:
            return
        made = self._made(before, sign, text, path, line)
        if made is None:
            return
        if self._counts() is None and not _same(before, made):
            said = next(branch.said for branch in reversed(self.open) if branch.now is None)
            reason = f"{name} is set under a condition that the files do not decide: {said}"
            made = replace(made, unresolved=Unresolved(reason, path, line))
        self.variables.names[name] = replace(made, fixed=override)

    def _made(self, before: Variable | None, sign: str, text: str, path: str, line: int) -> Variable | None:
        """The variable after an assignment, None where it leaves it as it is."""
        unknown = self.variables.unknown
        if sign == "?=":
            if before is not None:
                return None
            if unknown is not None:
                return Variable(text="", path=path, line=line, unresolved=unknown)
        if sign == "!=":
            return Variable(
                text="", path=path, line=line, unresolved=Unresolved("a command makes it", path, line)
            )
        if sign == "+=":
            if before is None and unknown is not None:
                return Variable(text="", path=path, line=line, unresolved=unknown)
            if before is not None and (before.unresolved is not None or not before.simple):
                return replace(before, text=_joined(before.text, text), line=line, path=path)
            if before is not None:
                return self._simple(text, path, line, before.text)
        if sign.startswith(":"):
            return self._simple(text, path, line, None)
        return Variable(text=text, path=path, line=line)

    def _simple(self, text: str, path: str, line: int, before: str | None) -> Variable:
        try:
            value = Expansion(variables=self.variables, path=path, line=line).text(text)
        except Unresolved as unresolved:
            return Variable(text="", path=path, line=line, simple=True, unresolved=unresolved)
        whole = value if before is None else _joined(before, value)
        return Variable(text=whole, path=path, line=line, simple=True)

    def _stop(self, unresolved: Unresolved) -> None:
        """Make does not get over this place, so nothing has a value."""
        self.variables.stopped = self.variables.stopped or unresolved

    def _lose(self, unresolved: Unresolved) -> None:
        """From here on nothing that was set or not set before is known, but what was set from outside."""
        if self._counts() is False:
            return
        held = self.variables.names
        self.variables.unknown = unresolved
        self.variables.names = {name: variable for name, variable in held.items() if variable.fixed}


def _joined(before: str, text: str) -> str:
    return f"{before} {text}" if before and text else before or text


def _same(before: Variable | None, made: Variable) -> bool:
    return (
        before is not None
        and not before.unresolved
        and not made.unresolved
        and (before.text, before.simple) == (made.text, made.simple)
    )


def _is_call(code: str) -> bool:
    return code.startswith(("$(call", "${call", "$(foreach", "${foreach")) and code[-1] in ")}"


def _sides(rest: str) -> tuple[str, str] | None:
    """The two sides of `(a,b)` or of `"a" "b"`, None where it is neither."""
    rest = rest.strip()
    if rest.startswith("(") and rest.endswith(")"):
        left, *right = arguments(rest[1:-1])
        return (left.strip(), right[0].strip()) if len(right) == 1 else None
    found = _QUOTED.fullmatch(rest)
    return (found[1][1:-1], found[2][1:-1]) if found else None


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """The lines with the number of their first part; a backslash at the end takes the next line in."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            first = number
        continued = line.endswith("\\") and (len(line) - len(line.rstrip("\\"))) % 2 == 1
        part = line[:-1].rstrip() if continued else line
        parts.append(part.lstrip() if parts else part)
        if not continued:
            yield first, " ".join(parts)
            parts = []
    if parts:
        yield first, " ".join(parts)


def _body(lines: Iterator[tuple[int, str]]) -> str | None:
    """The lines of a define up to its end, None where it has none."""
    body, depth = list[str](), 1
    for _, line in lines:
        word = line.strip()
        if _DEFINE.fullmatch(word):
            depth += 1
        elif word == "endef" or word.startswith("endef #"):
            depth -= 1
            if not depth:
                return "\n".join(body)
        body.append(line)
    return None
