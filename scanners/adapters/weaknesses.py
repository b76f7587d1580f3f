"""What rules of tools stand for where the tool's report does not say it: weaknesses and severities, from tables."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from scanners.finding import Severity

_OTHERS = "*"
"""The row of a tool for all rules that have none."""


def weakness(tool: str, rule: str) -> int | None:
    """The number of the weakness (CWE) of a tool's rule; None where `weaknesses.yaml` has none."""
    rows: dict[str, int] = _table("weaknesses.yaml")[tool]
    return rows.get(rule, rows.get(_OTHERS))


def severity(tool: str, rule: str) -> Severity:
    """The severity of a tool's rule, or of what the tool calls a severity, from `severities.yaml`."""
    rows: dict[str, Severity] = _table("severities.yaml")[tool]
    return rows.get(rule, rows[_OTHERS])


@cache
def _table(name: str) -> dict[str, dict[str, Any]]:
    data = resources.files(__package__).joinpath(name).read_bytes()
    table: dict[str, dict[str, Any]] = yaml.safe_load(data)
    return table
