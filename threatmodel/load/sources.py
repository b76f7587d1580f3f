"""`[sources.<name>]` of `threatmodel.toml`: trees of other projects that claims may name beside the model's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.ids import ID_RULE, valid_id
from threatmodel.load.tomlpos import TomlFile
from threatmodel.system import Project

SECTION = "sources"
_KEYS = ("about", "address", "ref-from")
_REF_KEYS = ("file", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSource:
    """A source tree of another project. The ref that a release wants stands in the model's own source: in `ref_file`
    (TOML, YAML or JSON) at the dotted key `ref_key`. `address` is where its repository can be had, or empty."""

    name: str
    about: str
    ref_file: str
    ref_key: str
    address: str = ""
    place: Place | None = None


def read_sources(file: TomlFile, problems: list[Diagnostic]) -> tuple[DeclaredSource, ...]:
    """The sources that a manifest declares, in its order."""
    found = []
    for name, table in file.table(SECTION, problems).items():
        section = f"{SECTION}.{name}"
        before = len(problems)
        if not valid_id(name):
            problems.append(file.problem(section, f"{name!r} cannot name a source", f"a name is {ID_RULE}"))
        if not isinstance(table, dict):
            problems.append(file.problem(SECTION, f"[{section}] must be a table", key=name))
            continue
        problems += _wrong(file, section, table, _KEYS)
        problems += _lacking(file, section, table, ("about",))
        where = table.get("ref-from", {})
        if not isinstance(where, dict):
            problems.append(file.problem(section, "ref-from must be a table", _FORM, "ref-from"))
            continue
        problems += _wrong(file, section, where, _REF_KEYS, "ref-from")
        problems += _lacking(file, section, where, _REF_KEYS, "ref-from")
        if len(problems) == before:
            found.append(
                DeclaredSource(
                    name=name,
                    about=table["about"],
                    address=table.get("address", ""),
                    ref_file=where["file"],
                    ref_key=where["key"],
                    place=file.place(section),
                )
            )
    return tuple(found)


_FORM = 'ref-from = { file = "versions.yaml", key = "externals.name.version" }'


def _wrong(
    file: TomlFile, section: str, table: dict[str, Any], known: tuple[str, ...], inside: str = ""
) -> Iterator[Diagnostic]:
    """Unknown keys, and values that are not text."""
    for key, value in table.items():
        name = f"{inside}.{key}" if inside else key
        if key not in known:
            yield file.problem(section, f'unknown key "{name}"', nearest(key, known), inside or key)
        elif key != "ref-from" and not isinstance(value, str):
            yield file.problem(section, f'"{name}" must be text', key=inside or key)


def _lacking(
    file: TomlFile, section: str, table: dict[str, Any], needed: tuple[str, ...], inside: str = ""
) -> Iterator[Diagnostic]:
    for key in needed:
        if table.get(key, "") == "":
            name = f"{inside}.{key}" if inside else key
            yield file.problem(section, f'[{section}] has no "{name}"', _FORM if inside else "", inside)


def undeclared(project: Project, declared: Iterable[DeclaredSource]) -> tuple[Diagnostic, ...]:
    """M035: a claim names a source that the manifest does not declare."""
    names = [source.name for source in declared]
    return tuple(
        dict.fromkeys(
            Diagnostic(
                code="M035",
                message=f'claim of "{control.id}": no source "{claim.source}"',
                place=claim.place or control.place,
                hint=nearest(claim.source, names)
                or f"declare [{SECTION}.{claim.source}] in threatmodel.toml",
            )
            for control in project.controls
            for claim in control.claims
            if claim.source and claim.source not in names
        )
    )
