"""A threat in its configurations: each one is told, by its name or in a number beside the names of all others."""

from __future__ import annotations

from typing import Any

import pytest

from collateral.report.pdf.prepare import prepare
from collateral.report.site.derive import derived
from tests.report.pdf_view import make_view, threat
from tests.report.site_view import small_view


def case(name: str, status: str = "open", risk: str = "high") -> dict[str, str]:
    return {"name": name, "status": status, "risk": risk}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([case("a")], [("open", "a")]),
        ([case("a"), case("b")], [("open", "a, b")]),
        ([case(str(n)) for n in range(5)], [("open", "in all 5 configurations that have it")]),
        (
            [*(case(str(n)) for n in range(5)), case("x", "mitigated", "low")],
            [("open", "in 5 others"), ("mitigated", "x")],
        ),
        ([case("a"), case("x", "mitigated", "low"), case("b")], [("open", "a, b"), ("mitigated", "x")]),
    ],
)
def test_the_page_tells_every_configuration(rows: list[dict[str, str]], told: list[tuple[str, str]]) -> None:
    view = small_view()
    view["threats"][0]["by_configuration"] = rows
    found: list[dict[str, Any]] = derived(view)["cases"][view["threats"][0]["id"]]
    assert [(row["status"], row["names"]) for row in found] == told


def test_the_document_tells_where_it_is_otherwise() -> None:
    rows = [case("default", "unverified"), case("a"), case("b", "unverified"), case("c")]
    page = prepare(make_view(threats=[threat(by_configuration=rows)]), range(0x110000), ())
    assert page["threats"][0]["elsewhere"] == [{"status": "open", "risk": "high", "names": ["a", "c"]}]
