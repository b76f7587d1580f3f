"""Ways that no named configuration has are judged in the nearest one that would have them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from collateral.report.inventories import storage_view
from collateral.storage import Wider, beyond, exposures, read_storage, widen
from collateral.storage.files import storage_file
from collateral.storage.text import storage_markdown, storage_text
from tests.collateral.support import INIT, TOML, load_tiny
from tests.storage.test_reader import GOOD
from threatmodel.analysis import analyse
from threatmodel.core.errors import InvalidInput
from threatmodel.load import broken_combinations, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import Configuration, Project

pytestmark = pytest.mark.slow

DAY = datetime.date(2026, 3, 1)
SHIPPED = TOML[: TOML.index("[configurations.bare]")]
"""No configuration has auth = none."""
RULED = INIT.replace("from threatmodel.dsl import (", "from threatmodel.dsl import (\n    rule,").replace(
    '    auth: Literal["token", "none"] = "token"\n',
    '    auth: Literal["token", "none"] = "token"\n    net: Literal["near", "far"] = "near"\n\n'
    '    @rule("auth=none needs net=near")\n    def _near(self) -> bool:\n'
    '        return self.auth == "token" or self.net == "near"\n',
)


class Model:
    """The tiny model in a folder."""

    def __init__(self, folder: Path, init: str = RULED, toml: str = SHIPPED) -> None:
        self.folder = folder
        self.project = load_tiny(folder, init=init, toml=toml).project

    def broken(self, combinations: Sequence[Mapping[str, str]]) -> Sequence[Sequence[str]]:
        return broken_combinations(self.folder, "model", combinations)

    def load(self, extra: Sequence[Configuration]) -> Project:
        return load_model(self.folder, "model", load_vocabulary(), extra=extra).project

    def widen(self, text: str = GOOD) -> Wider:
        needs = read_storage(text.encode(), "s.yaml", self.project)
        return widen(needs, self.project, broken=self.broken, load=self.load)


@pytest.fixture(name="model", scope="module")
def _model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(tmp_path_factory.mktemp("model"))


def test_the_fewest_changes_are_made(model: Model) -> None:
    wider = model.widen()
    assert (wider.names, wider.chosen) == (("guarded+auth=none",), {"memory": "guarded+auth=none"})
    assert wider.project.systems[0].configuration.options == {"auth": "none", "net": "near"}


@pytest.mark.parametrize(
    ("when", "chosen"),
    [
        ("{ auth: [none], net: [far, near] }", "guarded+auth=none"),  # far is refused by the rule
        ("{ auth: [none], net: [far] }", None),
        ("{ net: [far] }", "guarded+net=far"),
        ("{ auth: [none, token], net: [far] }", "guarded+net=far"),
    ],
)
def test_rules_of_the_model_decide(model: Model, when: str, chosen: str | None) -> None:
    assert model.widen(GOOD.replace("{ auth: [none] }", when)).chosen.get("memory") == chosen


def test_nothing_is_built_where_each_way_is_there(tmp_path: Path) -> None:
    model = Model(tmp_path, toml=TOML)
    needs = read_storage(GOOD.encode(), "s.yaml", model.project)

    def load(_: Sequence[Configuration]) -> Project:
        raise AssertionError("nothing has to be loaded")

    assert widen(needs, model.project, broken=model.broken, load=load).names == ()


def test_a_name_that_is_nowhere_has_its_line(model: Model) -> None:
    with pytest.raises(InvalidInput) as caught:
        model.widen(GOOD.replace("exposure: [T3]", "exposure: [T3, T9]"))
    assert [d.render() for d in caught.value.diagnostics] == [
        's.yaml:16  D043  exposure: the model has no "T9" where memory is'
    ]


def test_what_such_a_way_brings_is_marked(model: Model) -> None:
    needs = read_storage(GOOD.encode(), "s.yaml", model.project)
    rules = load_packs((), load_vocabulary())
    wider = model.widen()
    found = beyond(needs, wider, analyse(wider.project, rules, None, as_of=DAY))
    (shown,) = (item.configurations[0] for item in found)
    assert (found[0].way.id, shown.configuration, shown.named) == ("memory", "guarded+auth=none", False)
    assert shown.flows == ("T3",)
    file = storage_file(needs, model.project, analyse(model.project, rules, None, as_of=DAY), found)
    rows = {item.way.id: item for item in file.ways}
    assert rows["memory"].configurations == (shown,)
    assert rows["disk"].configurations[0].named
    assert (rows["cloud"].configurations, rows["cloud"].nowhere) == ((), "the model does not have it")
    for text in (storage_text(file, "guarded"), storage_markdown(file, "guarded")):
        assert "guarded+auth=none" in text.replace("\\", "")
        assert "A configuration with + is not named by the model" in text
    view = storage_view(file, "guarded")
    assert view is not None
    assert view["changed"]
    assert {way["id"]: (way["configuration"], way["named"]) for way in view["ways"]} == {
        "disk": ("guarded", True),
        "cloud": ("", True),
        "memory": ("guarded+auth=none", False),
    }


def test_without_it_nothing_is_known(model: Model) -> None:
    needs = read_storage(GOOD.encode(), "s.yaml", model.project)
    rows = {item.way.id: item.nowhere for item in exposures(needs, model.project, ())}
    assert rows == {
        "disk": "",
        "cloud": "the model does not have it",
        "memory": "no configuration can have it",
    }
