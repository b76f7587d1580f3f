"""Weaknesses are related by the tree of the CWE list, near and not through what is general."""

from __future__ import annotations

import pytest

from collateral.weaknesses import relation


@pytest.mark.parametrize(
    ("found", "named", "said"),
    [
        ("CWE-22", "CWE-22", "CWE-22"),
        ("CWE-23", "CWE-22", "CWE-23, a kind of CWE-22,"),
        ("CWE-78", "CWE-77", "CWE-78, a kind of CWE-77,"),
        ("CWE-22", "CWE-23", "CWE-22, of which CWE-23 is a kind,"),
        ("CWE-119", "CWE-787", ""),  # the more general one is a class
        ("CWE-787", "CWE-119", "CWE-787, a kind of CWE-119,"),
        ("CWE-787", "CWE-664", ""),  # a pillar
        ("CWE-78", "CWE-707", ""),  # a pillar
        ("CWE-22", "CWE-79", ""),
        ("CWE-99999", "CWE-22", ""),
        ("CWE-22", "CWE-99999", ""),
        ("CWE-99999", "CWE-99999", "CWE-99999"),
    ],
)
def test_relation(found: str, named: str, said: str) -> None:
    assert relation(found, named) == said
