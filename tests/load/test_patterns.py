"""What is wrong with a pattern of a claim, found the short way."""

from __future__ import annotations

import pytest
import re2

from threatmodel.load.validate import _not_re2


@pytest.mark.parametrize(
    "pattern",
    [
        "plain",
        "(?s)a.{0,999}b",
        "[^x]{1000}",
        "((a{30}){30}){30}",
        r"\pL{900}",
        r"\pL{500}\PL{500}",
        r"(?i)\W{900}",
        "é{900}",
        "(unclosed",
        "a{1001}",
        "(?=ahead)",
        r"\1",
        "[[:^alpha:]]{999}" * 20,
        "(?s)" + ".{999}" * 40,
    ],
)
def test_a_pattern_is_refused_where_re2_refuses_it(pattern: str) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
        refused = False
    except re2.error:
        refused = True
    assert bool(_not_re2(pattern)) is refused
