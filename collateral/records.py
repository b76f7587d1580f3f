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
MAX_TEXT = 1500
"""Most characters of one text."""
MAX_SHORT = 200
"""Most characters of a name, title or other text that stands on one line."""
MAX_ITEMS = 200
"""Most items of one list."""
_SHORT = frozenset(
    {
        "affiliation",
        "handle",
        "id",
        "metric",
        "name",
        "organisation",
        "owner",
        "people",
        "release",
        "role",
        "severity",
        "skills",
        "term",
        "title",
        "within",
    }
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TREE_PATH = r"(?!(?:.*/)?\.{1,2}(?:[/:]|$))[\w.+@-]+(?:/[\w.+@-]+)*"
"""The form of a path of a source tree: below it, with slashes."""
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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The diagnostic codes of a kind of record: its shape, unknown keys and words, texts of another form."""

    shape: str = "D040"
    unknown: str = "D041"
    form: str = "D042"


_CODES = Codes()


def read_record(
    kind: type[Record],
    data: bytes,
    path: str,
    checks: Mapping[str, Check],
    codes: Codes = _CODES,
) -> tuple[Record, Document]:
    """The file as a value of `kind`, its texts folded, and the document for places. `checks` are by the key's name.

    A field `place` of a type is set by the reader afterwards, and is no key of the file.

    Raises:
        InvalidInput: Y001 not YAML; `codes` for all else (D040, D041 and D042 by default). Holds every problem.
    """
    from pydantic import TypeAdapter, ValidationError

    document = load(data, path)
    problems: list[Diagnostic] = []
    plain = _Plain(document, checks, codes, problems)
    value = plain(document.value, ())
    read: Record | None = None
    try:
        read = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        problems += [
            _wrong(kind, item, document, codes)
            for item in error.errors(include_url=False, include_input=False)
        ]
    if read is None or problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return read, document


def record_schema(name: str, kind: type) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record as people write it."""
    from pydantic import TypeAdapter

    made = TypeAdapter(kind).json_schema(mode="validation")
    for definition in (made, *made.get("$defs", {}).values()):
        definition.get("properties", {}).pop("place", None)
    made.get("$defs", {}).pop("Place", None)
    return {"$schema": DIALECT, "$id": f"urn:threatmodel:schema:{name}:1", **made}


def problem(document: Document, route: Route, code: str, message: str, hint: str = "") -> Diagnostic:
    """A problem at a route of a document."""
    return Diagnostic(code=code, message=fold(message), place=document.place(*route), hint=fold(hint))


@dataclasses.dataclass(frozen=True, slots=True)
class _Plain:
    """Values with folded texts and ISO 8601 dates; what the types cannot say is checked here."""

    document: Document
    checks: Mapping[str, Check]
    codes: Codes
    problems: list[Diagnostic]

    def __call__(self, value: Any, route: Route) -> Any:
        if isinstance(value, dict):
            if "place" in value:
                self._tell((*route, "place"), self.codes.unknown, 'unknown key "place"')
            return {
                fold(str(key)): self(item, (*route, key)) for key, item in value.items() if key != "place"
            }
        if isinstance(value, list):
            if len(value) > MAX_ITEMS:
                self._tell(route, self.codes.shape, f"more than {MAX_ITEMS} items")
            return tuple(self(item, (*route, i)) for i, item in enumerate(value[:MAX_ITEMS]))
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            value = value.isoformat()
        return self._text(value, route) if isinstance(value, str) else value

    def _text(self, value: str, route: Route) -> str:
        key = next((str(step) for step in reversed(route) if isinstance(step, str)), "")
        text = fold(" ".join(value.split()))
        limit = MAX_SHORT if key in _SHORT else MAX_TEXT
        if len(text) > limit:
            self._tell(route, self.codes.shape, f"a text of more than {limit} characters")
        elif not text:
            self._tell(route, self.codes.shape, f'"{key}" is empty', "leave it out where nothing is known")
        elif (check := self.checks.get(key)) and (wrong := check(text)):
            what, _, hint = wrong.partition("; ")
            self._tell(route, self.codes.form, what if what.startswith(key) else f"{key} {what}", hint)
        return text[:limit]

    def _tell(self, route: Route, code: str, message: str, hint: str = "") -> None:
        self.problems.append(problem(self.document, route, code, message, hint))


def _name(route: Route) -> str:
    """The last key of a route, with the places below it: `scope[0]`."""
    keys = [index for index, step in enumerate(route) if isinstance(step, str)]
    if not keys:
        return "the file"
    return f"{route[keys[-1]]}" + "".join(f"[{step}]" for step in route[keys[-1] + 1 :])


def _wrong(kind: type, found: Mapping[str, Any], document: Document, codes: Codes) -> Diagnostic:
    route: Route = tuple(found["loc"])
    name = _name(route)
    what = found["type"]
    if what in {"unexpected_keyword_argument", "extra_forbidden"}:
        known = _keys_at(kind, route[:-1])
        hint = nearest(name, known) or f"keys: {', '.join(known)}"
        return problem(document, route, codes.unknown, f'unknown key "{name}"', hint)
    if what in {"missing", "missing_keyword_only_argument"}:
        return problem(document, route[:-1], codes.shape, f'"{name}" is missing')
    if what == "literal_error":
        return problem(
            document, route, codes.unknown, f'"{name}" has another word', f"one of {found['ctx']['expected']}"
        )
    told = str(found["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    if what == "dataclass_type":
        told = f"a mapping with the keys {', '.join(_keys_at(kind, route))}"
    return problem(document, route, codes.shape, f'"{name}" must be {told}')


def _keys_at(kind: Any, route: Route) -> tuple[str, ...]:
    """The keys that a mapping at this route may have."""
    here = kind
    for step in route:
        if isinstance(step, int) or not dataclasses.is_dataclass(here):
            continue
        hint: Any = typing.get_type_hints(here).get(step)
        inner = [part for part in typing.get_args(hint) if dataclasses.is_dataclass(part)]
        here = inner[0] if inner else hint
    names = (item.name for item in dataclasses.fields(here)) if dataclasses.is_dataclass(here) else ()
    return tuple(name for name in names if name != "place")
