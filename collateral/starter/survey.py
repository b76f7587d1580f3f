"""What a source tree shows of itself by the names of its files alone: parts, their roles and languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["", "build", "docs", "test", "tools"]

LANGUAGES: Mapping[str, str] = {
    "c": "c", "h": "c", "cc": "c++", "cpp": "c++", "hpp": "c++", "cs": "c#", "go": "go", "java": "java",
    "js": "javascript", "kt": "kotlin", "php": "php", "proto": "protobuf", "py": "python", "rb": "ruby",
    "rego": "rego", "rs": "rust", "scala": "scala", "sh": "shell", "swift": "swift", "ts": "typescript",
}  # fmt: skip
"""File ending to language. What is not named here is not guessed."""
_ROLES: Mapping[Role, frozenset[str]] = {
    "test": frozenset({"test", "tests", "testing", "spec", "e2e"}),
    "docs": frozenset({"doc", "docs", "documentation"}),
    "build": frozenset(
        {"build", "ci", "packaging", "requirements", "deploy", ".github", ".gitlab", ".ci", "zuul.d"}
    ),
    "tools": frozenset({"tools", "scripts", "hack", "contrib", "utils", "examples"}),
}
_MOST_PARTS = 40
_OTHER = re.compile(r"[^a-z0-9]+")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ @+=/-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A top-level folder, or all files at the top. `language` is that of most of its files, empty where none is known."""

    id: str
    glob: str
    role: Role
    language: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The parts by name, and the language of most files that are no tests, documents or tools."""

    parts: tuple[Part, ...]
    language: str
    left_out: int
    """Folders beyond the first forty."""


def slug(text: str, otherwise: str) -> str:
    """A name as an id: lower-case letters, digits and hyphens, a letter first."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = _OTHER.sub("-", plain).strip("-")[:40].strip("-")
    return made if made[:1].isalpha() else (f"{otherwise}-{made}".rstrip("-"))


def survey(paths: Iterable[str], *, without: str = "") -> Survey:
    """The parts of a tree with these files. `without` is a folder that does not count: the model's own."""
    by_top: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        if not without or not path.startswith(f"{without}/"):
            top, slash, _ = path.partition("/")
            by_top[top if slash else ""].append(path)
    names = sorted(by_top, key=lambda top: (not top, top))
    taken: set[str] = set()
    parts = []
    for top in names[:_MOST_PARTS]:
        files = by_top[top]
        parts.append(
            Part(
                id=_free(slug(top, "part") if top else "top-level-files", taken),
                glob=f"{_glob(top)}/**" if top else "*",
                role=_role(top) if top else "build",
                language=_language(files),
                files=len(files),
            )
        )
    running = [path for top in names if top and not _role(top) for path in by_top[top]]
    return Survey(
        parts=tuple(parts),
        language=_language(running) or _language(by_top.get("", [])),
        left_out=max(0, len(names) - _MOST_PARTS),
    )


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    taken.add(name)
    return name


def _glob(name: str) -> str:
    """The name as a glob: what a glob would read otherwise, or could not be typed, stands for any one character."""
    return _NOT_PLAIN.sub("?", name)


def _role(top: str) -> Role:
    return next((role for role, names in _ROLES.items() if top.lower() in names), "")


def _language(paths: Iterable[str]) -> str:
    endings = (path.rpartition("/")[2].rpartition(".") for path in paths)
    found = Counter(LANGUAGES[end.lower()] for _, dot, end in endings if dot and end.lower() in LANGUAGES)
    return min(found, key=lambda name: (-found[name], name), default="")
