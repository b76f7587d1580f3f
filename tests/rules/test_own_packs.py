"""Packs of a model's own: folders below it, and installed packages that the manifest names with their version."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import threatmodel.rules.own as own
from collateral.own_packs import packs_of
from threatmodel.core.errors import InvalidInput
from threatmodel.load import read_manifest
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.rules.language import ConditionError, compile_condition

VOCABULARY = load_vocabulary()
SHIPPED = Path(own.__file__).parent / "packs/ipc/IPC-001.yaml"


def model(tmp_path: Path, packs: str, **rules: str) -> Path:
    """A model with a folder `rules` of rule files made of a shipped one."""
    folder = tmp_path / "model"
    (folder / "rules").mkdir(parents=True)
    (folder / "threatmodel.toml").write_text(f'[project]\nid = "m"\n{packs}')
    for name, text in rules.items():
        (folder / "rules" / f"{name}.yaml").write_text(text)
    return folder


def rule(id_: str) -> str:
    return SHIPPED.read_text("utf-8").replace("IPC-001", id_)


def loaded(folder: Path) -> list[str]:
    manifest = read_manifest(folder, "model")
    found = packs_of(manifest, folder, "model")
    place = manifest.place("packs", "enabled")
    return [item.id for item in load_packs(manifest.packs, VOCABULARY, place, found) if item.pack != "core"]


def problems(folder: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        loaded(folder)
    return [found.render() for found in caught.value.diagnostics]


OWN = '[packs]\nenabled = ["core", "mine"]\n[packs.folders]\nmine = "rules"\n'


def test_a_folder_of_the_model(tmp_path: Path) -> None:
    assert loaded(model(tmp_path, OWN, **{"MINE-1": rule("MINE-1"), "MINE-2": rule("MINE-2")})) == [
        "MINE-1",
        "MINE-2",
    ]


def test_a_folder_that_is_not_enabled_is_not_read(tmp_path: Path) -> None:
    folder = model(tmp_path, OWN.replace(', "mine"', ""), **{"MINE-1": "not: a rule"})
    assert loaded(folder) == []


def test_a_problem_has_the_place_of_the_file(tmp_path: Path) -> None:
    bad = rule("MINE-1").replace("stride: spoofing", "stride: spoof")
    (found,) = problems(model(tmp_path, OWN, **{"MINE-1": bad}))
    assert found.startswith('model/rules/MINE-1.yaml:3  R006  "stride" cannot be "spoof"')


def test_an_id_of_a_shipped_rule_is_taken(tmp_path: Path) -> None:
    shipped = (SHIPPED.parents[1] / "core/CORE-001.yaml").read_text("utf-8")
    (found,) = problems(model(tmp_path, OWN, **{"CORE-001": shipped}))
    assert 'R002  rule "CORE-001" stands twice' in found


@pytest.mark.parametrize(
    ("packs", "expected"),
    [
        (
            '[packs]\nenabled = ["min"]\n[packs.folders]\nmine = "rules"\n',
            'model/threatmodel.toml:4  R001  no rule pack "min"',
        ),
        (
            '[packs.folders]\nipc = "rules"\n',
            'model/threatmodel.toml:4  R002  the toolkit ships a pack "ipc"',
        ),
        (
            OWN.replace('"rules"', '"nothing"'),
            'model/threatmodel.toml:6  R015  pack "mine": model/nothing cannot be read',
        ),
        (OWN.replace('"rules"', '".."'), 'R015  pack "mine": .. is not a folder of the model'),
        (OWN.replace('"rules"', '"../model"'), 'R015  pack "mine": ../model is not a folder of the model'),
        (OWN.replace('"rules"', '"/etc"'), 'R015  pack "mine": /etc is not a folder of the model'),
        (OWN, 'R015  pack "mine": model/rules has no rule file'),
        (OWN.replace("mine = ", "Mine = "), '"Mine" cannot name a pack'),
        (OWN.replace('"rules"', "7"), '"mine" must be text'),
        ('[packs]\nfolder = "rules"\n', 'unknown key "folder"'),
        ('[packs]\nfolders = "rules"\n', "[packs.folders] must be a table"),
        (OWN + '[packs.installed]\nmine = "1.0"\n', 'pack "mine" is a folder too'),
        (
            '[packs]\nenabled = ["acme"]\n[packs.installed]\nacme = "1.0"\n',
            'R016  pack "acme": no installed package has it',
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, packs: str, expected: str) -> None:
    assert any(expected in found for found in problems(model(tmp_path, packs)))


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    folder = model(tmp_path, OWN)
    (tmp_path / "elsewhere.yaml").write_text(rule("MINE-1"))
    (folder / "rules/MINE-1.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert "is a link or no file" in problems(folder)[0]
    shutil.rmtree(folder / "rules")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/MINE-1.yaml").write_text(rule("MINE-1"))
    (folder / "rules").symlink_to(tmp_path / "out")
    assert "is not a folder of the model" in problems(folder)[0]
    (folder / "rules").unlink()
    (folder / "inside").mkdir()
    (folder / "inside/MINE-1.yaml").write_text(rule("MINE-1"))
    (folder / "rules").symlink_to(folder / "inside")
    assert "is not a folder of the model" in problems(folder)[0]


def test_too_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = model(tmp_path, OWN, **{"MINE-1": rule("MINE-1"), "MINE-2": "#" * (own.MAX_BYTES + 1)})
    assert "MINE-2.yaml has more than 64 KiB" in problems(folder)[0]
    monkeypatch.setattr(own, "MAX_FILES", 1)
    assert "has 2 rule files, at most 1 are read" in problems(folder)[0]


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.0") -> None:
    """A package with rules that raises where it is imported."""
    site = tmp_path / "site"
    (site / "acme_rules").mkdir(parents=True)
    (site / "acme_rules/__init__.py").write_text("raise RuntimeError('imported')")
    (site / "acme_rules/ACME-1.yaml").write_text(rule("ACME-1"))
    info = site / f"acme-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[threatmodel.packs]\nacme = acme_rules\n")
    monkeypatch.syspath_prepend(str(site))


ACME = '[packs]\nenabled = ["acme"]\n[packs.installed]\nacme = "1.0"\n'


def test_an_installed_package_is_read_and_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch)
    assert loaded(model(tmp_path, ACME)) == ["ACME-1"]
    assert "acme_rules" not in sys.modules


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, "1.1")
    assert 'R016  pack "acme": acme 1.1 is installed, not 1.0' in problems(model(tmp_path, ACME))[0]


def test_what_is_installed_and_not_named_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch)
    assert loaded(model(tmp_path, "")) == []
    assert 'R001  no rule pack "acme"' in problems(model(tmp_path / "b", '[packs]\nenabled = ["acme"]\n'))[0]


def test_lists_inside_lists_have_an_end() -> None:
    def nested(depth: int) -> str:
        text = "controls(f0.source)"
        for number in range(depth):
            over = "element" if number == depth - 1 else f"f{number + 1}.target"
            text = f"any({text} for f{number} in inbound({over}))"
        return text

    assert compile_condition(nested(3), "element", "bool", VOCABULARY).type == "bool"
    with pytest.raises(ConditionError, match="at most 3 deep"):
        compile_condition(nested(4), "element", "bool", VOCABULARY)
