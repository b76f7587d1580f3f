"""`threatmodel.toml`: what a model folder says about itself beside its Python files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from threatmodel import DSL_VERSION
from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.evidence import public_source
from threatmodel.load.configurations import FILE as CONFIGURATIONS
from threatmodel.load.configurations import Configurations, read_configurations
from threatmodel.load.risk import SECTION as RISK
from threatmodel.load.risk import read_risk
from threatmodel.load.sources import SECTION as SOURCES
from threatmodel.load.sources import DeclaredSource, read_sources
from threatmodel.load.tomlpos import TomlFile, read_toml
from threatmodel.system import Configuration
from threatmodel.system.risk import RiskSettings

FILE = "threatmodel.toml"
_PROJECT_KEYS = {
    "id": str,
    "dsl": str,
    "source": str,
    "release": str,
    "default-configuration": str,
    "status": str,
    "notice": str,
    "short": str,
}
_SHORT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?")
POLICY_SECTIONS = ("priority", "gate", "publishing")
"""Sections that are kept as they are written; `collateral.policy` reads them."""
_SECTIONS = (
    "project",
    "configurations",
    "derived",
    "cover",
    "packs",
    "scanners",
    RISK,
    SOURCES,
    *POLICY_SECTIONS,
)
_OF_CONFIGURATIONS = ("configurations", "derived", "cover")
PROPOSED = "proposed"
ADOPTED = "adopted: "
DEFAULT_PACKS = ("core",)
_PACK_KEYS = ("enabled", "folders", "installed")
_PACK_HINT = "it has enabled, and the tables packs.folders and packs.installed"
_SCANNER_KEYS = ("enabled", "installed")
_PACK_NAME = "lower-case letters, digits and -"
DRAFT_NOTICE = (
    "Draft made with this toolkit. Not reviewed by the project that it describes. Not an independent audit."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest, read."""

    file: TomlFile = field(default_factory=lambda: TomlFile(name=""))
    project: Mapping[str, str] = field(default_factory=dict)
    known: Configurations = field(default_factory=Configurations)
    packs: tuple[str, ...] = DEFAULT_PACKS
    folders: Mapping[str, str] = field(default_factory=dict)
    """Rule packs of the model's own: folders below it, by the pack's name."""
    installed: Mapping[str, str] = field(default_factory=dict)
    """Rule packs of installed packages: the version that is wanted, by the pack's name."""
    scanners: tuple[str, ...] | None = None
    """Scanners that run over the source; None where the model says nothing."""
    scanner_packages: Mapping[str, str] = field(default_factory=dict)
    """Scanners of installed packages: the version that is wanted, by the scanner's name."""
    risk: RiskSettings = field(default_factory=RiskSettings)
    policy: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[DeclaredSource, ...] = ()
    """Trees of other projects that claims may name."""

    @property
    def path(self) -> str:
        """The name of the file in messages."""
        return self.file.name

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """The configurations that are named, in the order of the files."""
        return self.known.named

    def place(self, section: str, key: str = "") -> Place:
        """The line of a key, or else of its section's head."""
        return self.file.place(section, key)

    @property
    def adopted(self) -> bool:
        """True once the project's own people have adopted the model, with a public source for it."""
        return self.project.get("status", PROPOSED) != PROPOSED

    @property
    def short(self) -> str:
        """A short name of the system for names of files; empty where none is given."""
        return self.project.get("short", "")

    @property
    def notice(self) -> str:
        """What every cover and the site's head say; empty once the model is adopted."""
        return "" if self.adopted else self.project.get("notice") or DRAFT_NOTICE


