"""Arguments in source: string literals in their order, words of shell-like files, and where a sequence stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from threatmodel.readers.scanner import WORD_FAMILIES, Family, family, scan, without_comments

_SPLIT = re.compile(r"[\s=]+")
_WORD = re.compile(r"""[^\s"'`,\[\]();|&<>=\\]+""")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%[a-z]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_EMPTY_CALL = re.compile(r"\s*\(\s*\)")
_ASSIGNMENT = re.compile(r"(?<![=!<>+])=(?![=>])")


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal without its quotes, and its line (from 1).

    `after_value`: a value that is no literal stands between the literal before it and this one.
    """

    text: str
    line: int
    after_value: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that code passes, its line; a word that is only known when the code runs is None."""

    word: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Where a sequence of arguments stands; `certain` is false where a word of it is no literal."""

    line: int
    certain: bool


def literals(source: str, path: str) -> Iterator[Literal]:
    """The string literals of a file; escapes are left as written."""
    line, at, gap = 1, 0, [""]
    for token in scan(source, family(path)):
        gap.append(source[at : token.start])
        line += source.count("\n", at, token.start)
        if token.kind == "text":
            yield Literal(source[token.inner : token.inner_end], line, _has_value(" ".join(gap)))
            gap = []
        line += source.count("\n", token.start, token.end)
        at = token.end


def find_sequence(found: Sequence[Literal], wanted: Sequence[str]) -> Literal | None:
    """Where the wanted texts stand one after the other, or in one literal parted by white space or `=`."""
    words = [(word, literal) for literal in found for word in _words(literal.text)]
    sequence = [word for text in wanted for word in _words(text)] or [""]
    for index, (word, literal) in enumerate(words):
        if word == sequence[0] and [w for w, _ in words[index : index + len(sequence)]] == sequence:
            return literal
    return None


def find_arguments(source: str, path: str, wanted: Sequence[str]) -> Passed | None:
    """Where a file passes the arguments: for certain, else where it may, else None."""
    kind = family(path)
    found = tuple(literals(source, path))
    if literal := find_sequence(found, wanted):
        return Passed(literal.line, certain=True)
    doubtful: Passed | None = None
    streams = [] if kind in WORD_FAMILIES - {"other"} else [_of_literals(found)]
    if kind in WORD_FAMILIES:
        streams.append(_of_words(without_comments(source, path), kind))
    sequence = [word for text in wanted for word in _words(text)] or [""]
    for stream in streams:
        passed = _passed(tuple(stream), sequence)
        if passed and passed.certain:
            return passed
        doubtful = doubtful or passed
    return doubtful


def _words(text: str) -> list[str]:
    return [word for word in _SPLIT.split(text) if word] or [""]


def _of_literals(found: Sequence[Literal]) -> Iterator[Argument]:
    for literal in found:
        if literal.after_value:
            yield Argument(None, literal.line)
        words = _words(literal.text)
        places = _PLACEHOLDER.findall(literal.text)
        # the argument of a format follows it: "--mode={}", "x"
        if len(places) == 1 and words[-1] == places[0] and places[0] in {"{}", "%s", "%v"}:
            words.pop()
        for word in words:
            yield Argument(None if _PLACEHOLDER.search(word) else word, literal.line)


def _of_words(source: str, kind: Family) -> Iterator[Argument]:
    line, at = 1, 0
    for match in _WORD.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        word = match.group()
        if kind == "yaml":
            word = "" if word == "-" else word.rstrip(":")
            if not word:
                continue
        bare = word.strip("{}")
        unknown = not bare or "$" in word or "{{" in word or "%s" in word or word.startswith("@")
        yield Argument(None if unknown else bare, line)


def _passed(stream: Sequence[Argument], sequence: Sequence[str]) -> Passed | None:
    doubtful = None
    for index, argument in enumerate(stream):
        if argument.word != sequence[0]:
            continue
        for offset, wanted in enumerate(sequence):
            word = stream[index + offset].word if index + offset < len(stream) else None
            if word is None:
                doubtful = doubtful or Passed(argument.line, certain=False)
                break
            if word != wanted:
                break
        else:
            return Passed(argument.line, certain=True)
    return doubtful


def _has_value(gap: str) -> bool:
    """Whether code between two literals holds a value: a name that is neither called nor a receiver."""
    if _ASSIGNMENT.search(gap):
        return True
    for match in _NAME.finditer(gap):
        before, after = _before(gap, match.start()), _after(gap, match.end())
        if after in {"(", "!"}:
            # `f()` as an argument is a value, `.to_string()` behind one is not
            if before in {"(", ",", "[", "&"} and _EMPTY_CALL.match(gap, match.end()):
                return True
        elif after != ":" and not (after == "." and before in {"", ";", "{", "}", ")"}):
            return True
    return False


def _before(text: str, at: int) -> str:
    while at and text[at - 1].isspace():
        at -= 1
    return text[at - 1 : at]


def _after(text: str, at: int) -> str:
    while at < len(text) and text[at].isspace():
        at += 1
    return text[at : at + 1]
