"""Types that implement something, what they answer to, and whether they are registered."""

from __future__ import annotations

import pytest

from tests.extract.support import MemoryTree, pairs, tell
from threatmodel.extract import Extract, Spec, compare, extract

DEVICES = Spec(kind="implementations", paths=("**",), implements=("Device", "Params"))


def test_types() -> None:
    rust = """
impl<AS, Q> Device<AS, Q> for net::Net<AS> { fn x() {} }
#[cfg(feature = "fs")]
mod fs { impl super::Device for Fs {} }
impl Device { }
impl Other for Blk {}
// impl Device for Comment {}
#[cfg(test)]
mod tests { impl Device for Fake {} }
"""
    assert pairs(tell(DEVICES, rust, "src/virtio/all.rs")) == [
        ("Fs", 'Device in virtio/all, if feature = "fs"'),
        ("Net", "Device in virtio/all"),
    ]
    go = """package p
func (d *Blk) Params(c *Config) []string { return nil }
func (d Net) Params(c Config) []string { return nil }
func (d Net) Valid() bool { return true }
func Params() {}
"""
    assert pairs(tell(DEVICES, go, "q/qemu.go")) == [("Blk", "Params in q/qemu"), ("Net", "Params in q/qemu")]
    assert pairs(tell(DEVICES, "struct X; impl Other for X {}", "a.rs")) == []


def test_a_pattern_of_names_of_types() -> None:
    spec = Spec(kind="implementations", paths=("**",), implements=("Device",), pattern=".*Disk")
    text = "impl Device for FastDisk {} impl Device for Memory {}"
    assert pairs(tell(spec, text, "a.rs")) == [("FastDisk", "Device in a")]


def test_types_of_one_name_in_two_files() -> None:
    text = b"impl Device for Net {}"
    both = extract(MemoryTree({"a/net.rs": text, "b/net.rs": text}), DEVICES)
    one = extract(MemoryTree({"a/net.rs": text, "b/net.rs": b"fn x() {}"}), DEVICES)
    assert [(c.state, c.name, c.after) for c in compare(both, one).changes] == [
        ("changed", "Net", "Device in a/net")
    ]


HANDLERS = Spec(
    kind="implementations",
    paths=("agent/*.rs",),
    lookup=("lib.rs",),
    implements=("Handler",),
    returns="driver_types",
    registry="HANDLERS",
    pattern=r"\w+Handler",
)
LIB = b'pub const BLK: &str = "blk"; pub const CCW: &str = "blk-ccw"; const N: u8 = 1;'
MOD = """
lazy_static! {
    pub static ref HANDLERS: Manager<Arc<dyn Handler>> = {
        let all: Vec<Arc<dyn Handler>> = vec![
            Arc::new(BlkHandler {}),
            #[cfg(target_arch = "s390x")]
            Arc::new(self::blk::CcwHandler {}),
        ];
        all
    };
}
fn other() { GhostHandler {}; }
"""
BLK = """
impl Handler for BlkHandler { fn driver_types(&self) -> &[&str] { &[BLK, "vda"] } fn x(&self) {} }
#[cfg(target_arch = "s390x")]
impl Handler for CcwHandler { fn driver_types(&self) -> &[&str] { &[lib::CCW] } }
"""


def handlers(mod: str = MOD, blk: str = BLK, lib: bytes = LIB) -> Extract:
    return extract(
        MemoryTree({"agent/mod.rs": mod.encode(), "agent/blk.rs": blk.encode(), "lib.rs": lib}), HANDLERS
    )


def test_what_handlers_answer_to_and_which_are_registered() -> None:
    assert pairs(handlers()) == [
        ("HANDLERS: BlkHandler", ""),
        ("HANDLERS: CcwHandler", 'if target_arch = "s390x"'),
        ("blk", "BlkHandler"),
        ("blk-ccw", 'CcwHandler, if target_arch = "s390x"'),
        ("vda", "BlkHandler"),
    ]


def test_a_plain_static_is_a_registry_too() -> None:
    mod = "static HANDLERS: [&dyn Handler; 1] = [&BlkHandler {}]; static OTHER: X = NoHandler {};"
    assert [name for name, _ in pairs(handlers(mod)) if name.startswith("HANDLERS")] == [
        "HANDLERS: BlkHandler"
    ]


def test_a_handler_that_is_registered_no_more_is_a_change() -> None:
    after = handlers(MOD.replace("            Arc::new(BlkHandler {}),\n", ""))
    assert [(c.state, c.name) for c in compare(handlers(), after).changes] == [
        ("removed", "HANDLERS: BlkHandler")
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("&[BLK,", "&[UNKNOWN,", "what is returned is no text that is known: UNKNOWN"),
        ("&[BLK,", "&[N,", "what is returned is no text that is known: N"),
        ('&[BLK, "vda"]', "self.types()", "what is returned is no text that is known: self.types()"),
        ('&[BLK, "vda"]', "let x = 1; x", "what is returned is no text that is known"),
        (
            "fn driver_types(&self) -> &[&str] { &[BLK",
            "fn other(&self) -> &[&str] { &[BLK",
            "has no method driver_types",
        ),
    ],
)
def test_what_is_not_known_is_told(old: str, new: str, reason: str) -> None:
    assert old in BLK
    found = handlers(blk=BLK.replace(old, new, 1))
    assert any(reason in item.reason for item in found.unread), found.unread


def test_constants_that_cannot_be_looked_up() -> None:
    found = handlers(lib=b"\0")
    assert found.facts == ()
    assert {item.path for item in found.unread} == {"agent/blk.rs", "agent/mod.rs", "lib.rs"}
