"""`threatmodel.toml`: what a model folder says about itself beside its Python files."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from threatmodel import DSL_VERSION
from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.evidence import public_source
from threatmodel.system import Configuration

FILE = "threatmodel.toml"
_PROJECT_KEYS = {
    "id": str,
    "dsl": str,
    "source": str,
    "release": str,
    "default-configuration": str,
    "status": str,
    "notice": str,
}
_CONFIGURATION_KEYS = ("description", "options")
POLICY_SECTIONS = ("priority", "gate", "publishing")
"""Sections that are kept as they are written; `collateral.policy` reads them."""
_SECTIONS = ("project", "configurations", "packs", "risk", *POLICY_SECTIONS)
PROPOSED = "proposed"
ADOPTED = "adopted: "
DEFAULT_PACKS = ("core",)
DRAFT_NOTICE = (
    "Draft made with this toolkit. Not reviewed by the project that it describes. Not an independent audit."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest, read. `matrix[likelihood-1][impact-1]` is a risk level; empty for the built-in one."""

    path: str
    project: Mapping[str, str] = field(default_factory=dict)
    configurations: tuple[Configuration, ...] = ()
    packs: tuple[str, ...] = DEFAULT_PACKS
    matrix: tuple[tuple[str, ...], ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Section, and `section.key`, to line. The entries of an array of tables are `name[0]`, `name[1]` …"""

    def place(self, section: str, key: str = "") -> Place:
        """The line of a key, or else of its section's head."""
        return Place(self.path, _line(self.lines, section, key))

    @property
    def adopted(self) -> bool:
        """True once the project's own people have adopted the model, with a public source for it."""
        return self.project.get("status", PROPOSED) != PROPOSED

    @property
    def notice(self) -> str:
        """What every cover and the site's head say; empty once the model is adopted."""
        return "" if self.adopted else self.project.get("notice") or DRAFT_NOTICE


def read_manifest(folder: Path, shown: str) -> Manifest:
    """Read `threatmodel.toml` of a model folder; a lone file or a folder without one has an empty manifest.

    Raises:
        UsageError: the folder or file does not exist.
        InvalidInput: not TOML, an unknown key or a wrong type.
    """
    if not folder.exists():
        raise UsageError(
            Diagnostic(
                code="U001",
                message=f"no model at {shown}",
                hint="name a folder with __init__.py, or a .py file",
            )
        )
    if folder.name == FILE and folder.is_file():
        message, hint = f"{shown} is no model", "name the folder that it lies in"
        raise UsageError(Diagnostic(code="U001", message=message, hint=hint))
    path = folder / FILE
    name = f"{shown}/{FILE}"
    if not folder.is_dir() or not path.is_file():
        return Manifest(path=name)
    text = path.read_bytes()
    try:
        raw = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        place = Place(name, int(found[1]) if found else 0)
        raise InvalidInput(Diagnostic(code="M024", message=f"not TOML: {error}", place=place)) from error
    lines = _lines(text.decode("utf-8"))
    problems: list[Diagnostic] = []
    manifest = _manifest(raw, name, lines, problems)
    if problems:
        raise InvalidInput(*problems)
    return manifest


def _line(lines: Mapping[str, int], section: str, key: str = "") -> int:
    return lines.get(f"{section}.{key}", lines.get(section, 0)) if key else lines.get(section, 0)


def _lines(text: str) -> dict[str, int]:
    """Where sections and their keys stand. TOML's own reader gives no places; a key in a long text may be found too."""
    lines: dict[str, int] = {}
    entries: Counter[str] = Counter()
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*(\[\[?)([A-Za-z0-9_.\"-]+)\]", line):
            name = found[2].replace('"', "")
            if found[1] == "[[":
                section = f"{name}[{entries[name]}]"
                entries[name] += 1
            else:
                section = name
            lines[section] = number
        elif section and (found := re.match(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=", line)):
            lines.setdefault(f"{section}.{found[1]}", number)
    return lines


def _problem(name: str, line: int, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(code="M024", message=message, place=Place(name, line), hint=hint)


def _manifest(raw: dict[str, Any], name: str, lines: dict[str, int], problems: list[Diagnostic]) -> Manifest:
    for key in raw:
        if key not in _SECTIONS:
            problems.append(
                _problem(name, lines.get(key, 0), f"unknown section [{key}]", nearest(key, _SECTIONS))
            )
    project: dict[str, str] = {}
    for key, value in _table(raw, "project", name, lines, problems).items():
        if key not in _PROJECT_KEYS:
            problems.append(
                _problem(
                    name, _line(lines, "project", key), f'unknown key "{key}"', nearest(key, _PROJECT_KEYS)
                )
            )
        elif not isinstance(value, str):
            problems.append(_problem(name, _line(lines, "project", key), f'"{key}" must be text'))
        else:
            project[key] = value
    if "dsl" in project:
        problems += _language_problems(project["dsl"], name, lines)
    status = project.get("status", PROPOSED)
    if status != PROPOSED and not (
        status.startswith(ADOPTED) and public_source(status.removeprefix(ADOPTED))
    ):
        hint = (
            f'"{PROPOSED}", or "{ADOPTED}https://…" with the page where the project\'s own people adopted it'
        )
        problems.append(
            _problem(name, _line(lines, "project", "status"), f'status cannot be "{status}"', hint)
        )
    configurations = []
    for key, value in _table(raw, "configurations", name, lines, problems).items():
        line = lines.get(f"configurations.{key}", 0)
        options = value.get("options") if isinstance(value, dict) else None
        for word in value if isinstance(value, dict) else ():
            if word not in _CONFIGURATION_KEYS:
                hint = nearest(word, _CONFIGURATION_KEYS)
                at = _line(lines, f"configurations.{key}", word)
                problems.append(_problem(name, at, f'configuration "{key}": unknown key "{word}"', hint))
        if not isinstance(options, dict) or not all(isinstance(v, str) for v in options.values()):
            problems.append(
                _problem(name, line, f'configuration "{key}" needs options = {{ name = "value" }}')
            )
            continue
        configurations.append(
            Configuration(name=key, options=dict(options), description=str(value.get("description", "")))
        )
    for section, word in (("packs", "enabled"), ("risk", "matrix")):
        for key in _table(raw, section, name, lines, []):
            if key != word:
                message = f'[{section}]: unknown key "{key}"'
                problems.append(
                    _problem(name, _line(lines, section, key), message, f'did you mean "{word}"?')
                )
    packs = _table(raw, "packs", name, lines, problems).get("enabled", list(DEFAULT_PACKS))
    if not isinstance(packs, list) or not all(isinstance(pack, str) for pack in packs):
        problems.append(
            _problem(name, _line(lines, "packs", "enabled"), "enabled must be a list of pack names")
        )
        packs = []
    default = project.get("default-configuration")
    names = [configuration.name for configuration in configurations]
    if default and default not in names:
        problems.append(
            _problem(
                name,
                _line(lines, "project", "default-configuration"),
                f'no configuration "{default}"',
                nearest(default, names),
            )
        )
    return Manifest(
        path=name,
        project=project,
        configurations=tuple(configurations),
        packs=tuple(packs),
        matrix=_matrix(raw, name, lines, problems),
        policy={key: raw[key] for key in POLICY_SECTIONS if key in raw},
        lines=lines,
    )


def _language_problems(version: str, name: str, lines: dict[str, int]) -> list[Diagnostic]:
    """A version of the authoring language that is no number, or one that this program does not know yet."""
    line = _line(lines, "project", "dsl")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", version):
        return [_problem(name, line, f'dsl cannot be "{version}"', f'write dsl = "{DSL_VERSION}"')]
    if int(version) <= int(DSL_VERSION):
        return []
    message = f"the model is written in version {version} of the authoring language, this program reads {DSL_VERSION}"
    return [Diagnostic(code="M029", message=message, place=Place(name, line), hint="use a newer threatmodel")]


def _table(
    raw: dict[str, Any], key: str, name: str, lines: dict[str, int], problems: list[Diagnostic]
) -> dict[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        problems.append(_problem(name, lines.get(key, 0), f"[{key}] must be a table"))
        return {}
    return value


def _matrix(
    raw: dict[str, Any], name: str, lines: dict[str, int], problems: list[Diagnostic]
) -> tuple[tuple[str, ...], ...]:
    rows = _table(raw, "risk", name, lines, problems).get("matrix")
    if rows is None:
        return ()
    levels = ("low", "medium", "high", "critical")
    good = (
        isinstance(rows, list)
        and len(rows) == 5
        and all(isinstance(r, list) and len(r) == 5 and all(cell in levels for cell in r) for r in rows)
    )
    if not good:
        problems.append(
            _problem(
                name,
                _line(lines, "risk", "matrix"),
                f"matrix must be 5 rows of 5 words out of {', '.join(levels)}",
            )
        )
        return ()
    return tuple(tuple(row) for row in rows)
