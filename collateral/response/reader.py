"""`response.yaml` read with positions; all problems are reported at once. Its JSON Schema comes from the same types."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.records import Codes, is_date, is_source, matches, problem, read_record, record_schema
from collateral.response.model import RESPONSE, Response
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document

_CODES = Codes(shape="D030", unknown="D031", form="D032")
_CHECKS = {
    "expires": is_date,
    "term_end": is_date,
    "until": is_date,
    "source": is_source,
    "uri": matches(
        r"https://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+|tel:\+?[0-9().-]+",
        "an address; write https://…, mailto:… or tel:…",
    ),
    "policy": matches(r"https://[^\s<>\"]+", "an address; write https://…"),
    "id": matches(r"[a-z0-9][a-z0-9-]{0,63}", "an id; lower-case letters, digits and -"),
}


def read_response(data: bytes, path: str) -> Response:
    """The file as a value, its texts folded.

    Raises:
        InvalidInput: Y001 not YAML; D030 shape, D031 unknown key or word, D032 a date, source or address that is none,
            D033 an id twice. Holds every problem.
    """
    read, document = read_record(Response, data, path, _CHECKS, _CODES)
    if problems := _twice(read, document):
        raise InvalidInput(*problems)
    roles = tuple(replace(role, place=document.place("roles", i)) for i, role in enumerate(read.roles))
    return replace(read, roles=roles, place=document.place("intake"))


def load_response(model: Path, shown: str = "") -> Response | None:
    """The `response.yaml` of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_response`.
    """
    path = model / RESPONSE
    name = f"{shown}/{RESPONSE}" if shown else RESPONSE
    return read_response(path.read_bytes(), name) if path.is_file() else None


def response_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the file."""
    return record_schema("response-input", Response)


def _twice(response: Response, document: Document) -> list[Diagnostic]:
    out = []
    seen: set[str] = set()
    for index, role in enumerate(response.roles):
        if role.id in seen:
            out.append(problem(document, ("roles", index), "D033", f'role "{role.id}" stands twice'))
        seen.add(role.id)
    steps: set[str] = set()
    for index, target in enumerate(response.targets):
        if target.step in steps:
            out.append(problem(document, ("targets", index), "D033", f'target "{target.step}" stands twice'))
        steps.add(target.step)
    return out
