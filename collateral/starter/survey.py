"""What a source tree shows of itself by the names of its files: parts, their roles and languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from collateral.starter.programs import Program

Role = Literal["", "build", "docs", "test", "tools"]

LANGUAGES: Mapping[str, str] = {
    "c": "c", "h": "c", "cc": "c++", "cpp": "c++", "cxx": "c++", "hpp": "c++", "cs": "c#", "go": "go",
    "java": "java", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript", "kt": "kotlin",
    "php": "php", "pl": "perl", "proto": "protobuf", "py": "python", "rb": "ruby", "rego": "rego", "rs": "rust",
    "scala": "scala", "sh": "shell", "bash": "shell", "swift": "swift", "ts": "typescript", "tsx": "typescript",
    "zig": "zig",
}  # fmt: skip
"""File ending to language. What is not named here is not guessed."""
_NO_PROGRAM = frozenset({"protobuf", "rego", "shell"})
"""Languages of files that lie beside a program in another one."""
_ROLES: Mapping[Role, frozenset[str]] = {
    "test": frozenset({"test", "tests", "testing", "spec", "e2e"}),
    "docs": frozenset({"doc", "docs", "documentation"}),
    "build": frozenset(
        {"build", "ci", "packaging", "requirements", "deploy", ".github", ".gitlab", ".ci", "zuul.d"}
    ),
    "tools": frozenset({"tools", "scripts", "hack", "contrib", "utils", "examples"}),
}
_DOCUMENTS = frozenset({"md", "rst", "txt", "adoc"})
_DOCUMENT_NAMES = frozenset({"license", "licence", "notice", "copying", "authors", "readme", "changelog"})
_BUILD_NAMES = frozenset({"setup.py", "conftest.py", "noxfile.py", "build.rs", "gulpfile.js"})
_MOST_PARTS = 40
_OTHER = re.compile(r"[^a-z0-9]+")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ @+=/-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A folder, or files at the top. `languages` are those of its files, the most frequent one first.

    `programs` are the ids of those that it is a part of: the one whose folder it is, else all of them; none where it
    has a role, or no file in a known language. `own` is true for the folder of one program.
    """

    id: str
    globs: tuple[str, ...]
    role: Role
    languages: tuple[str, ...]
    programs: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The parts, narrow ones first, and the programs. `languages` are those of all parts that run, `shared` those of
    the ones that are no program's own."""

    parts: tuple[Part, ...]
    programs: tuple[Program, ...]
    languages: tuple[str, ...]
    shared: tuple[str, ...]
    left_out: int
    """Folders beyond the first forty."""

    def languages_of(self, program: Program) -> tuple[str, ...]:
        """Those of the program's own folder, else those of all parts that are no other program's own."""
        own = [part.languages for part in self.parts if part.own and part.programs == (program.id,)]
        return own[0] if own else self.shared


def slug(text: str, otherwise: str) -> str:
    """A name as an id: lower-case letters, digits and hyphens, a letter first."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = _OTHER.sub("-", plain).strip("-")[:40].strip("-")
    return made if made[:1].isalpha() else (f"{otherwise}-{made}".rstrip("-"))


def sole(languages: Collection[str]) -> str:
    """The one language that a program can be written in; empty where there are several or none."""
    found = [name for name in languages if name not in _NO_PROGRAM]
    return found[0] if len(found) == 1 else ""


def survey(
    paths: Iterable[str], programs: tuple[Program, ...] = (), *, own: str = "", otherwise: str = "program"
) -> Survey:
    """The parts of a tree with these files. `own` is the model's folder, `otherwise` the id of the program that is
    thought of where none was seen."""
    by_top: dict[str, list[str]] = defaultdict(list)
    by_program: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        if own and path.startswith(f"{own}/"):
            continue
        owners = [one.id for one in programs if one.folder and path.startswith(f"{one.folder}/")]
        top, slash, _ = path.partition("/")
        if owners:
            by_program[owners[-1]].append(path)
        else:
            by_top[top if slash else ""].append(path)
    taken = {"threat-model"} if own else set()
    parts = [Part(id="threat-model", globs=(f"{own}/**",), role="docs", languages=())] if own else []
    for program in sorted(programs, key=lambda one: (-one.folder.count("/"), one.folder)):
        if by_program[program.id]:
            parts.append(
                Part(
                    id=_free(slug(program.folder, "part"), taken),
                    globs=(f"{_glob(program.folder)}/**",),
                    role="",
                    languages=_languages(by_program[program.id]),
                    programs=(program.id,),
                    own=True,
                )
            )
    all_ids = tuple(program.id for program in programs) or (otherwise,)
    names = sorted(top for top in by_top if top)
    for top in names[:_MOST_PARTS]:
        languages, role = _languages(by_top[top]), _role(top)
        parts.append(
            Part(
                id=_free(slug(top, "part"), taken),
                globs=(f"{_glob(top)}/**",),
                role=role,
                languages=languages,
                programs=all_ids if languages and not role else (),
            )
        )
    parts += _at_the_top(by_top.get("", []), all_ids, taken)
    shared = [path for top in names if not _role(top) for path in by_top[top]]
    shared += [path for path in by_top.get("", []) if not _top_role(path)]
    alone = [path for found in by_program.values() for path in found]
    return Survey(
        parts=tuple(parts),
        programs=programs,
        languages=_languages([*shared, *alone]),
        shared=_languages(shared),
        left_out=max(0, len(names) - _MOST_PARTS),
    )


def _at_the_top(files: Iterable[str], programs: tuple[str, ...], taken: set[str]) -> list[Part]:
    """The files that lie in no folder: source by its endings, documents, and the rest, which is about building."""
    groups: dict[Role, list[str]] = defaultdict(list)
    for path in files:
        groups[_top_role(path)].append(path)
    parts = []
    source = groups.get("", [])
    if source:
        endings = sorted({path.rpartition(".")[2] for path in source})
        parts.append(
            Part(
                id=_free("top-level-source", taken),
                globs=tuple(f"*.{ending}" for ending in endings),
                role="",
                languages=_languages(source),
                programs=programs,
            )
        )
    found: tuple[tuple[Role, str], ...] = (("docs", "top-level-documents"), ("build", "top-level-files"))
    for role, name in found:
        if groups.get(role):
            globs = tuple(_glob(path) for path in groups[role][:_MOST_PARTS])
            part = Part(id=_free(name, taken), globs=globs, role=role, languages=())
            # what is about building stands before source: setup.py is no part of a program
            parts.insert(0 if role == "build" else len(parts), part)
    return parts


def _top_role(path: str) -> Role:
    stem, dot, ending = path.lower().rpartition(".")
    if (stem or ending) in _DOCUMENT_NAMES or (dot and ending in _DOCUMENTS):
        return "docs"
    return "" if dot and ending in LANGUAGES and path.lower() not in _BUILD_NAMES else "build"


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


def _languages(paths: Iterable[str]) -> tuple[str, ...]:
    endings = (path.rpartition("/")[2].rpartition(".") for path in paths)
    found = Counter(LANGUAGES[end.lower()] for _, dot, end in endings if dot and end.lower() in LANGUAGES)
    return tuple(sorted(found, key=lambda name: (-found[name], name)))