def read_manifest(folder: Path, shown: str) -> Manifest:
    """Read `threatmodel.toml` of a model folder, and `configurations.toml` beside it; a lone file or a folder without
    one has an empty manifest.

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
    files = [
        read_toml(folder / name, f"{shown}/{name}")
        for name in (FILE, CONFIGURATIONS)
        if folder.is_dir() and (folder / name).is_file()
    ]
    own = files.pop(0) if files and files[0].name == f"{shown}/{FILE}" else TomlFile(name=f"{shown}/{FILE}")
    problems: list[Diagnostic] = []
    for file, sections in ((own, _SECTIONS), *((file, _OF_CONFIGURATIONS) for file in files)):
        problems += [
            file.problem(key, f"unknown section [{key}]", nearest(key, sections))
            for key in file.raw
            if key not in sections
        ]
    manifest = _manifest(own, read_configurations([own, *files], problems), problems)
    if problems:
        raise InvalidInput(*problems)
    return manifest


def _manifest(file: TomlFile, known: Configurations, problems: list[Diagnostic]) -> Manifest:
    project = _project(file, problems)
    table = file.table("packs", problems)
    problems += [
        file.problem("packs", f'[packs]: unknown key "{key}"', nearest(key, _PACK_KEYS) or _PACK_HINT, key)
        for key in table
        if key not in _PACK_KEYS
    ]
    folders, installed = (_named(file, "packs", table, key, problems) for key in ("folders", "installed"))
    problems += [
        file.problem(
            "packs.installed", f'pack "{name}" is a folder too', "give one of them another name", name
        )
        for name in installed
        if name in folders
    ]
    packs = table.get("enabled", list(DEFAULT_PACKS))
    if not isinstance(packs, list) or not all(isinstance(pack, str) for pack in packs):
        problems.append(file.problem("packs", "enabled must be a list of pack names", key="enabled"))
        packs = []
    scanners, packages = _scanners(file, problems)
    default = project.get("default-configuration")
    names = [configuration.name for configuration in known.named]
    if default and default not in names:
        message = f'no configuration "{default}"'
        problems.append(file.problem("project", message, nearest(default, names), "default-configuration"))
    return Manifest(
        file=file,
        project=project,
        known=known,
        packs=tuple(packs),
        folders=folders,
        installed=installed,
        scanners=scanners,
        scanner_packages=packages,
        risk=read_risk(file, problems),
        policy={key: file.raw[key] for key in POLICY_SECTIONS if key in file.raw},
        sources=read_sources(file, problems),
    )


def _scanners(file: TomlFile, problems: list[Diagnostic]) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """`[scanners]`: the names of those that run, and the versions of those that packages bring."""
    table = file.table("scanners", problems)
    problems += [
        file.problem("scanners", f'[scanners]: unknown key "{key}"', nearest(key, _SCANNER_KEYS), key)
        for key in table
        if key not in _SCANNER_KEYS
    ]
    names = table.get("enabled")
    if names is not None and not (
        isinstance(names, list) and names and all(isinstance(name, str) for name in names)
    ):
        message, hint = (
            "enabled must be a list of scanner names",
            "one at least; without it bandit and semgrep",
        )
        problems.append(file.problem("scanners", message, hint, "enabled"))
        names = None
    return None if names is None else tuple(names), _named(file, "scanners", table, "installed", problems)


def _named(
    file: TomlFile, of: str, table: Mapping[str, Any], key: str, problems: list[Diagnostic]
) -> dict[str, str]:
    """`[packs.folders]`, `[packs.installed]` or `[scanners.installed]`: names with a text each."""
    section, named = f"{of}.{key}", table.get(key, {})
    if not isinstance(named, dict):
        problems.append(file.problem(of, f"[{section}] must be a table", key=key))
        return {}
    for name, value in named.items():
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", name):
            problems.append(file.problem(section, f'"{name}" cannot name a {of[:-1]}', _PACK_NAME, name))
        elif not isinstance(value, str) or not value.strip():
            problems.append(file.problem(section, f'"{name}" must be text', key=name))
    return {name: value for name, value in named.items() if isinstance(value, str)}


def _project(file: TomlFile, problems: list[Diagnostic]) -> dict[str, str]:
    project: dict[str, str] = {}
    for key, value in file.table("project", problems).items():
        if key not in _PROJECT_KEYS:
            message = f'unknown key "{key}"'
            problems.append(file.problem("project", message, nearest(key, _PROJECT_KEYS), key))
        elif not isinstance(value, str):
            problems.append(file.problem("project", f'"{key}" must be text', key=key))
        else:
            project[key] = value
    if "dsl" in project:
        problems += _language_problems(project["dsl"], file)
    status = project.get("status", PROPOSED)
    if status != PROPOSED and not (
        status.startswith(ADOPTED) and public_source(status.removeprefix(ADOPTED))
    ):
        hint = (
            f'"{PROPOSED}", or "{ADOPTED}https://…" with the page where the project\'s own people adopted it'
        )
        problems.append(file.problem("project", f'status cannot be "{status}"', hint, "status"))
    if "short" in project and not _SHORT.fullmatch(project["short"]):
        hint = "at most 20 lower-case letters, digits and -: it is a part of file names"
        problems.append(file.problem("project", f'short cannot be "{project["short"]}"', hint, "short"))
    return project


def _language_problems(version: str, file: TomlFile) -> list[Diagnostic]:
    """A version of the authoring language that is no number, or one that this program does not know yet."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", version):
        return [file.problem("project", f'dsl cannot be "{version}"', f'write dsl = "{DSL_VERSION}"', "dsl")]
    if int(version) <= int(DSL_VERSION):
        return []
    message = f"the model is written in version {version} of the authoring language, this program reads {DSL_VERSION}"
    place = file.place("project", "dsl")
    return [Diagnostic(code="M029", message=message, place=place, hint="use a newer threatmodel")]
