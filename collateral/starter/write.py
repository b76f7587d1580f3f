"""The files of a first model: it runs as it is, and what was not seen in the tree is marked as an example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from collateral.policy import Policy
from collateral.starter.programs import Program
from collateral.starter.survey import Part, Survey, sole
from threatmodel import DSL_VERSION
from threatmodel.core.text import fold
from threatmodel.system.risk import RiskSettings

PROGRAM = "program"
"""The id of the program that stands for all of them where none was seen."""
RESERVED = ("client", "machine", "outside", PROGRAM)
_PACKAGE = "collateral.starter"
_ENDING = ".j2"
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    """A program as the template writes it."""

    id: str
    name: str
    language: str
    description: str
    comment: str
    flow: str


def starter_files(id_: str, seen: Survey, policy: Policy) -> dict[str, bytes]:
    """The files of the model's folder by path."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python, TOML and YAML; every text from outside goes through `literal`
    )
    environment.filters["literal"] = literal
    values: dict[str, Any] = {
        "id": id_,
        "dsl": DSL_VERSION,
        "parts": [_part(part) for part in seen.parts if part.role or part.programs],
        "unplaced": [_unplaced(part) for part in seen.parts if not part.role and not part.programs],
        "programs": _programs(seen),
        "criteria": policy.criteria,
        "gate": policy.gate,
        "publishing": policy.publishing,
        "risk": RiskSettings(),
    }
    return {
        name.removesuffix(_ENDING): environment.get_template(name).render(values).encode()
        for name in sorted(_names())
    }


def literal(text: str) -> str:
    """The text in the quotes that formatters prefer: double ones, where single ones do not save a backslash."""
    text = fold(text).replace("\n", "<U+000A>").replace("\t", "<U+0009>")
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


def _names() -> Iterator[str]:
    top = resources.files(_PACKAGE) / "templates"
    for item in top.iterdir():
        below = [f"{item.name}/{inner.name}" for inner in item.iterdir()] if item.is_dir() else [item.name]
        yield from (name for name in below if name.endswith(_ENDING))


def _part(part: Part) -> dict[str, Any]:
    return {
        "variable": f"{part.id.replace('-', '_').upper()}_FILES",
        "id": part.id,
        "globs": part.globs,
        "role": part.role,
        "languages": part.languages,
        "programs": part.programs,
    }


def _unplaced(part: Part) -> str:
    return f"No source by its ending in {part.globs[0][:_SHOWN]}: name what runs it, or its role."


def _programs(seen: Survey) -> list[_Process]:
    if not seen.programs:
        text = "No entry point was seen: this stands for whatever runs the source"
        name = "Program (example)"
        return [_process(PROGRAM, name, text, seen.languages, 1)]
    return [
        _process(program.id, program.name, f"Seen in {_shown(program)}", seen.languages_of(program), number)
        for number, program in enumerate(seen.programs, 1)
    ]


def _process(id_: str, name: str, description: str, languages: tuple[str, ...], number: int) -> _Process:
    language = sole(languages)
    several = f"In several languages: {', '.join(languages)}. Write the one it is written in as language=…"
    return _Process(
        id=id_,
        name=name,
        language=language,
        description=description,
        comment=several if len(languages) > 1 and not language else "",
        flow=f"F{number:02}",
    )


def _shown(program: Program) -> str:
    text = fold(program.seen_in)
    return text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"
