"""Which claims are checked at which tag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from collateral.advisories import read_advisories
from collateral.backtest.flips import tags
from tests.backtest.support import GOOD
from tests.collateral.support import load_tiny


def test_a_tag_gets_the_controls_at_the_places_of_its_advisories(tmp_path: Path) -> None:
    project = load_tiny(tmp_path / "model").project
    first, second = read_advisories(GOOD.encode(), "a.yaml", project)
    elsewhere = replace(second, last_affected="1.0", first_fixed="2.0")
    found = tags((first, elsewhere), project)
    assert list(found) == ["0.9", "1.0", "2.0"]
    assert "caller-tokens" in {control.id for control in found["0.9"].controls}
    assert found["0.9"].controls == found["1.0"].controls
    assert "caller-tokens" not in {control.id for control in found["2.0"].controls}
    assert found["2.0"].systems == project.systems
    assert tags((replace(first, last_affected="", first_fixed=""), second), project) == {}
