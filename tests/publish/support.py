"""A project with planted secrets: findings and claims that may not be public yet, with words that give them away."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pypdf import PdfReader

from tests.bundle.support import Shop
from tests.cli.harness import Cli
from tests.collateral.support import INIT, TOML, make_repository, make_tools, write_files

FINDING_WORDS = ("QRULE", "QMESSAGE", "QPATH", "QSNIPPET", "QHELP", "QUNKNOWN", "CWE-1339")
"""Rule, message, path, line, help page and weakness of withheld findings; `QUNKNOWN` is in a note of the scanner."""
CLAIM_WORDS = ("QSEEN", "QPLACE")
"""The line that contradicts a claim, and its path."""
SHOWN = "SHOWNRULE"
"""A finding that is less urgent."""
CONTROLS = """
VAULT = Control(
    "vault-guard",
    "Nothing in the vault is evaluated",
    provides=["peer-authentication"],
    claims=[absent("vault/*.py", "eval[(]")],
)
MOVED = Control("moved-guard", "A guard that has moved", provides=["rate-limit"], claims=[present("gone/*", "x")])
CODE = Component("vault", "vault/**", runs_in=["service"])
"""
SOURCE = {
    "app/service.py": "def check_token(token):\n    return True\n",
    "vault/QPATH.py": 'KEY = "QSNIPPET"\n',
    "vault/QPLACE.py": 'def run():\n    return eval("QSEEN")\n',
}
_ITEM = """{"test_id": "%s", "test_name": "t", "issue_text": "%s", "issue_severity": "%s",
    "issue_confidence": "HIGH", "issue_cwe": {"id": %d}, "filename": "./%s", "line_number": 1, "line_range": [1],
    "col_offset": 0, "end_col_offset": 3, "more_info": "https://example.org/%s"}"""
MENDED = {"app/service.py": SOURCE["app/service.py"], "vault/kept.py": "KEY = None\n"}
"""The source of the next release, with nothing to withhold."""
QUIET = """
write({"results": [], "errors": [], "metrics": {"./" + name: {} for name in python} | {"_totals": {}}})
"""
BANDIT = f"""
write({{"results": [
    {_ITEM % ("QRULE", "Says QMESSAGE aloud", "HIGH", 1339, "vault/QPATH.py", "QHELP")},
    {_ITEM % (SHOWN, "A small thing", "LOW", 400, "app/service.py", "shown")}],
    "errors": [], "metrics": {{"./" + name: {{}} for name in python}} | {{"_totals": {{}}}}}})
"""
OTHER = f"""
write({{"results": [
    {_ITEM % ("OTHERRULE", "Something else", "HIGH", 22, "vault/QPLACE.py", "other")},
    {_ITEM % (SHOWN, "A small thing", "LOW", 400, "app/service.py", "shown")}],
    "errors": [], "metrics": {{"./" + name: {{}} for name in python}} | {{"_totals": {{}}}}}})
"""
SEMGREP = """
write({"results": [{"check_id": "QUNKNOWN", "path": "vault/QPATH.py", "start": {"line": 1, "col": 1, "offset": 0},
    "end": {"line": 1, "col": 4, "offset": 3}, "extra": {"message": "QMESSAGE again", "severity": "ERROR"}}],
    "errors": [], "paths": {"scanned": files}})
"""
POLICY = """
[publishing]
withhold = "p2"
days = 90
"""


def make_model() -> tuple[str, str]:
    """`__init__.py` and `threatmodel.toml` of the project."""
    init = INIT.replace("View, present,", "View, absent, present,")
    init = init.replace("STRANGER =", f"{CONTROLS}\nSTRANGER =")
    init = init.replace("controls=[TOKENS] if", "controls=[VAULT, MOVED] if")
    return init.replace('name="Store", data', 'name="Store", controls=[TOKENS], data'), TOML + POLICY


def make_shop(folder: Path) -> Shop:
    """The project with its source and fake scanners."""
    init, toml = make_model()
    write_files(folder / "model", {"__init__.py": init, "threatmodel.toml": toml})
    make_repository(folder / "source", SOURCE)
    make_repository(folder / "mended", MENDED)
    make_tools(folder / "tools", bandit=BANDIT, semgrep=SEMGREP)
    make_tools(folder / "other", bandit=OTHER, semgrep=SEMGREP)
    make_tools(folder / "quiet", bandit=QUIET)
    return Shop(Cli(cwd=folder, path=os.environ["PATH"]))


LISTS = ("data/source.json", "data/ownership.json", "data/ownership.sarif", "pdf/security-response.pdf")
"""Lists of the files of the source: they name paths whatever the scanners and the ledger found there."""
PATHS = frozenset({"QPATH", "QPLACE"})


def readable(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of everything below a folder: each byte, and what is compressed or drawn inside a PDF."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _readable(path.relative_to(folder).as_posix(), path.read_bytes())


def _readable(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    yield name, f"{name} {data.decode('utf-8', 'replace')}"
    if name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if (file := archive.extractfile(member)) is not None:
                    yield from _readable(f"{name}/{member.name}", file.read())
    if name.endswith(".pdf"):
        yield f"{name} text", pdf_text(data)
        yield from ((f"{name} stream {number}", part) for number, part in enumerate(_streams(data)))


def pdf_text(data: bytes) -> str:
    """What a reader of the document sees, without the marks for line breaks."""
    pages = PdfReader(io.BytesIO(data)).pages
    text = " ".join(page.extract_text() for page in pages)
    return re.sub(r"\s+", " ", text.replace("\u200b", ""))


def _streams(data: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                try:
                    text = item.read_bytes().decode("utf-8", "replace")
                except pikepdf.PdfError:
                    text = item.read_raw_bytes().decode("utf-8", "replace")
                yield text


def told(words: tuple[str, ...], folder: Path) -> set[tuple[str, str]]:
    """Which words stand where; a path does not count where all paths of the source are listed."""
    lists = {path.read_bytes().decode("utf-8", "replace") for name in LISTS for path in folder.rglob(name)}
    found = set()
    for name, text in readable(folder):
        listed = text in lists or name.removesuffix(" text").endswith((*LISTS, ".tar.gz"))
        found |= {(word, name) for word in words if word in text and not (listed and word in PATHS)}
    return found
