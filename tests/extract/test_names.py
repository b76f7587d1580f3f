"""Names that code uses, and constants by name."""

from __future__ import annotations

import pytest

from tests.extract.support import pairs, tell
from threatmodel.extract import Spec

CALLS = Spec(kind="names", paths=("**",), pattern=r"libc::SYS_\w+|Action::\w+|unix\.SYS_\w+")
FILTER = """
pub fn rules() -> Vec<(i64, Vec<Rule>)> {
    vec![
        (libc::SYS_read, vec![]),
        // (libc::SYS_kill, vec![]),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, vec![]), // (libc::SYS_tkill, vec![])
        (libc::SYS_ioctl, vec![rule(1), rule(2)]),
    ]
}
#[cfg(feature = "strict")]
fn filter() -> F { Filter::new(rules(), some::Action::Trap, Action::Allow) }
fn other() { let x = libc::SYS_write; "libc::SYS_text"; }
#[cfg(test)]
mod tests { fn t() { libc::SYS_test; } }
"""


def test_names_with_what_is_around_them() -> None:
    assert pairs(tell(CALLS, FILTER, "a.rs")) == [
        ("Action::Allow", 'argument 3 of Filter::new, if feature = "strict"'),
        ("Action::Trap", 'argument 2 of Filter::new, if feature = "strict"'),
        ("libc::SYS_ioctl", "with vec![rule(1), rule(2)]"),
        ("libc::SYS_open", 'with vec![], if target_arch = "x86_64"'),
        ("libc::SYS_read", "with vec![]"),
        ("libc::SYS_write", ""),
    ]
    go = "package p\nvar x = []int{unix.SYS_READ, other.SYS_WRITE} // unix.SYS_KILL\n"
    assert pairs(tell(CALLS, go, "a.go")) == [("unix.SYS_READ", "")]
    assert pairs(tell(CALLS, "fn f() { libc::read; SYS_read; x::SYS_read }", "a.rs")) == []


def test_a_filter_that_widens_differs() -> None:
    def said(text: str) -> dict[str, str]:
        return dict(pairs(tell(CALLS, text, "a.rs")))

    before = said(FILTER)
    assert (
        said(FILTER.replace("vec![rule(1), rule(2)]", "vec![]"))["libc::SYS_ioctl"]
        != before["libc::SYS_ioctl"]
    )
    swapped = said(FILTER.replace("some::Action::Trap, Action::Allow", "Action::Allow, Action::Trap"))
    assert swapped["Action::Trap"] != before["Action::Trap"]
    bare = said(FILTER.replace('#[cfg(target_arch = "x86_64")]\n', ""))
    assert bare["libc::SYS_open"] == "with vec![]"


VALUES = Spec(kind="values", paths=("**",), pattern=r"\w*PORT|port\w*")


def test_values_of_constants() -> None:
    rust = """
const A_PORT: u16 = 1024;
pub static B_PORT: &str = "10\\
    25";
const C_PORT: u32 = A_PORT + 1; // 7
#[cfg(x)]
const D_PORT: u8 = 1;
#[cfg(not(x))]
const D_PORT: u8 = 2;
const OTHER: u8 = 3;
#[cfg(test)]
mod tests { const T_PORT: u8 = 4; }
impl X { const E_PORT: u8 = 5; }
"""
    assert pairs(tell(VALUES, rust, "a.rs")) == [
        ("A_PORT", "1024"),
        ("B_PORT", '"1025"'),
        ("C_PORT", "A_PORT + 1"),
        ("D_PORT", "1, if x; 2, if not(x)"),
        ("E_PORT", "5"),
    ]
    go = 'package p\nconst (\n\tport = 1 << 2\n\tportA, portB = "a", `b`\n\tportC\n)\nvar portD = 1\n'
    assert pairs(tell(VALUES, go, "a.go")) == [("port", "1 << 2"), ("portA", '"a"'), ("portB", '"b"')]


@pytest.mark.parametrize("text", ["const PORTS: u8 = 1;", "// const A_PORT: u8 = 1;", 'fn f() { "A_PORT" }'])
def test_quiet(text: str) -> None:
    assert pairs(tell(VALUES, text, "a.rs")) == []


def test_a_pattern_with_an_anchor_counts_too() -> None:
    spec = Spec(kind="values", paths=("**",), pattern=r"^A$")
    assert pairs(tell(spec, "const A: u8 = 1;", "a.rs")) == [("A", "1")]
