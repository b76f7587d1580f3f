"""Results kept by what they depend on: the tool, its rules and options, and the files that it reads."""

from __future__ import annotations

import hmac
import json
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from scanners.finding import ScanResult
from scanners.protocol import Description
from scanners.wire import from_wire, to_wire
from threatmodel.core.canonical import digest, dump_bytes

FORMAT = 4
_MAX_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Where results are kept. `key` seals them: an entry of another key, or of none, is not taken. Without `writes`
    nothing is added, for runs over what nobody has reviewed."""

    folder: Path
    key: bytes = field(default=b"", repr=False)
    writes: bool = True

    def distrusted(self) -> str:
        """Why the folder is not used: others than this user can write to it. Empty where it is, or is not there yet."""
        try:
            status = self.folder.stat()
        except OSError:
            return ""
        if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
            return "the cache is not used, because others can write to it"
        return ""

    def seal(self, name: str, value: object) -> str:
        """What an entry must carry: a digest of its name and content, keyed where there is a key (HMAC, RFC 2104)."""
        text = digest([name, value])
        return hmac.new(self.key, text.encode(), "sha256").hexdigest() if self.key else text


def key(scanner: str, description: Description, files_digest: str, *, named: bool = False) -> str:
    """The name under which a result is kept. `named`: its findings have symbols."""
    parts = [FORMAT, scanner, description.version, description.tool_digest, description.ruleset_digest]
    return digest([*parts, files_digest, named])


def load(cache: Cache, name: str) -> ScanResult | None:
    """The kept result; None where there is none, or where what is kept does not match its seal."""
    path = cache.folder / f"{name}.json"
    try:
        if path.is_symlink() or path.stat().st_size > _MAX_BYTES:
            return None
        entry = json.loads(path.read_bytes())
        if cache.distrusted() or entry["key"] != name:
            return None
        if not hmac.compare_digest(str(entry["seal"]), cache.seal(name, entry["result"])):
            return None
        return from_wire(entry["result"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None  # as good as absent: the scanner runs again


def store(cache: Cache, name: str, result: ScanResult) -> str:
    """Keep a result that another run would repeat. The answer is why it could not be kept, or empty."""
    if not result.repeatable or not cache.writes:
        return ""
    if why := cache.distrusted():
        return why
    folder = cache.folder
    value = to_wire(result)
    data = dump_bytes({"key": name, "seal": cache.seal(name, value), "result": value})
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as handle:
            handle.write(data)
        os.replace(handle.name, folder / f"{name}.json")  # noqa: PTH105  atomic, and the name is a str
    except OSError as error:
        return f"the result could not be kept in the cache: {error.strerror}"
    return ""
