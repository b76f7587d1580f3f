"""`go.mod` with the digests of its `go.sum` (https://go.dev/ref/mod).

From Go 1.17 on a tidy `go.mod` names every module whose packages are built, with its version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanners.dependencies.component import (
    STANDARD_LIBRARY,
    Component,
    Lock,
    NotALock,
    bounded,
    decoded,
    word,
)

_TOKEN = re.compile(r'"[^"\n]*"|`[^`\n]*`|=>|[()\[\],]|(?:(?!//|=>)[^\s()\[\],"`])+')
_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")
_GO = re.compile(r"(?:go)?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(?:(beta|rc)([0-9]+))?(?:-.*)?")
_IGNORED = frozenset({"module", "exclude", "retract", "godebug", "tool", "ignore"})
_COMPLETE_FROM = (1, 17)
"""The first Go whose `go.mod` names indirect modules too."""
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A directive: its verb, which a block gives to each of its lines, and its words."""

    number: int
    verb: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replacement:
    line: int
    old: str
    version: str
    """Empty: all versions."""
    new: str
    to: str
    """Empty: a folder."""


def read_gomod(path: str, data: bytes, sums: bytes | None = None) -> Lock:
    """The modules that a `go.mod` requires after its replacements, and the standard library of the Go that it asks for.
    `sums` is the `go.sum` beside it.

    Raises:
        NotALock: a file is too large or not UTF-8, or it has no `module`.
    """
    gaps: list[str] = []
    lines = list(_directives(decoded(data), gaps))
    if not any(line.verb == "module" for line in lines):
        raise NotALock("it has no module directive")
    digests = _sums(decoded(sums), gaps) if sums is not None else {}
    replaced: dict[tuple[str, str], _Replacement] = {}
    required: list[Component] = []
    go = toolchain = ""
    at = 0
    for line in lines:
        understood = True
        match line.verb, line.words:
            case "require", (name, version) if _VERSION.fullmatch(version):
                required.append(_module(path, line.number, name, version))
            case "replace", words if (found := _replacement(line.number, words)) is not None:
                replaced[found.old, found.version] = found
            case "go", (version,) if _go(version) is not None:
                go, at = version, at or line.number
            case "toolchain", (version,) if version == "default" or _go(version) is not None:
                toolchain, at = ("", at) if version == "default" else (version, line.number)
            case verb, _:
                understood = verb in _IGNORED
        if not understood:
            gaps.append(
                f"line {line.number} was not understood: {' '.join((line.verb, *line.words))[:_SHOWN]}"
            )
    if (_go(go) or (1, 16, ""))[:2] < _COMPLETE_FROM:
        gaps.append("its Go is older than 1.17, so it does not name the modules that its own modules require")
    components = [_after(item, replaced) for item in required]
    components = [
        replace(item, digests=digests.get((item.name, item.version), ()))
        if item.origin == "registry"
        else item
        for item in components
    ]
    if (parsed := _go(toolchain or go)) is not None:
        components.insert(0, _module(path, at, STANDARD_LIBRARY, f"v{parsed[2]}"))
    return Lock(path=path, ecosystem="Go", components=bounded(components), gaps=tuple(gaps))


def _module(path: str, line: int, name: str, version: str) -> Component:
    return Component(
        ecosystem="Go", name=name, version=version.removeprefix("v"), origin="registry", path=path, line=line
    )


def _directives(text: str, gaps: list[str]) -> Iterator[_Line]:
    block = ""
    for number, line in enumerate(text.split("\n"), 1):
        tokens = list(_tokens(line))
        if not tokens:
            continue
        if any(not word(token) for token in tokens):
            gaps.append(f"line {number} was not understood")
        elif block and tokens == [")"]:
            block = ""
        elif block:
            yield _Line(number=number, verb=block, words=tuple(tokens))
        elif len(tokens) == 2 and tokens[1] == "(":
            block = tokens[0]
        else:
            yield _Line(number=number, verb=tokens[0], words=tuple(tokens[1:]))
    if block:
        gaps.append(f"its {block[:_SHOWN]} block does not end")


def _tokens(line: str) -> Iterator[str]:
    """The words of a line up to its comment; quotes are taken off."""
    at = 0
    while at < len(line):
        if line.startswith("//", at):
            return
        found = _TOKEN.match(line, at)
        if found is None:
            if not line[at].isspace():
                yield ""  # a quote without an end
            at += 1
            continue
        at = found.end()
        yield found[0][1:-1] if found[0][0] in '"`' else found[0]


def _replacement(line: int, words: tuple[str, ...]) -> _Replacement | None:
    if "=>" not in words:
        return None
    middle = words.index("=>")
    old, new = words[:middle], words[middle + 1 :]
    if (
        len(old) not in (1, 2)
        or len(new) not in (1, 2)
        or any(not _VERSION.fullmatch(v) for v in (*old[1:], *new[1:]))
    ):
        return None
    if len(new) == 1 and not new[0].startswith(("./", "../", "/")) and new[0] not in (".", ".."):
        return None
    return _Replacement(line=line, old=old[0], version="".join(old[1:]), new=new[0], to="".join(new[1:]))


def _after(item: Component, replaced: Mapping[tuple[str, str], _Replacement]) -> Component:
    """The component that is built instead. A replacement of one version goes before one of all."""
    chosen = replaced.get((item.name, f"v{item.version}")) or replaced.get((item.name, ""))
    if chosen is None:
        return item
    if not chosen.to:
        return replace(item, origin="local", address=chosen.new)
    return _module(item.path, chosen.line, chosen.new, chosen.to)


def _go(text: str) -> tuple[int, int, str] | None:
    """Major and minor number of a Go, and its version as Go's vulnerability database writes it: `1.22rc1` is
    `1.22.0-rc.1` there."""
    found = _GO.fullmatch(text)
    if found is None or len(text) > _SHOWN:
        return None
    major, minor, patch, stage, number = found.groups()
    version = f"{int(major)}.{int(minor)}.{int(patch or 0)}" + (f"-{stage}.{int(number)}" if stage else "")
    return int(major), int(minor), version


def _sums(text: str, gaps: list[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Digests of modules, by name and version; those of their `go.mod` files are left out."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    bad = 0
    for line in text.split("\n"):
        words = line.split()
        if len(words) == 3 and words[2].startswith("h1:") and len(words[2]) == 47:
            if not words[1].endswith("/go.mod"):
                found[words[0], words[1].removeprefix("v")] = (words[2],)
        elif words:
            bad += 1
    if bad:
        gaps.append(f"{bad} lines of its go.sum were not understood")
    return found
