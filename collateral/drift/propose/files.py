"""The files of a model that are edited, in memory."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

from collateral.drift.todo import MAX_BYTES, model_files
from threatmodel.core.text import fold


@dataclass(slots=True)
class ModelFiles:
    """Texts by their path below the model's folder: as they are on disk, and edited. What cannot be edited is left out: a
    file that is too large, not UTF-8, or has characters that a terminal may act on."""

    before: dict[str, str]
    texts: dict[str, str]
    _trees: dict[str, tuple[str, ast.Module]] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Path) -> ModelFiles:
        """The Python and YAML files of a model."""
        found: dict[str, str] = {}
        for name, path in model_files(model, (".py", ".yaml")):
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if len(data) <= MAX_BYTES and fold(text) == text and fold(name) == name:
                found[name] = text
        return cls(before=found, texts=dict(found))

    def python(self) -> tuple[str, ...]:
        """The Python files that can be parsed."""
        return tuple(name for name in self.texts if name.endswith(".py") and self.tree(name))

    def tree(self, name: str) -> ast.Module | None:
        """The syntax of a Python file as it is now; None where it has none."""
        text = self.texts.get(name)
        if text is None:
            return None
        if name not in self._trees or self._trees[name][0] != text:
            if (made := parsed(text)) is None:
                return None
            self._trees[name] = (text, made)
        return self._trees[name][1]

    def changed(self) -> tuple[str, ...]:
        """The files that were edited."""
        return tuple(name for name, text in self.texts.items() if text != self.before[name])


def parsed(text: str) -> ast.Module | None:
    """The syntax of a text; None where it is no Python, or nests too deeply. Nothing is run."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
