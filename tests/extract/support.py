"""A source tree in memory, and what one file of it tells."""

from __future__ import annotations

from dataclasses import dataclass

from threatmodel.extract import Extract, Spec, extract


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """Paths to bytes."""

    files: dict[str, bytes]

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        return self.files[path]


def tell(spec: Spec, text: str | bytes, path: str) -> Extract:
    """What one file tells; `spec` has any paths."""
    data = text.encode() if isinstance(text, str) else text
    return extract(MemoryTree({path: data}), spec)


def pairs(found: Extract) -> list[tuple[str, str]]:
    """Names and details, where everything was read."""
    assert not found.unread, found.unread
    return [(fact.name, fact.detail) for fact in found.facts]
