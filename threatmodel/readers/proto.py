"""RPC methods of protobuf files, with the types that they take and give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from threatmodel.readers.content import Unparsable

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\n\v\f]+|//[^\n]*)
    |(?P<block>/\*)
    |(?P<name>\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<number>\.?\d[\w.]*(?:(?<=[eE])[+-]\w*)?)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<sign>[{}()\[\]<>;:,=+\-/.])""",
    re.VERBOSE | re.ASCII,
)
_OPEN = {"{": "}", "[": "]", "(": ")"}
_STATEMENTS = frozenset({"syntax", "edition", "import", "option"})
_BLOCKS = frozenset({"message", "enum", "extend"})


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class Method(NamedTuple):
    """A method `package.Service.Method`, the types that it takes and gives, its line."""

    name: str
    takes: str
    gives: str
    line: int

    @property
    def message(self) -> str:
        """The name of the message that it takes, without its package."""
        return self.takes.removeprefix("stream ").rpartition(".")[2]


def methods_of(text: str) -> list[Method]:
    """The methods of a file.

    The reader knows the statements of a file and of a service and goes over the bodies of messages, enums, extensions
    and options, however deep they nest. Raises: Unparsable for anything else.
    """
    tokens = _Tokens(text)
    package = ""
    methods: list[Method] = []
    while (token := tokens.take()) is not None:
        if token.text in _STATEMENTS and token.kind == "name":
            tokens.skip_statement()
        elif token.text == "package":
            package = tokens.name()
            tokens.sign(";")
        elif token.text == "export" or token.text == "local":  # editions: visibility of a message or enum
            continue
        elif token.text in _BLOCKS:
            tokens.name()
            tokens.sign("{")
            tokens.skip_to("}", tokens.last)
        elif token.text == "service":
            methods += _service(tokens, tokens.name())
        elif token.text != ";":
            raise Unparsable(f'"{token.text[:40]}" is no statement of a protobuf file', token.line)
    start = f"{package}." if package else ""
    return [method._replace(name=start + method.name) for method in methods]


def _service(tokens: _Tokens, service: str) -> Iterator[Method]:
    tokens.sign("{")
    opened = tokens.last
    while (token := tokens.take()) is not None:
        if token.text == "}":
            return
        if token.text == "option" and token.kind == "name":
            tokens.skip_statement()
        elif token.text == "rpc" and token.kind == "name":
            line = token.line
            name, takes = tokens.name(), _type(tokens)
            if (word := tokens.name()) != "returns":
                raise Unparsable(f'"{word[:40]}" stands where "returns" is expected', tokens.last.line)
            yield Method(f"{service}.{name}", takes, _type(tokens), line)
            _end(tokens)
        elif token.text != ";":
            raise Unparsable(f'"{token.text[:40]}" is no statement of a service', token.line)
    raise Unparsable("a service is not closed", opened.line)


def _type(tokens: _Tokens) -> str:
    tokens.sign("(")
    name, stream = tokens.name(), ""
    token = tokens.take()
    if name == "stream" and token is not None and token.kind == "name":
        stream, name, token = "stream ", token.text, tokens.take()
    if token is None or token.text != ")":
        raise Unparsable('")" is missing', tokens.last.line)
    return stream + name


def _end(tokens: _Tokens) -> None:
    token = tokens.take()
    if token is not None and token.text == "{":
        tokens.skip_to("}", token)
    elif token is None or token.text != ";":
        raise Unparsable("a method is not closed", tokens.last.line)


class _Tokens:
    """The tokens of a file, one at a time. Raises: Unparsable where no token begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self.last = _Token("sign", "", 1)

    def take(self) -> _Token | None:
        """The next token, None at the end."""
        while self._at < len(self._text):
            match = _TOKEN.match(self._text, self._at)
            if match is None:
                raise Unparsable("no word, number, text or sign of a protobuf file", self._line)
            end, line = match.end(), self._line
            if match.lastgroup == "block":
                end = self._text.find("*/", end) + 2
                if end < 2:
                    raise Unparsable("a comment does not end", line)
            self._line += self._text.count("\n", self._at, end)
            self._at = end
            if match.lastgroup not in {"blank", "block"}:
                self.last = _Token(str(match.lastgroup), match.group(), line)
                return self.last
        return None

    def name(self) -> str:
        """The next token, which is a name."""
        token = self.take()
        if token is None or token.kind != "name":
            raise Unparsable("a name is missing", self.last.line)
        return token.text

    def sign(self, sign: str) -> None:
        """The next token, which is this sign."""
        token = self.take()
        if token is None or token.text != sign:
            raise Unparsable(f'"{sign}" is missing', self.last.line)

    def skip_statement(self) -> None:
        """Go behind the semicolon of a statement."""
        self.skip_to(";", self.last)

    def skip_to(self, closer: str, opened: _Token) -> None:
        """Go behind a sign, over all that is closed before it. Kept in a list: nesting costs no stack."""
        awaited = [closer]
        while (token := self.take()) is not None:
            if token.kind != "sign":
                continue
            if token.text == awaited[-1]:
                awaited.pop()
                if not awaited:
                    return
            elif token.text in _OPEN:
                awaited.append(_OPEN[token.text])
            elif token.text in "}])":
                raise Unparsable(f'"{token.text}" closes nothing', token.line)
        raise Unparsable(f'"{opened.text[:40]}" is not closed', opened.line)
