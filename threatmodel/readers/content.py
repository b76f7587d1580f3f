"""What a file offers to a claim: its text and its code without comments, or why it proves nothing."""

from __future__ import annotations

from dataclasses import dataclass

from threatmodel.readers.scanner import unclosed, without_comments

MAX_BYTES = 2 * 1024 * 1024
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"


@dataclass(frozen=True, slots=True)
class Content:
    """A file's text, and the same text with blanks in place of comments. Line ends are line feeds."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a file neither supports nor contradicts a claim."""

    reason: str


class Unparsable(Exception):
    """A text is not what its reader reads. `line` counts from 1; 0 is the whole of it."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def why_unusable(data: bytes, *, whole: bool = True) -> str:
    """Why the data proves nothing, empty where it does. `whole`: its text is to be read, not only to exist."""
    if not data.strip():
        return "the file is empty"
    if data.startswith(_LFS_POINTER):
        return "the file is a Git LFS pointer, its content is not there"
    if whole and len(data) > MAX_BYTES:
        return f"the file has {len(data)} bytes, more than {MAX_BYTES}"
    if whole and b"\0" in data:
        return "the file holds NUL bytes, it is not text"
    return ""


def text_of(data: bytes) -> str | Unusable:
    """The text of a file with line feeds as line ends, or why it cannot be used."""
    if reason := why_unusable(data):
        return Unusable(reason)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return Unusable(f"the file is not UTF-8 at byte {error.start}")
    text = text.replace("\r\n", "\n")  # so that `$` finds the end of each line
    return Unusable("the file holds a carriage return that ends no line") if "\r" in text else text


def content_of(data: bytes, path: str) -> Content | Unusable:
    """The content of a file, or why it cannot be used."""
    text = text_of(data)
    if isinstance(text, Unusable):
        return text
    if line := unclosed(text, path):
        return Unusable(f"a comment or text that begins on line {line} does not end")
    return Content(text, without_comments(text, path))
