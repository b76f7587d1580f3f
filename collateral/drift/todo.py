"""What `drift --propose` leaves to a person: markers in the files of a model, which `check` refuses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from threatmodel.core.diagnostics import Diagnostic, Place

MARKER = "TODO(drift)"
SUFFIXES = (".py", ".yaml", ".toml", ".md")
MAX_BYTES = 4 << 20
"""Most bytes of one file of a model that is looked into."""


def model_files(model: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[tuple[str, Path]]:
    """The files of a model with these endings, by their path below its folder, sorted. Links and hidden files are left
    out. A model that is one file has itself alone."""
    if model.is_file():
        yield model.name, model
        return
    for folder, names, files in os.walk(model):
        names[:] = sorted(name for name in names if not name.startswith((".", "__pycache__")))
        for name in sorted(files):
            path = Path(folder, name)
            if (
                name.endswith(suffixes)
                and not name.startswith(".")
                and path.is_file()
                and not path.is_symlink()
            ):
                yield path.relative_to(model).as_posix(), path


def unfinished(model: Path, shown: str = "") -> Iterator[Diagnostic]:
    """D051 for each line of the model with a marker, and for a file that is too large to be looked into."""
    for name, path in model_files(model):
        at = shown if model.is_file() else f"{shown}/{name}" if shown else name
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            yield Diagnostic(code="D051", message="the file is too large to look for stubs", place=Place(at))
            continue
        if MARKER.encode() not in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
            if MARKER in line:
                yield Diagnostic(
                    code="D051",
                    message="a stub of `drift --propose` is not filled in",
                    place=Place(at, number),
                    hint="say what the source says there and take the marker out, or take the stub out",
                )
