"""What a source file says to a compiler: its text without comments and without the white space that means nothing."""

from __future__ import annotations

import re

from threatmodel.claims.scanner import Family, family, scan, without_comments
from threatmodel.core.canonical import sha256

_INDENTED: frozenset[Family] = frozenset({"python", "yaml"})
_LINES: frozenset[Family] = frozenset({"shell", "make", "toml", "other"})
_BLANKS = re.compile(r"\s+")
_LAST_COMMA = re.compile(r",\n(?=[)\]}])")
_DIRECTIVE = re.compile(r"//(?:go:|export |\s*\+build )|#!")
_STATEMENT_END = re.compile(r"(?<=[\w)\]}])\n(?=[^)\]}])")
_REGO = ".rego"
_TEST_MODULE = re.compile(r"#\[cfg\(test\)\](?:#\[[^\]]*\])*(?:pub )?mod \w+\{")
_BRACE_LITERAL = re.compile(r"'[{}]'")
_BRACES = re.compile(r"[{}]")
_A_TEXT = " __text__ "


def meaning(data: bytes, path: str) -> str:
    """A digest that stays where only comments, blanks and layout change. What cannot be read as text is its bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return sha256(data)
    return sha256("\0".join(_said(text.replace("\r\n", "\n"), path)).encode())


def _said(text: str, path: str) -> list[str]:
    kind = family(path)
    if path.endswith(_REGO) and "`" not in text:  # hash comments and double quotes, as in TOML
        kind, path = "toml", "rules.toml"
    directives = [line.strip() for line in text.splitlines() if _DIRECTIVE.match(line)]
    if kind == "go" and re.search(r'^\s*import\s+"C"', text, re.MULTILINE):
        return [*directives, *_lines(text)]  # the comment above it is C code
    code = without_comments(text, path)
    if kind in _INDENTED:
        return [*directives, *_indented(code)]
    if kind in _LINES:
        return [*directives, *_lines(code)]
    return [*directives, *_pieces(code, kind)]


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def _indented(text: str) -> list[str]:
    """The lines with the depth of their indentation; how wide one step is does not matter."""
    out: list[str] = []
    widths = [0]
    for line in _lines(text.expandtabs(8)):
        width = len(line) - len(line.lstrip())
        while widths[-1] > width:
            widths.pop()
        if widths[-1] < width:
            widths.append(width)
        out.append(f"{len(widths)} {line.strip()}")
    return out


def _pieces(text: str, kind: Family) -> list[str]:
    """The code with its blanks taken out, then its texts as they are. A blank between two words stays, and so does a
    line's end where Go would end a statement."""
    code: list[str] = []
    texts: list[str] = []
    at = 0
    for token in scan(text, kind):
        code += [text[at : token.start], _A_TEXT]
        texts.append(text[token.start : token.end])
        at = token.end
    return [_squeezed("".join((*code, text[at:])), kind), *texts]


def _squeezed(code: str, kind: Family) -> str:
    lines = "\n".join(line.strip() for line in code.split("\n") if line.strip())
    lines = _LAST_COMMA.sub("", lines)
    if kind == "go":
        lines = _STATEMENT_END.sub(";", lines)
    tight = re.sub(r"(?<!\w) | (?!\w)", "", _BLANKS.sub(" ", lines))
    return _without_tests(tight) if kind == "rust" else tight


def _without_tests(code: str) -> str:
    """Rust without its test modules, which are in no product. One that does not close stays."""
    masked = _BRACE_LITERAL.sub("'_'", code)
    out, at = [], 0
    for match in _TEST_MODULE.finditer(masked):
        if match.start() < at:
            continue
        depth = 1
        for brace in _BRACES.finditer(masked, match.end()):
            depth += 1 if brace.group() == "{" else -1
            if not depth:
                out.append(code[at : match.start()])
                at = brace.end()
                break
    return "".join((*out, code[at:]))
