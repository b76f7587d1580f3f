from __future__ import annotations

import pytest

from collateral.sides import Side, open_sides
from tests.collateral.support import INIT, TOML, write_files

GATE = """
[gate]
threshold = "p3"
[gate.levels]
new-finding = "block"
model-not-followed = "block"
[[gate.boundary-paths]]
name = "service"
paths = ["app/*.py"]
elements = ["service"]
"""
FLOW = '    Flow("T3", service, client'
OPEN_DOOR = '    Flow("T9", client, store, "Direct", protocol="SQL", traits=["control-api", "remote"], data=[NOTES])\n'
MORE = INIT.replace(FLOW, OPEN_DOOR + FLOW)


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    """The tiny model with a gate, and the same with one more flow across a boundary."""
    folder = tmp_path_factory.mktemp("sides")
    for name, init in (("base", INIT), ("head", MORE)):
        write_files(folder / name / "model", {"__init__.py": init, "threatmodel.toml": TOML + GATE})
    with open_sides("base", "head", "model", folder) as pair:
        return pair
