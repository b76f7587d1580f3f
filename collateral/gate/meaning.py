"""What a source file says to a compiler: its text without comments and without the white space that means nothing."""

from __future__ import annotations

import re
import textwrap

from threatmodel.core.canonical import sha256
from threatmodel.readers.scanner import Family, family, scan, without_comments

_INDENTED: frozenset[Family] = frozenset({"python", "yaml"})
_LINES: frozenset[Family] = frozenset({"shell", "make", "toml", "other"})
_BLANKS = re.compile(r"\s+")
_LAST_COMMA = re.compile(r",\n(?=[)\]}])")
_DIRECTIVE = re.compile(r"//(?:go:|export |\s*\+build )|#!|#.*coding[:=]")
_PREPROCESSOR = re.compile(r"^\s*#", re.MULTILINE)
_HERE_DOCUMENT = re.compile(r"<<(?!<)")
_BLOCK = re.compile(r"(?:^|[\s:-])[|>][-+0-9]*\s*$")
_LIST_ITEMS = re.compile(r"\s*(?:- +)*")
_STATEMENT_END = re.compile(r"(?:(?<=[\w)\]}])|(?<=\+\+)|(?<=--))\n(?=[^)\]}])")
_TWO_SIGNS = re.compile(r"(?<=([&|+=<>-])) (?=\1)")
_APART = "\x01"
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
    if (kind == "shell" and _runs_on(text, path)) or (kind == "c" and "\\\n" in text):
        return [line.rstrip() for line in text.split("\n")]  # a line may be part of another one
    code = without_comments(text, path)
    if kind == "c" and _PREPROCESSOR.search(code):
        return [line.strip() for line in _lines(code)]
    if kind == "yaml":
        code, blocks = _without_blocks(text, code)
        return [*_indented(code), *blocks]
    if kind == "other":
        return [*directives, *_lines(code)]
    code, texts = _without_texts(code, kind)
    if kind in _INDENTED:
        return [*directives, *_indented(code), *texts]
    return [*directives, *(_lines(code) if kind in _LINES else [_squeezed(code, kind)]), *texts]


def _runs_on(text: str, path: str) -> bool:
    """True where a shell script has a text of several lines, in which nothing is a comment."""
    if _HERE_DOCUMENT.search(text):
        return True
    rest, _ = _without_texts(without_comments(text, path), "shell")
    return "'" in rest or '"' in rest


def _without_blocks(text: str, code: str) -> tuple[str, list[str]]:
    """YAML without its block texts, and these as they are: what looks like a comment there is none."""
    out: list[str] = []
    blocks: list[list[str]] = []
    depth = -1
    for raw, bare in zip(text.split("\n"), code.split("\n"), strict=True):
        if depth >= 0 and (not raw.strip() or len(raw) - len(raw.lstrip()) > depth):
            blocks[-1].append(raw.rstrip())
            continue
        depth = -1
        out.append(bare)
        if _BLOCK.search(bare):
            items = _LIST_ITEMS.match(bare)
            start = items.end() if items else 0
            direct = bare[start : start + 1] in ("|", ">")
            depth = max(0, len(bare[:start].rstrip()) - 1) if direct else start
            blocks.append([])
    return "\n".join(out), [textwrap.dedent("\n".join(block)).rstrip() for block in blocks]


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


def _without_texts(text: str, kind: Family) -> tuple[str, list[str]]:
    """The code without its texts, and these as they are."""
    code: list[str] = []
    texts: list[str] = []
    at = 0
    for token in scan(text, kind):
        code += [text[at : token.start], _A_TEXT]
        texts.append(text[token.start : token.end])
        at = token.end
    return "".join((*code, text[at:])), texts


def _squeezed(code: str, kind: Family) -> str:
    """The code with its blanks taken out. A blank between two words stays, and so does a line's end where Go would end a
    statement."""
    lines = "\n".join(line.strip() for line in code.split("\n") if line.strip())
    lines = _LAST_COMMA.sub("", lines)
    if kind == "go":
        lines = _STATEMENT_END.sub(";", lines)
    apart = _TWO_SIGNS.sub(_APART, _BLANKS.sub(" ", lines))  # `a & &b` is not `a && b`
    tight = re.sub(r"(?<!\w) | (?!\w)", "", apart)
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
