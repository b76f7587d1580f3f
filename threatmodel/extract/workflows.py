"""What GitHub workflows may do: what starts them, which permissions they ask for, and on which machines they run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from threatmodel.core.canonical import sha256
from threatmodel.core.yamlpos import Document, Route, as_mapping
from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.extract.pins import document_of
from threatmodel.readers.content import Unparsable

_HOSTED = re.compile(
    r"(?:ubuntu|windows|macos)-(?:latest|\d+(?:\.\d+)?)(?:-(?:arm|large|xlarge|intel|slim))?"
)
_LONGEST = 300


def workflows(text: str, path: str, spec: Spec) -> Read:
    """Facts `on: …`, `permissions`, `job …: permissions` and `job …: runs-on`.

    A job on a machine with a label of GitHub's own is no fact. Without a word on permissions the default of the
    repository holds, which no file tells. Raises: Unparsable.
    """
    document = document_of(text, path)
    if not isinstance(document.value, dict) or "on" not in document.value:
        raise Unparsable('no workflow: the key "on" is missing')
    return Read(
        facts=[
            Fact(kind=spec.kind, name=name, detail=detail, path=path, line=document.place(*route).line)
            for name, detail, route in (*_triggers(document), *_permissions(document), *_runners(document))
        ]
    )


def _triggers(document: Document) -> Iterator[tuple[str, str, Route]]:
    on = document.value["on"]
    for index, name in enumerate([on] if isinstance(on, str) else on if isinstance(on, list) else ()):
        yield f"on: {name}", "any", ("on", index)
    for name, filters in as_mapping(on).items():
        yield f"on: {name}", _shown(filters) if filters else "any", ("on", name)


def _permissions(document: Document) -> Iterator[tuple[str, str, Route]]:
    if "permissions" in document.value:
        yield "permissions", _granted(document.value["permissions"]), ("permissions",)
    else:
        yield "permissions", "not said: the repository's default", ()
    for job, said in as_mapping(document.value.get("jobs")).items():
        if "permissions" in as_mapping(said):
            yield f"job {job}: permissions", _granted(said["permissions"]), ("jobs", job, "permissions")


def _runners(document: Document) -> Iterator[tuple[str, str, Route]]:
    for job, said in as_mapping(document.value.get("jobs")).items():
        on = as_mapping(said).get("runs-on")
        if isinstance(on, str) and _HOSTED.fullmatch(on):
            continue
        if on is not None:
            yield f"job {job}: runs-on", _machine(on), ("jobs", job, "runs-on")


def _granted(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in sorted(value.items())) or "none"
    return _shown(value)


def _machine(on: Any) -> str:
    labels = on if isinstance(on, list) else [on]
    if all(isinstance(label, str) for label in labels):
        shown = ", ".join(" ".join(label.split()) for label in labels)
        if "${{" in shown:
            return f"{shown} (chosen when it runs)"
        if "self-hosted" in labels:
            return f"{shown} (self-hosted)"
        return f"{shown} (no label of GitHub's own machines)"
    return _shown(on)


def _shown(value: Any) -> str:
    """A value as one line; a long one is cut, with a digest of all of it."""
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    )
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… (all of it: sha256 {sha256(text.encode('utf-8', 'backslashreplace'))[:16]})"
