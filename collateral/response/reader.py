"""`response.yaml` read with positions; all problems are reported at once. Its JSON Schema comes from the same types."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collateral.response.model import Response
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.text import fold
from threatmodel.core.yamlpos import Document, Route, load

MAX_TEXT = 1500
"""Most characters of one text."""
MAX_SHORT = 200
"""Most characters of a name or title."""
MAX_ITEMS = 200
"""Most items of one list."""
_DATES = ("expires", "term_end", "until")
_SHORT = frozenset(
    {
        "affiliation",
        "handle",
        "metric",
        "name",
        "owner",
        "release",
        "role",
        "skills",
        "term",
        "title",
        "within",
    }
)
_URI = re.compile(r"https://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+|tel:\+?[0-9().-]+", re.ASCII)
_WEB = re.compile(r"https://[^\s<>\"]+", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_response(data: bytes, path: str) -> Response:
    """The file as a value, its texts folded.

    Raises:
        InvalidInput: Y001 not YAML; D030 shape, D031 unknown key or word, D032 a date, source or address that is none,
            D033 an id twice. Holds every problem.
    """
    from pydantic import TypeAdapter, ValidationError

    document = load(data, path)
    problems: list[Diagnostic] = []
    value = _plain(document.value, (), document, problems)
    if not isinstance(value, dict):
        raise InvalidInput(_problem(document, (), "D030", "the file is a mapping", "see docs/response.md"))
    read: Response | None = None
    try:
        read = TypeAdapter(Response).validate_python(value)
    except ValidationError as error:
        problems += [
            _wrong(found, document) for found in error.errors(include_url=False, include_input=False)
        ]
    if read is not None:
        problems += _twice(read, document)
    if read is None or problems:
        order = {id(problem): index for index, problem in enumerate(problems)}
        raise InvalidInput(*sorted(problems, key=lambda p: (p.place.line if p.place else 0, order[id(p)])))
    roles = tuple(replace(role, place=document.place("roles", i)) for i, role in enumerate(read.roles))
    return replace(read, roles=roles, place=document.place("intake"))


def response_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the file."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Response).json_schema(mode="validation")
    made.get("properties", {}).pop("place", None)
    for definition in made.get("$defs", {}).values():
        definition.get("properties", {}).pop("place", None)
    made.get("$defs", {}).pop("Place", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:threatmodel:schema:response-input:1",
        **made,
    }


def _plain(value: Any, route: Route, document: Document, problems: list[Diagnostic]) -> Any:
    """The value with folded texts and ISO 8601 dates; what the types cannot say is checked here."""
    if isinstance(value, dict):
        if "place" in value and len(route) <= 2:
            problems.append(_problem(document, (*route, "place"), "D031", 'unknown key "place"'))
        return {
            fold(str(key)): _plain(item, (*route, key), document, problems)
            for key, item in value.items()
            if key != "place"
        }
    if isinstance(value, list):
        if len(value) > MAX_ITEMS:
            problems.append(_problem(document, route, "D030", f"more than {MAX_ITEMS} items"))
        return tuple(
            _plain(item, (*route, i), document, problems) for i, item in enumerate(value[:MAX_ITEMS])
        )
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return _text(value, route, document, problems)
    return value


def _text(text: str, route: Route, document: Document, problems: list[Diagnostic]) -> str:
    def problem(code: str, message: str, hint: str = "") -> None:
        problems.append(_problem(document, route, code, message, hint))

    key = str(route[-1]) if route else ""
    text = fold(" ".join(text.split()))
    limit = MAX_SHORT if key in _SHORT else MAX_TEXT
    if len(text) > limit:
        problem("D030", f"a text of more than {limit} characters")
        return text[:limit]
    if not text:
        problem("D030", f'"{key}" is empty', "leave it out where nothing is known")
    elif key in _DATES and not _is_date(text):
        problem("D032", f"{key} {text!r} is not an ISO 8601 date", "write 2027-06-30")
    elif key == "source" and not public_source(text):
        problem("D032", "source is not public", f"{PUBLIC_RULE}, or leave it out: it is proposed then")
    elif key == "uri" and not _URI.fullmatch(text):
        problem("D032", f"uri {text!r} is no address", "write https://…, mailto:… or tel:…")
    elif route == ("intake", "policy") and not _WEB.fullmatch(text):
        problem("D032", f"policy {text!r} is no address", "write https://…")
    elif key == "id" and not _ID.fullmatch(text):
        problem("D030", f"id {text!r}", "lower-case letters, digits and -")
    return text


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _wrong(found: Mapping[str, Any], document: Document) -> Diagnostic:
    route: Route = tuple(found["loc"])
    name = str(route[-1]) if route else ""
    kind = found["type"]
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        known = _keys_at(route[:-1])
        hint = nearest(name, known) or f"keys: {', '.join(known)}"
        return _problem(document, route, "D031", f'unknown key "{name}"', hint)
    if kind in {"missing", "missing_keyword_only_argument"}:
        return _problem(document, route[:-1], "D030", f'"{name}" is missing')
    if kind == "literal_error":
        words = found["ctx"]["expected"]
        return _problem(document, route, "D031", f'"{name}" has another word', f"one of {words}")
    told = str(found["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    if kind == "dataclass_type":
        told = f"a mapping with the keys {', '.join(_keys_at(route))}"
    return _problem(document, route, "D030", f'"{name}" must be {told}')


def _keys_at(route: Route) -> tuple[str, ...]:
    """The keys that a mapping at this route may have."""
    import typing

    here: Any = Response
    for step in route:
        if isinstance(step, int) or not dataclasses.is_dataclass(here):
            continue
        hint = typing.get_type_hints(here).get(step)
        inner = [part for part in typing.get_args(hint) if dataclasses.is_dataclass(part)]
        here = inner[0] if inner else hint
    if not dataclasses.is_dataclass(here):
        return ()
    return tuple(item.name for item in dataclasses.fields(here) if item.name != "place")


def _twice(response: Response, document: Document) -> list[Diagnostic]:
    out = []
    seen: set[str] = set()
    for index, role in enumerate(response.roles):
        if role.id in seen:
            out.append(_problem(document, ("roles", index), "D033", f'role "{role.id}" stands twice'))
        seen.add(role.id)
    steps: set[str] = set()
    for index, target in enumerate(response.targets):
        if target.step in steps:
            out.append(_problem(document, ("targets", index), "D033", f'target "{target.step}" stands twice'))
        steps.add(target.step)
    return out


def _problem(document: Document, route: Route, code: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(code=code, message=fold(message), place=document.place(*route), hint=fold(hint))
