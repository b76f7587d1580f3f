"""Keys of templates with what a makefile puts into them."""

from __future__ import annotations

import pytest

from tests.extract.support import MemoryTree
from threatmodel.extract import Extract, Spec, compare, extract

SPEC = Spec(
    kind="toml-keys",
    paths=("c/*.toml.in",),
    without=("hypervisor",),
    makefile="c/Makefile",
    given=("ARCH=x86_64",),
)
MAKEFILE = """\
include common.mk
FS := virtio-fs
LIST := [\\"a\\", \\"b\\"]
FAST = $(SLOW)
KIND := kata
ifeq ($(ARCH),x86_64)
  MACHINE = q35
else
  MACHINE = virt
endif
PROBED := $(shell uname -m)
"""
COMMON = "SLOW = true\nSIZE := 7\n"
TEMPLATE = """\
[hypervisor.q]
fs = "@FS@"
list = @LIST@
fast = @FAST@
machine = "@MACHINE@"
plain = 1
both = "@FS@-@MACHINE@"
probed = "@PROBED@"
# size = @SIZE@
[agent.@KIND@]
size = @SIZE@
"""


def told(
    template: str = TEMPLATE, makefile: str = MAKEFILE, common: str = COMMON, spec: Spec = SPEC
) -> Extract:
    files = {"c/a.toml.in": template, "c/Makefile": makefile, "c/common.mk": common}
    return extract(MemoryTree({path: text.encode() for path, text in files.items()}), spec)


def shown(found: Extract) -> dict[str, str]:
    return {fact.name: fact.shown for fact in found.facts}


def test_values_and_the_variables_that_make_them() -> None:
    found = shown(told())
    probed = found.pop("hypervisor.probed")
    assert found == {
        "agent.@KIND@.size": "@SIZE@ = 7",
        "hypervisor.both": '@FS@, @MACHINE@ = "virtio-fs-q35"',
        "hypervisor.fast": "@FAST@ = true",
        "hypervisor.fs": '@FS@ = "virtio-fs"',
        "hypervisor.list": '@LIST@ = ["a", "b"]',
        "hypervisor.machine": '@MACHINE@ = "q35"',
        "hypervisor.plain": "1",
        "hypervisor.size": "commented out: @SIZE@ = 7",
    }
    assert probed.startswith("set at build time by PROBED, not known: ")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("SLOW = true", "SLOW = false", ["hypervisor.fast"]),
        ("SIZE := 7", "SIZE := 8", ["agent.@KIND@.size", "hypervisor.size"]),
        ("SIZE := 7", "# why\nSIZE = $(N)\nN = 7", []),
    ],
)
def test_a_default_that_changes_in_a_makefile_is_a_change(old: str, new: str, changed: list[str]) -> None:
    found = compare(told(), told(common=COMMON.replace(old, new)))
    assert [change.name for change in found.changes] == changed
    assert all(change.state == "changed" for change in found.changes)


def test_another_variable_with_the_same_value_is_no_change() -> None:
    makefile = MAKEFILE.replace("FAST = $(SLOW)", "FAST = $(SLOW)\nQUICK = true")
    found = compare(told(), told(TEMPLATE.replace("@FAST@", "@QUICK@"), makefile))
    assert found.changes == ()
    assert compare(told(), told(TEMPLATE.replace("@FAST@", "true"))).changes == ()


def test_without_a_makefile_the_variable_is_told() -> None:
    spec = Spec(kind="toml-keys", paths=("c/*.toml.in",), without=("hypervisor",))
    assert shown(told(spec=spec))["hypervisor.fast"] == "set at build time by FAST"


def test_a_filled_template_that_is_no_toml_is_not_guessed() -> None:
    found = shown(told(makefile=MAKEFILE.replace("SLOW", "NOTHING")))
    assert found["hypervisor.fast"].startswith("set at build time by FAST, not known: ")
    assert found["hypervisor.plain"] == "1"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"c/Makefile": None}, "there is no such file"),
        ({"c/Makefile": b"\0"}, "NUL"),
        ({"c/common.mk": b"\xff"}, "not UTF-8"),
    ],
)
def test_a_makefile_that_cannot_be_read_is_told(files: dict[str, bytes | None], reason: str) -> None:
    tree = {"c/a.toml.in": TEMPLATE.encode(), "c/Makefile": MAKEFILE.encode(), "c/common.mk": COMMON.encode()}
    found = extract(MemoryTree({p: d for p, d in {**tree, **files}.items() if d is not None}), SPEC)
    assert found.facts == ()
    assert any(reason in item.reason for item in found.unread)
    assert any("cannot be read, in which its names are looked up" in item.reason for item in found.unread)
