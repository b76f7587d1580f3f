"""The files of a model, asked about configurations that they do not name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from threatmodel.load import Loaded, broken_combinations, load_model
from threatmodel.rules import load_vocabulary
from threatmodel.system import Configuration, Project


@dataclass(frozen=True, slots=True)
class ModelAt:
    """A model by its path; `shown` is its name in messages. Each question runs the model again, confined."""

    path: Path
    shown: str = ""

    def broken(self, combinations: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
        """For each combination of options the sentences of the rules that it breaks.

        Raises:
            InvalidInput: the model cannot be imported, or its child process hit a limit.
        """
        return broken_combinations(self.path, self.shown, combinations)

    def loaded(self, extra: Sequence[Configuration]) -> Loaded:
        """The model with these configurations beside its own.

        Raises:
            InvalidInput: it is invalid in one of them.
        """
        return load_model(self.path, self.shown, load_vocabulary(), extra=extra)

    def project(self, extra: Sequence[Configuration]) -> Project:
        """The project of that. Raises as `loaded` does."""
        return self.loaded(extra).project
