"""Defaults of makefiles: what they are worth, and what the files do not tell. GNU make judges the reader at the end."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threatmodel.readers.make import read_makefile
from threatmodel.readers.make_values import Unresolved, Variables


def _read(text: str, *, given: Mapping[str, str] | None = None, **files: str) -> Variables:
    there = {name.replace("_mk", ".mk"): body for name, body in files.items()}
    return read_makefile(
        text, "sub/Makefile", given=given or {}, load=lambda path: there.get(path.removeprefix("sub/"))
    )


def _value(text: str, name: str = "A", *, given: Mapping[str, str] | None = None, **files: str) -> str:
    return _read(text, given=given, **files).value(name, "sub/Makefile", 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A := x\n", "x"),
        ("A=x # why\n", "x "),
        ("A := x \\\n\n", "x "),
        ("A := \\#x\n", "#x"),
        ("A = $(B) c\nB = b\n", "b c"),
        ("A := $(B) c\nB = b\n", " c"),
        ("A ?= x\nA ?= y\n", "x"),
        ("A := x\nA += y\n", "x y"),
        ("A = $B\nA += $(C)\nB = b\nC = c\n", "b c"),
        ("A += x\n", "x"),
        ("A := x\nA += $(B)\nA +=\n", "x"),
        ("B := b\nA := ${B}$$x\n", "b$x"),
        ("A := a \\\n\t b \\\n   c\n", "a b c"),
        ("export A := x\n", "x"),
        ("A := x\nundefine A\n", ""),
        ("override A = x\nA = y\n", "x"),
        ("N := A\n$(N) := x\n", "x"),
        ("define A\none\ntwo\nendef\n", "one\ntwo"),
        ("F = $(if $(findstring un,$1),$(2),no)\nA = $(call F,unset,yes)\n", "yes"),
        ("A = $(filter b c,a b c b)-$(filter-out b,a b c)\n", "b c b-a c"),
        ("A = $(subst a,bb,aca)$(strip  x   y )\n", "bbcbbx y"),
        ("A = $(if ,x)$(if x,(y,)z)\n", "(y,)z"),
        ("A = ${if x,(y,z)}\n", "(y"),
        ("all: A := x\nall:\n\tA := y\n", ""),
        ("all:\n\t@echo\nA := x\n", "x"),
        ("A := x\n$(info A := y)\n$(warning z)\nexport A\n", "x"),
        ("A := a/b?c+d\n", "a/b?c+d"),
        ('A := [\\"x\\", \\"y\\"]\n', '[\\"x\\", \\"y\\"]'),
    ],
)
def test_values(text: str, value: str) -> None:
    assert _value(text).rstrip("\n") == value


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("ifeq (a,a)", True),
        ("ifeq ($(X), x )", True),
        ('ifeq "$(X)" "y"', False),
        ("ifeq 'x' \"$(X)\"", True),
        ("ifneq (,$(X))", True),
        ("ifeq (,$(NOT_SET))", True),
        ("ifdef X", True),
        ("ifdef NOT_SET", False),
        ("ifndef NOT_SET", True),
        ("ifeq ($(if $(X),a,b),a)", True),
        ("ifeq (,$(realpath there.mk))", False),
        ("ifneq (,$(wildcard gone.mk))", False),
    ],
)
def test_conditions_that_the_files_decide(condition: str, held: bool) -> None:
    text = f"X := x\n{condition}\n  A := yes\nelse\n  A := no\nendif\n"
    assert _value(text, there_mk="") == ("yes" if held else "no")


def test_one_of_several_conditions_counts() -> None:
    text = "ifeq ($(ARCH),a)\nA := 1\nelse ifeq ($(ARCH),b)\nA := 2\nelse\nA := 3\nendif\n"
    assert [_value(text, given={"ARCH": arch}) for arch in "abc"] == ["1", "2", "3"]


def test_given_values_win_but_over_an_override() -> None:
    text = "ARCH := here\nA := $(ARCH)\noverride ARCH := there\nB := $(ARCH)\n"
    found = _read(text, given={"ARCH": "given"})
    assert [found.value(name, "", 0) for name in ("A", "B", "ARCH")] == ["given", "there", "there"]


def test_included_files_are_read_where_make_runs() -> None:
    text = "F = $(D)/x.mk\nD = .\ninclude $(F)\n-include gone.mk\nB := $(A)\n"
    assert _value(text, "B", x_mk="include y.mk\n", y_mk="A := y\n") == "y"


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("\nA := $(shell uname)\n", "$(shell …) is not worked out", 2),
        ("B = $(shell uname)\nA = $(B)\n", "$(shell …) is not worked out", 1),
        ("A != uname\n", "a command makes it", 1),
        ("A := $(CURDIR)\n", "CURDIR is set where make runs", 1),
        ("A := $(V:x=y)\n", "$(V:x=y) is not read", 1),
        ("A := $(patsubst %.c,%.o,x.c)\n", "$(patsubst …) is not worked out", 1),
        ("A := x\nifeq ($(shell uname),Linux)\nA := y\nendif\n", "A is set under a condition", 3),
        ("ifdef HOME\nA := y\nendif\n", "A is set under a condition", 2),
        ("ifeq ($(CC),x)\nA := y\nelse\nA := z\nendif\n", "A is set under a condition", 4),
        ("ifeq ($(CC),x)\nA += y\nendif\n", "A is set under a condition", 2),
        ("ifeq odd\nA := y\nendif\n", "A is set under a condition", 2),
        ("A := x\ninclude gone.mk\n", "the included file gone.mk cannot be read", 2),
        ("include $(CC).mk\nA ?= x\n", "the name of an included file is not known: CC", 1),
        ("include gone.mk\nA += x\n", "the included file gone.mk cannot be read", 1),
        ("ifdef HOME\ninclude gone.mk\nendif\n", "the included file gone.mk cannot be read", 2),
        ("A := x\n$(eval A := y)\n", "what the line evaluates may set anything", 2),
        ("A := x\n$(call F,y)\n", "what the line evaluates may set anything", 2),
        ("A := x\n$(CC) := y\n", "the name of a variable is not known", 2),
        ("A := x\n$(error no)\n", "make stops here", 2),
        ("A := x\nifdef B\n", "a condition does not end", 2),
        ("A := x\nendif\n", "endif without a condition", 2),
        ("A := x\ndefine B\ny\n", "a define does not end", 2),
        ("A := x\n$(B)\n", "the line is none that is read", 2),
        ("A := x\nB\n", "the line is none that is read", 2),
        ("A := $(B\n", "a reference does not end", 1),
        ("A = $(A) x\n", "the value is made of too many others", 1),
    ],
)
def test_what_the_files_do_not_tell_is_unresolved(text: str, reason: str, line: int) -> None:
    with pytest.raises(Unresolved) as caught:
        _value(text)
    assert caught.value.reason.startswith(reason)
    assert (caught.value.path, caught.value.line) == ("sub/Makefile", line)


def test_what_is_set_after_an_unknown_place_is_known() -> None:
    assert _value("include gone.mk\nA := x\n") == "x"
    assert _value("ifdef HOME\nA := y\nendif\nA := x\n") == "x"
    assert _value("A := x\nifdef HOME\nA := x\nA ?= y\nendif\n") == "x"


@pytest.mark.parametrize(
    "line", ["else", "endif", "no line of make", "$(error no)", "ifdef X\nelse\nelse\nendif"]
)
def test_where_make_stops_nothing_has_a_value(line: str) -> None:
    with pytest.raises(Unresolved):
        _value(f"{line}\nA := x\n")
    assert _value(f"ifdef NOT_SET\n{line}\nendif\nA := x\n" if "$" in line else "A := x\n") == "x"


def test_what_is_not_taken_changes_nothing() -> None:
    text = "A := x\nifdef NOT_SET\nA := y\ninclude gone.mk\n$(error no)\nifdef HOME\nA := z\nendif\nendif\n"
    assert _value(text) == "x"


@pytest.mark.parametrize(
    "text",
    [
        "A0 := x\n" + "".join(f"A{i + 1} = $(A{i})$(A{i})\n" for i in range(40)) + "A = $(A40)\n",
        "".join(f"A{i + 1} = $(A{i})$(A{i})\n" for i in range(40)) + "A = $(A40)\n",
        "A := " + "$(" * 5000 + "x" + ")" * 5000 + "\n",
        "A := " + "$(if x," * 5000 + "x" + ")" * 5000 + "\n",
        "F = $(call F,$1$1)\nA = $(call F,x)\n",
        "B := " + "x" * 16_000 + "\nA := $(B)$(B)\n",
        "A := $(subst x,yyyy," + "x" * 16_000 + ")\n",
        "include Makefile\n",
        "ifdef X\n" * 100 + "endif\n" * 100 + "A := $(CC)\n",
    ],
)
def test_hostile_files_are_unresolved(text: str) -> None:
    with pytest.raises(Unresolved):
        _read(text, Makefile=text).value("A", "", 0)


def test_many_costly_lines_end() -> None:
    text = "".join(f"A{i + 1} = $(A{i})$(A{i})\n" for i in range(15)) + "B := $(A15)\n" * 2000
    with pytest.raises(Unresolved):
        _value(text, "B")
    assert _read("\n" * 50_001).stopped is not None


_LINES = st.sampled_from(
    [
        "A := a", "A = $(B)b", "B := $(A)$(C)", "C ?= c$(B)", "A += d", "A +=", "B += $(C)", "C = $(A)", "undefine B",
        "ifeq ($(A),a)", "ifneq (,$(B))", "ifdef C", "else", "else ifeq ($(C),c)", "endif", "override A := o",
        "B := $(if $(A),$(subst a,xy,$(A)),n)", "define C", "endef", "C := $(findstring b,$(B))",
        "A:=$(filter a b,$(A) c)", "C = ${if $(A),(y,z)}", "C=$(if $A,(y,z))", "all:\n\tA := tab", "A := x \\", "all:",
    ]
)  # fmt: skip


@pytest.mark.tools
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
@settings(max_examples=150, deadline=None)
@given(lines=st.lists(_LINES, max_size=14))
def test_values_are_those_of_make(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    text = "\n".join(lines) + "\n\n"
    found = _read(text)
    known: dict[str, str] = {}
    for name in "ABC":
        try:
            known[name] = found.value(name, "", 0)
        except Unresolved:
            continue
    folder: Path = tmp_path_factory.mktemp("make")
    shown = "".join(f"$(info {name}=<$({name})>)\n" for name in known)
    (folder / "Makefile").write_text(f"{text}{shown}zz:\n")
    words = ["make", "--no-print-directory", "--silent", "--file", "Makefile", "zz"]
    done = subprocess.run(
        words, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=30
    )
    if done.returncode == 0:
        assert done.stdout == "".join(f"{name}=<{value}>\n" for name, value in known.items())
    elif "recursive" not in done.stderr.lower():
        assert known == {}
