"""Weaknesses that rules of tools stand for, where the tool's report names none: `weaknesses.yaml`."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml


def weakness(tool: str, rule: str) -> int | None:
    """The number of the weakness (CWE) of a tool's rule; None where the table has none."""
    return _table()[tool].get(rule)


@cache
def _table() -> dict[str, dict[str, int]]:
    data = resources.files(__package__).joinpath("weaknesses.yaml").read_bytes()
    table: dict[str, dict[str, int]] = yaml.safe_load(data)
    return table
