"""CODEOWNERS as GitHub evaluates it: the last rule that matches a path wins; a rule without owners takes them away.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput
from threatmodel.core.text import fold

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks; the first file that is there counts, the others do not."""
MAX_BYTES = 3 * 1024 * 1024
"""GitHub does not load a larger file, so nobody owns anything then."""
MAX_RULES = 20_000
MAX_STEPS = 20_000_000
"""Most pairs of rule and path that are tried: under a minute."""
_LONGEST_PATTERN = 1000
_OWNER = re.compile(
    r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)?"
    r"|[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,.]+",
    re.ASCII,
)
_ANY = r"(?:[\x00-.0-\x7f]|[\xc2-\xf4][\x80-\xbf]+)"
"""One character but a slash, in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRule:
    """One line that counts. No owners: what it matches has none."""

    line: int
    pattern: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredLine:
    """A line that GitHub leaves out, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOwners:
    """A file, parsed. `unread` says why it counts for nothing, where that is so."""

    path: str
    rules: tuple[OwnerRule, ...] = ()
    ignored: tuple[IgnoredLine, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Who owns what. `winner` is the index of the rule that wins for each path, None where none matches.

    `matches` and `wins` count paths by rule, in the order of the rules.
    """

    paths: tuple[str, ...]
    winner: tuple[int | None, ...]
    matches: tuple[int, ...]
    wins: tuple[int, ...]


def parse_codeowners(data: bytes, path: str) -> CodeOwners:
    """The rules of a file. Never raises: what GitHub would leave out is told."""
    if len(data) > MAX_BYTES:
        return CodeOwners(path=path, unread=f"{len(data)} bytes; GitHub loads at most {MAX_BYTES}")
    rules: list[OwnerRule] = []
    ignored: list[IgnoredLine] = []
    # only "\n" ends a line; other breaks of Unicode are part of a pattern
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        tokens = _tokens(line.strip(" \t\r\f\v").removeprefix("\ufeff" if number == 1 else ""))
        if not tokens:
            continue
        pattern, *owners = tokens
        if reason := _refused(pattern, owners):
            ignored.append(IgnoredLine(line=number, text=fold(line.strip())[:200], reason=reason))
        else:
            rules.append(OwnerRule(line=number, pattern=pattern, owners=tuple(owners)))
    if len(rules) > MAX_RULES:
        return CodeOwners(path=path, ignored=tuple(ignored), unread=f"more than {MAX_RULES} rules")
    return CodeOwners(path=path, rules=tuple(rules), ignored=tuple(ignored))


def _tokens(line: str) -> list[str]:
    """Pattern and owners. A backslash keeps a blank in the pattern; `#` starts a comment at the start of a token."""
    out: list[str] = []
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        if line[at] == "#":
            break
        start = at
        while at < len(line) and line[at] not in " \t":
            at += 2 if line[at] == "\\" and not out else 1
        out.append(line[start:at])
    return out


def _refused(pattern: str, owners: Sequence[str]) -> str:
    if pattern.startswith("!"):
        return "a pattern cannot be negated with !"
    if pattern.startswith("\\#"):
        return "a pattern cannot start with an escaped #"
    if _unescaped(pattern, "[]"):
        return "ranges in [ ] do not work"
    if "***" in pattern:
        return "three stars in a row are no pattern"
    if len(pattern) - len(pattern.rstrip("\\")) & 1:
        return "the pattern ends in a backslash"
    if len(pattern) > _LONGEST_PATTERN:
        return "the pattern is too long"
    for owner in owners:
        if not _OWNER.fullmatch(owner):
            return f"{fold(owner)[:80]} is neither @user, @organisation/team nor an address"
    return ""


def _unescaped(pattern: str, chars: str) -> bool:
    return any(char in chars and not escaped for char, escaped in _characters(pattern))


def _characters(pattern: str) -> Iterator[tuple[str, bool]]:
    """Each character and whether a backslash stands before it."""
    at = 0
    while at < len(pattern):
        escaped = pattern[at] == "\\" and at + 1 < len(pattern)
        at += int(escaped)
        yield pattern[at], escaped
        at += 1


class _Matcher:
    """One pattern; a bare or doubled slash matches nothing. `prefix`: what every match of an anchored one starts with."""

    def __init__(self, pattern: str) -> None:
        body = pattern.removeprefix("/")
        folder = body.endswith("/")
        body = body.removesuffix("/")
        anchored = pattern.startswith("/") or "/" in body
        segments = body.split("/")
        self.prefix = _literal(body) if anchored else ""
        head = "" if anchored or segments[0] == "**" else "(?:.*/)?"
        last = segments[-1]
        if folder:
            tail = "/.+"
        elif last in {"*", "**"} and anchored:
            tail = ""  # docs/* is what lies in docs, not below
        else:
            tail = "(?:/.+)?"
        options = re2.Options()
        options.log_errors = False
        options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are; paths need not be UTF-8
        options.dot_nl = True
        try:
            self._regex = (
                re2.compile((head + _regex(segments) + tail).encode(), options) if all(segments) else None
            )
        except re2.error:  # too large to be compiled within re2's bounds
            self._regex = None

    def matches(self, raw: bytes) -> bool:
        return self._regex is not None and self._regex.fullmatch(raw) is not None


def _regex(segments: Sequence[str]) -> str:
    out = ""
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "**":
            out += ".+" if last else "(?:.*/)?"
        else:
            out += _segment(segment) + ("" if last else "/")
    return out


def _segment(segment: str) -> str:
    out = ""
    for char, escaped in _characters(segment):
        if char == "*" and not escaped:
            out += "[^/]*"
        elif char == "?" and not escaped:
            out += _ANY
        else:
            out += "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
    return out


def _literal(body: str) -> str:
    """The text before the first character with a meaning."""
    out = ""
    for char, escaped in _characters(body):
        if char in "*?" and not escaped:
            break
        out += char
    return out


def evaluate(owners: CodeOwners, paths: Sequence[str]) -> Evaluation:
    """Which rule wins for each path. `paths` may come in any order; the result is sorted.

    Raises:
        InvalidInput: D034, rules times paths are too many to be tried.
    """
    ordered = tuple(sorted(paths))
    raw = [path.encode("utf-8", "surrogateescape") for path in ordered]
    matchers = [_Matcher(rule.pattern) for rule in owners.rules]
    candidates = [_candidates(ordered, matcher.prefix) for matcher in matchers]
    if sum(map(len, candidates)) > MAX_STEPS:
        raise InvalidInput(
            Diagnostic(
                code="D034",
                message=f"{len(owners.rules)} rules on {len(ordered)} paths are too many to be evaluated",
                place=Place(owners.path),
                hint="anchor the patterns with a leading slash",
            )
        )
    winner: list[int | None] = [None] * len(ordered)
    matches = []
    for index, (matcher, places) in enumerate(zip(matchers, candidates, strict=True)):
        found = [at for at in places if matcher.matches(raw[at])]
        for at in found:
            winner[at] = index
        matches.append(len(found))
    wins = [0] * len(owners.rules)
    for rule_index in winner:
        if rule_index is not None:
            wins[rule_index] += 1
    return Evaluation(paths=ordered, winner=tuple(winner), matches=tuple(matches), wins=tuple(wins))


def _candidates(ordered: Sequence[str], prefix: str) -> range:
    """The paths that start with a text. The last code point of all stands for the end of the range."""
    if not prefix:
        return range(len(ordered))
    return range(bisect_left(ordered, prefix), bisect_left(ordered, prefix + "\U0010ffff" * 2))
