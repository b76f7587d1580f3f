"""What a threat is in its configurations, those of one status and risk together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def cases(by_configuration: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """The names of configurations by status and risk, in the order of the view."""
    groups: dict[tuple[str, str], list[str]] = {}
    for case in by_configuration:
        groups.setdefault((case["status"], case["risk"]), []).append(case["name"])
    return groups
