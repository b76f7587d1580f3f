"""Pictures kept between runs: one file for each key, with its own digest, put in place in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from threatmodel.core.canonical import sha256


class PictureCache:
    """A folder of entries. An entry that does not match its digest counts as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """What was put under this key, or None where there is nothing whole."""
        try:
            data = self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        digest, _, body = data.partition(b"\n")
        return body if digest == sha256(key.encode() + b"\n" + body).encode() else None

    def put(self, key: str, body: bytes) -> None:
        """Keeps `body`. Readers see the old entry or the new one, never a part."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sha256(key.encode() + b"\n" + body).encode() + b"\n" + body)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.picture"
