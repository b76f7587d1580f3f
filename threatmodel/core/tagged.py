"""Unions of types that say their own name in a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class By:
    """Annotation of a union: the field whose text says which of its types a value is. Readers of files look there first;
    without it they try each type in turn."""

    field: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Asked by pydantic when a reader is made; the domain itself does not need it."""
        from pydantic import Discriminator

        return Discriminator(self.field).__get_pydantic_core_schema__(source, handler)
