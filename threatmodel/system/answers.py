"""What the authors of a model say of a question that no rule answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from threatmodel.core.diagnostics import Place
from threatmodel.core.evidence import public_source
from threatmodel.system.stride import Stride


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A STRIDE category does not apply to elements and flows, because … `at` are their ids, or globs of ids.

    `when` limits it to configurations whose options have the values named. Without a public `source` it is proposed.
    """

    id: str
    category: Stride
    at: tuple[str, ...]
    reason: str
    source: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place | None = None

    @property
    def proposed(self) -> bool:
        """True while nobody is on public record with it."""
        return not public_source(self.source)
