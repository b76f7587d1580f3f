"""Results kept by what they depend on: the tool, its rules and options, and the files that it reads."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from scanners.finding import ScanResult
from scanners.protocol import Description
from scanners.wire import from_wire, to_wire
from threatmodel.core.canonical import digest, dump_bytes

FORMAT = 3
_MAX_BYTES = 256 << 20


def key(scanner: str, description: Description, files_digest: str, *, named: bool = False) -> str:
    """The name under which a result is kept. `named`: its findings have symbols."""
    parts = [FORMAT, scanner, description.version, description.tool_digest, description.ruleset_digest]
    return digest([*parts, files_digest, named])


def load(folder: Path, name: str) -> ScanResult | None:
    """The kept result; None where there is none or where what is kept does not match its digest."""
    path = folder / f"{name}.json"
    try:
        if path.is_symlink() or path.stat().st_size > _MAX_BYTES:
            return None
        entry = json.loads(path.read_bytes())
        if entry["key"] != name or entry["digest"] != digest(entry["result"]):
            return None
        return from_wire(entry["result"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None  # as good as absent: the scanner runs again


def store(folder: Path, name: str, result: ScanResult) -> str:
    """Keep a result that another run would repeat. The answer is why it could not be kept, or empty."""
    if not result.repeatable:
        return ""
    value = to_wire(result)
    data = dump_bytes({"key": name, "digest": digest(value), "result": value})
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as handle:
            handle.write(data)
        os.replace(handle.name, folder / f"{name}.json")  # noqa: PTH105  atomic, and the name is a str
    except OSError as error:
        return f"the result could not be kept in the cache: {error.strerror}"
    return ""
