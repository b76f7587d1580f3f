"""Overlays whose every text carries a random word, and all that somebody could read in a bundle."""

from __future__ import annotations

import base64
import gzip
import io
import random
import re
import shutil
import string
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pikepdf

from tests.publish.support import pdf_text

_SOURCE = random.Random(20260301)
FIELDS = (
    "OWNER",
    "THREATID",
    "TITLE",
    "DESCRIPTION",
    "PATH",
    "RULE",
    "MESSAGE",
    "REASON",
    "CASEID",
    "OBJECTIVE",
    "STEP",
    "ORACLE",
)
MARKERS: Mapping[str, str] = {
    name: "Zq" + "".join(_SOURCE.choices(string.ascii_letters, k=14)) for name in FIELDS
}
"""By the field that carries it; none is a word of any text."""
DATE = "2031-07-19"
"""A release date that stands nowhere else."""
MINE = "Wx" + "".join(_SOURCE.choices(string.ascii_letters, k=14))
"""A word of the model's own, which every edition shows."""


def overlay_text(threat: str, date: str = DATE) -> str:
    """`overlay.yaml` with a decision on a threat of the model."""
    m = MARKERS
    held = f"    embargoed: {{owner: Role {m['OWNER']}, release_date: {date}}}\n"
    return (
        "project: tiny\n"
        f"threats:\n  - id: {m['THREATID']}\n    title: A title {m['TITLE']}\n    target: service\n"
        "    stride: spoofing\n    cwe: [CWE-1342]\n    risk: critical\n    status: open\n"
        f"    adversaries: [stranger]\n    description: Words {m['DESCRIPTION']}\n{held}"
        f"findings:\n  - path: app/{m['PATH']}.py\n    line: 3\n    rule: {m['RULE']}\n"
        f"    message: Says {m['MESSAGE']}\n    severity: error\n{held}"
        f"dispositions:\n  - threat: {threat}\n    decision: accepted\n    reason: Because {m['REASON']}\n{held}"
        f"test_cases:\n  - id: {m['CASEID']}\n    objective: Show {m['OBJECTIVE']}\n    target: T1\n"
        f"    steps: [Do {m['STEP']}, Look]\n    oracle: Nothing {m['ORACLE']}\n    safety: read-only\n{held}"
    )


def write_overlay(folder: Path, text: str) -> Path:
    """A folder with this `overlay.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overlay.yaml").write_text(text, "utf-8")
    return folder


def spellings(word: str) -> Iterator[bytes]:
    """The word as bytes in every way in which it could stand in a file."""
    for data in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield data
        yield data.hex().encode()
        yield data.hex().upper().encode()
    # Base64 of the word at each of the three places that it can have in a text; its ends depend on the neighbours.
    for before in range(3):
        yield base64.b64encode(b"x" * before + word.encode())[4 if before else 0 : -4]


def told(words: Iterable[str], parts: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
    """The names of the parts that tell a word, by word."""
    wanted = {word: (*spellings(word),) for word in words}
    found: dict[str, set[str]] = {word: set() for word in wanted}
    for name, data in parts:
        # White space and the marks of line breaks inside long words are no hiding place.
        bare = re.sub(rb"\s+|\xe2\x80\x8b", b"", data)
        for word, ways in wanted.items():
            if any(way in data or way in bare for way in ways) or word in name:
                found[word].add(name)
    return found


def readable(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything below a folder, opened as far as it can be."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        yield f"name of {name}", name.encode()
        if path.is_file():
            yield from opened(name, path.read_bytes())


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is, and what is inside of it, also behind the first line of an entry of the cache."""
    yield name, data
    if re.match(rb"[0-9a-f]{64}\n", data):
        yield from opened(f"{name} entry", data[65:])
    if data[:2] == b"\x1f\x8b":
        inner = gzip.decompress(data)
        yield from opened(f"{name} unpacked", inner)
        if name.endswith(".tar.gz"):
            with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
                for member in archive:
                    yield f"{name} header", repr(member.get_info()).encode()
                    if (file := archive.extractfile(member)) is not None:
                        yield from opened(f"{name}/{member.name}", file.read())
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _chunks(name, data)
    if data[:5] == b"%PDF-":
        yield from _pdf(name, data)
    for number, part in enumerate(re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", data)):
        yield f"{name} base64 {number}", base64.b64decode(part + b"=" * (-len(part) % 4), validate=False)


def _chunks(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 8 <= len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        yield f"{name} {kind.decode('latin-1')}", body
        if kind in (b"zTXt", b"iTXt", b"iCCP"):
            for start in range(len(body)):
                try:
                    yield f"{name} {kind.decode()} text", zlib.decompress(body[start:])
                except zlib.error:
                    continue
        at += 12 + size


def _pdf(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield f"{name} text", pdf_text(data).encode("utf-8", "replace")
    if (program := shutil.which("pdftotext")) is not None:
        done = subprocess.run([program, "-", "-"], input=data, capture_output=True, check=True)
        yield f"{name} pdftotext", done.stdout
    with pikepdf.open(io.BytesIO(data)) as pdf:
        yield f"{name} info", repr({key: str(value) for key, value in pdf.docinfo.items()}).encode()
        with pdf.open_metadata() as metadata:
            yield f"{name} metadata", str(metadata).encode()
        for attached, spec in pdf.attachments.items():
            yield from opened(f"{name} attachment {attached}", spec.get_file().read_bytes())
        for number, item in enumerate(pdf.objects):
            if isinstance(item, pikepdf.Stream):
                try:
                    yield f"{name} stream {number}", item.read_bytes()
                except pikepdf.PdfError:
                    yield f"{name} stream {number}", item.read_raw_bytes()
            yield f"{name} object {number}", _strings(item)


def _strings(item: pikepdf.Object) -> bytes:
    """The texts of an object, as people would read them: titles of outlines and alternative texts are UTF-16."""
    try:
        written = item.unparse(resolved=True) if not isinstance(item, pikepdf.Stream) else b""
    except (pikepdf.PdfError, ValueError):
        return b""
    out = [written]
    if isinstance(item, pikepdf.Dictionary):
        out += [
            str(value).encode("utf-8", "replace")
            for value in item.values()
            if isinstance(value, pikepdf.String)
        ]
    return b"\n".join(out)
