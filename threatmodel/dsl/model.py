"""The one name that a model exposes: `MODEL = Model(…)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threatmodel.dsl.options import Options
from threatmodel.dsl.session import current
from threatmodel.dsl.strict import checked_id


class NoOptions(Options):
    """The options of a model that has none."""


class Model:
    """A system: `build(options)` is called once per configuration and makes boundaries, elements and flows."""

    def __init__(
        self,
        id: str,
        *,
        name: str,
        build: Callable[[Any], object],
        options: type[Options] = NoOptions,
        description: str = "",
    ) -> None:
        self.place = current().place()
        self.id = checked_id(f"Model {id!r}", id, self.place)
        self.name = name
        self.build = build
        self.options = options
        self.description = description
