"""The options of the shipped configurations are those of their templates, as the Makefile fills them."""

from __future__ import annotations

import pytest

from collateral.deployed import load_keys
from collateral.deployed.shipped import ShippedConfiguration, check_shipped
from tests.models.outside import ROOT, load
from tests.models.weaken import edited
from threatmodel.claims.check import Tree
from threatmodel.source.tree import SourceTree

pytestmark = pytest.mark.slow

DECIDED = 870
"""Options that keys of the templates stand for, in all configurations together, at least."""


def checked(tree: Tree) -> tuple[ShippedConfiguration, ...]:
    project = load("kata").project
    keys = load_keys(ROOT / "models/kata", project)
    assert keys is not None
    return check_shipped(project, keys, tree)


def test_every_option_that_a_key_stands_for_is_the_template_s(source: SourceTree) -> None:
    found = checked(source)
    assert len(found) == 29
    assert [item.unread for item in found if item.unread] == []
    rows = [(item.name, row) for item in found for row in item.options]
    assert [(name, row.option, row.value, row.shipped) for name, row in rows if row.state != "same"] == []
    assert len(rows) >= DECIDED


def test_a_default_of_the_makefile_that_changes_is_seen(source: SourceTree) -> None:
    old, new = "DEFDISABLESELINUX := false\n", "DEFDISABLESELINUX := true\n"
    found = checked(edited(source, [("src/runtime/Makefile", old, new)]))
    differing = {row.option for item in found for row in item.options if row.state == "differs"}
    assert differing == {"vmm_selinux"}
