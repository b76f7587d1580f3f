#!/usr/bin/env python3
"""Comments on lines for Zuul, from the SARIF of `threatmodel gate`: bounded, plain, at paths of the project only.

Zuul fails a build that returns something odd, so what does not fit is left out; the file itself is an artefact.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

MAX_BYTES = 32 * 1024 * 1024
MAX_COMMENTS = 100
MAX_CHARS = 1000
LEVELS = {"error": "error", "warning": "warning", "note": "info"}


def comments_of(log: Any) -> dict[str, list[dict[str, Any]]]:
    """`file_comments` as Zuul takes them: path, then line, message and level."""
    found: dict[str, list[dict[str, Any]]] = {}
    results = [item for run in log["runs"] for item in run.get("results", [])]
    for item in results[:MAX_COMMENTS]:
        place = item["locations"][0]["physicalLocation"]
        path = PurePosixPath(unquote(place["artifactLocation"]["uri"]))
        if path.is_absolute() or ".." in path.parts or not str(path).isprintable():
            continue
        text = " ".join(f"{item['ruleId']}: {item['message']['text']}".split())[:MAX_CHARS]
        comment = {
            "line": max(1, int(place["region"]["startLine"])),
            "message": "".join(char for char in text if char.isprintable()),
            "level": LEVELS.get(item.get("level", "warning"), "warning"),
        }
        found.setdefault(str(path), []).append(comment)
    return found


def main(argv: list[str]) -> int:
    """Write the comments of one SARIF file to standard output; none where it cannot be read."""
    try:
        with Path(argv[1]).open("rb") as file:
            log = json.loads(file.read(MAX_BYTES))
        found = comments_of(log)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        print(f"no comments: {type(error).__name__}", file=sys.stderr)
        found = {}
    json.dump(found, sys.stdout, sort_keys=True, ensure_ascii=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
