"""Models written to a folder and loaded for real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from threatmodel.confine import Level, Limits, available
from threatmodel.core.errors import InvalidInput
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_vocabulary

VOCABULARY = load_vocabulary()
LIMITS = Limits(
    wall_seconds=10,
    cpu_seconds=3,
    memory_bytes=512 << 20,
    output_bytes=1 << 20,
    open_files=64,
    processes=16,
)
LEVELS = [
    pytest.param(level, marks=pytest.mark.skipif(not available(level), reason=f"{level} does not work here"))
    for level in Level
]
HEAD = """\
from typing import Literal
from threatmodel.dsl import *

def build(o):
    host = Boundary("host", name="Host", privilege="root")
    shim = Process("shim", inside=host)
    agent = Process("agent", inside=host)
    Flow("F1", shim, agent, "requests")
"""
MODEL = 'MODEL = Model("m", name="M", build=build)\n'


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The files below `folder/model`."""
    root = folder / "model"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def load(path: Path, *, limits: Limits = LIMITS, level: Level | None = None) -> Loaded:
    """The model, shown as its own name."""
    return load_model(path, path.name, VOCABULARY, limits=limits, level=level)


def diagnose(path: Path, *, limits: Limits = LIMITS, level: Level | None = None) -> list[str]:
    """The rendered diagnostics of a model, warnings of a valid one included."""
    try:
        return [found.render() for found in load(path, limits=limits, level=level).warnings]
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]


def check_model(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The rendered diagnostics of the model that these files make."""
    return diagnose(write(folder, files))
