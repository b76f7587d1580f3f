"""Files of a bundle in the formats that their schemas describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from collateral.bundle.contents import Contents, Unreadable, problem
from collateral.bundle.exports import format_of, schema_of
from collateral.bundle.manifest import MANIFEST
from threatmodel.core.canonical import sha256
from threatmodel.core.text import fold

_SHOWN = 5
_SCHEMA = "schemas/manifest.schema.json"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A file in the manifest."""

    path: str
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the manifest of every version says."""

    project: str
    release: str
    edition: str
    configuration: str
    source_commit: str
    files: tuple[Row, ...]


class NotInFormat(Exception):
    """A file is not in its format."""

    def __init__(self, path: str, message: str, code: str = "V012") -> None:
        super().__init__(message)
        self.found = problem(code, path, message)


def judge_formats(here: Contents, digests: Mapping[str, str], facts: Facts) -> tuple[str, ...]:
    """The files that cannot be judged: their schema is not the one of this version.

    Raises:
        NotInFormat: a file is not what its schema describes, or the schema is not there.
    """
    unjudged = []
    rows = sorted((row.path, row.schema) for row in facts.files if row.schema or schema_of(row.path))
    for path, schema in [(MANIFEST, _SCHEMA if _SCHEMA in digests else ""), *rows]:
        if schema and schema not in digests:
            raise NotInFormat(path, f"its schema {fold(schema)} is not in the bundle")
        known = format_of(schema)
        if known is None or sha256(known[1]) != digests[schema]:
            unjudged.append(path)
        else:
            parse(here, digests, path, known[0])
    return tuple(unjudged)


def parse(here: Contents, digests: Mapping[str, str], path: str, kind: type[_T]) -> _T:
    """A file in a format. Its digest is checked on the bytes that are parsed.

    Raises:
        NotInFormat: it is not.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        data = here.read(path)
    except Unreadable as error:
        raise NotInFormat(path, str(error)) from error
    if sha256(data) != digests[path]:
        raise NotInFormat(path, "changed while it was read", "V003")
    try:
        return TypeAdapter(kind).validate_json(data, strict=True)
    except ValidationError as error:
        rows = error.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN]
        what = "; ".join(f"{'.'.join(map(str, row['loc'][:8]))}: {row['msg']}" for row in rows)
        raise NotInFormat(path, fold(what).replace("\n", " ")[:500]) from error
