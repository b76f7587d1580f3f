"""Options of kernel configurations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.kconfig import kernel_options


def test_settings_of_each_kind() -> None:
    text = (
        '# CONFIG_A is not set\nCONFIG_B=y\n CONFIG_C=m\nCONFIG_D="a \\"b\\""\n'
        'CONFIG_E=0x1F\nCONFIG_F=-3\n\n# note\nCONFIG_G=""\n'
    )
    found = kernel_options(text)
    assert {name: (option.value, option.line) for name, option in found.options.items()} == {
        "A": ("n", 1), "B": ("y", 2), "C": ("m", 3), "D": ('a "b"', 4), "E": ("0x1F", 5), "F": ("-3", 6), "G": ("", 9),
    }  # fmt: skip
    assert found.unread == ()


def test_the_last_setting_wins() -> None:
    found = kernel_options("CONFIG_A=y\n# CONFIG_A is not set\nCONFIG_B=n\nCONFIG_B=y\n")
    assert {name: option.value for name, option in found.options.items()} == {"A": "n", "B": "y"}


@pytest.mark.parametrize(
    "line",
    ["CONFIG_A", "CONFIG_A=yes", "A=y", 'CONFIG_A="open', "CONFIG_A = y", "CONFIG_A=y # why", "CONFIG_A="],
)
def test_other_lines_are_unread_and_end_what_stood_before(line: str) -> None:
    found = kernel_options(f"CONFIG_B=y\n{line}\n")
    assert (list(found.options), found.unread) == (["B"], (2,))
    assert "A" not in kernel_options(f"CONFIG_A=y\n{line}\n").options or "CONFIG_A=" not in line


def test_a_comment_on_an_option_is_no_setting() -> None:
    assert kernel_options("# CONFIG_A=y\n# CONFIG_B is not set here\n#CONFIG_C\n").options == {}


@given(st.text('CONFIG_AB=ymn"\\# isnotset\n', max_size=120))
def test_any_text_is_read(text: str) -> None:
    found = kernel_options(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.unread)
