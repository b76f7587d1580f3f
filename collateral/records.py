"""Records that people write in YAML, read into frozen types with a place for every problem. The schema comes from the
same types."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.text import fold
from threatmodel.core.yamlpos import Document, Route, load

CLOSED = {"extra": "forbid"}
"""`__pydantic_config__` of a record: unknown keys are refused."""
MAX_TEXT = 4000
MAX_ITEMS = 500
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Record = TypeVar("Record")
Check = Callable[[str], str]
"""Says what is wrong with a text; empty where nothing is."""


def is_date(text: str) -> str:
    """An ISO 8601 date."""
    try:
        good = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    return "" if good else f"{text!r} is not an ISO 8601 date; write 2027-06-30"


def is_source(text: str) -> str:
    """A public source."""
    return "" if public_source(text) else f"source is not public; {PUBLIC_RULE}"


def matches(pattern: str, what: str) -> Check:
    """A check that a text is of a form."""
    form = re.compile(pattern, re.ASCII)
    return lambda text: "" if form.fullmatch(text) else f"{text!r} is not {what}"


def read_record(
    kind: type[Record], data: bytes, path: str, checks: Mapping[str, Check]
) -> tuple[Record, Document]:
    """The file as a value of `kind`, its texts folded, and the document for places. `checks` are by the key's name.

    Raises:
        InvalidInput: Y001 not YAML; D040 shape, D041 unknown key or word, D042 a text of another form. Holds every
            problem.
    """
    from pydantic import TypeAdapter, ValidationError

    document = load(data, path)
    problems: list[Diagnostic] = []
    value = _plain(document.value, (), document, problems, checks)
    read: Record | None = None
    try:
        read = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        problems += [
            _wrong(kind, item, document) for item in error.errors(include_url=False, include_input=False)
        ]
    if read is None or problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return read, document


def record_schema(name: str, kind: type) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record as people write it."""
    from pydantic import TypeAdapter

    made = TypeAdapter(kind).json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:threatmodel:schema:{name}:1", **made}


def problem(document: Document, route: Route, code: str, message: str, hint: str = "") -> Diagnostic:
    """A problem at a route of a document."""
    return Diagnostic(code=code, message=fold(message), place=document.place(*route), hint=fold(hint))


def _plain(
    value: Any, route: Route, document: Document, problems: list[Diagnostic], checks: Mapping[str, Check]
) -> Any:
    if isinstance(value, dict):
        return {
            fold(str(key)): _plain(item, (*route, key), document, problems, checks)
            for key, item in value.items()
        }
    if isinstance(value, list):
        if len(value) > MAX_ITEMS:
            problems.append(problem(document, route, "D040", f"more than {MAX_ITEMS} items"))
        return tuple(
            _plain(item, (*route, i), document, problems, checks) for i, item in enumerate(value[:MAX_ITEMS])
        )
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    key = next((str(step) for step in reversed(route) if isinstance(step, str)), "")
    text = fold(" ".join(value.split()))
    if len(text) > MAX_TEXT:
        problems.append(problem(document, route, "D040", f"a text of more than {MAX_TEXT} characters"))
    elif not text:
        problems.append(
            problem(document, route, "D040", f'"{key}" is empty', "leave it out where nothing is known")
        )
    elif (check := checks.get(key)) and (wrong := check(text)):
        what, _, hint = wrong.partition("; ")
        problems.append(problem(document, route, "D042", f"{key}: {what}", hint))
    return text[:MAX_TEXT]


def _wrong(kind: type, found: Mapping[str, Any], document: Document) -> Diagnostic:
    route: Route = tuple(found["loc"])
    name = str(route[-1]) if route else "the file"
    what = found["type"]
    if what in {"unexpected_keyword_argument", "extra_forbidden"}:
        known = _keys_at(kind, route[:-1])
        hint = nearest(name, known) or f"keys: {', '.join(known)}"
        return problem(document, route, "D041", f'unknown key "{name}"', hint)
    if what in {"missing", "missing_keyword_only_argument"}:
        return problem(document, route[:-1], "D040", f'"{name}" is missing')
    if what == "literal_error":
        return problem(
            document, route, "D041", f'"{name}" has another word', f"one of {found['ctx']['expected']}"
        )
    told = str(found["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    if what == "dataclass_type":
        told = f"a mapping with the keys {', '.join(_keys_at(kind, route))}"
    return problem(document, route, "D040", f'"{name}" must be {told}')


def _keys_at(kind: Any, route: Route) -> tuple[str, ...]:
    """The keys that a mapping at this route may have."""
    here = kind
    for step in route:
        if isinstance(step, int) or not dataclasses.is_dataclass(here):
            continue
        hint: Any = typing.get_type_hints(here).get(step)
        inner = [part for part in typing.get_args(hint) if dataclasses.is_dataclass(part)]
        here = inner[0] if inner else hint
    return tuple(item.name for item in dataclasses.fields(here)) if dataclasses.is_dataclass(here) else ()
