"""Keys that code reads, and what has to allow each."""

from __future__ import annotations

import pytest

from tests.extract.support import MemoryTree, pairs
from threatmodel.extract import Extract, Spec, compare, extract

RUST = """
pub const PATH: &str = "k.hyper.path";
pub const NAME: &str = "k.runtime.name";
pub const TRACE: &str = "k.agent.trace";
pub const BOTH: &str = "k.both";
pub const DEAD: &str = "k.dead";
pub const OTHER: &str = "other";
impl A {
    fn update(&self) -> R {
        if let Some(v) = self.get(NAME) { x.name = v; }
        for (key, value) in &self.all {
            if hv.is_enabled(key) {
                match key.as_str() {
                    PATH => { hv.validate_path(value)?; hv.path = value; }
                    BOTH => {}
                    OTHER => {}
                    _ => { other_check(); }
                }
            } else {
                match key.as_str() { TRACE => ag.trace = validate_bool(value), BOTH => {}, _ => {} }
            }
        }
        // self.get(DEAD)
    }
    fn literal(&self) { self.get("k.text"); }
}
#[cfg(test)]
mod tests { fn t() { get("k.test"); } }
"""
LIB = "impl B {\n pub fn is_enabled(&self, key: &str) -> bool { self.set.is_match(key) } // x\n}\n"
SPEC = Spec(
    kind="gated-keys",
    paths=("*.rs",),
    lookup=("keys.rs",),
    pattern=r"k\..*",
    gates=("is_enabled",),
    checks=r"validate_\w+",
)


def rust(keys: str = RUST, lib: str = LIB) -> Extract:
    return extract(MemoryTree({"keys.rs": keys.encode(), "lib.rs": lib.encode()}), SPEC)


def test_rust() -> None:
    found = pairs(rust())
    assert found[0][0] == "gate is_enabled"
    assert found[0][1].startswith("sha256 ")
    assert found[1:] == [
        ("k.agent.trace", "read where is_enabled says no, checked by validate_bool"),
        ("k.both", "needs is_enabled, ignored; read where is_enabled says no, ignored"),
        ("k.dead", ""),
        ("k.hyper.path", "needs is_enabled, checked by validate_path"),
        ("k.runtime.name", "no gate"),
        ("k.text", "no gate"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("if hv.is_enabled(key) {", "if true {", {"k.hyper.path", "k.both", "k.agent.trace"}),
        ("if hv.is_enabled(key) {", "if !hv.is_enabled(key) {", {"k.hyper.path", "k.agent.trace"}),
        ("hv.validate_path(value)?; ", "", {"k.hyper.path"}),
        ("hv.validate_path(value)?; hv.path = value; ", 'warn!("no"); ', {"k.hyper.path"}),
        ("hv.validate_path(value)?; hv.path = value; ", "return Err(e);", {"k.hyper.path"}),
        ("// self.get(DEAD)", "self.get(DEAD)", {"k.dead"}),
    ],
)
def test_a_gate_that_goes_is_a_change(old: str, new: str, changed: set[str]) -> None:
    assert old in RUST
    assert {c.name for c in compare(rust(), rust(RUST.replace(old, new))).changes} == changed


def test_a_gate_is_known_by_its_body() -> None:
    assert not compare(rust(), rust(lib=LIB.replace("// x", "// y").replace("{ self", "{\n  self"))).changes
    wider = compare(rust(), rust(lib=LIB.replace("self.set.is_match(key)", "true"))).changes
    assert [(c.state, c.name) for c in wider] == [("changed", "gate is_enabled")]


GO_KEYS = """package annotations
const (
	prefix = "k."
	HyperPrefix = prefix + "hyper."
	Path = HyperPrefix + "path"
	Image = HyperPrefix + "image"
	Trace = prefix + "trace"
)
"""
GO = """package oci
import (
	ann "example.org/x/pkg/annotations"
	"example.org/other"
)
func allowed(list []string, key, prefix string) bool { return !strings.HasPrefix(key, prefix) || in(list, key) }
func add(spec Spec, c *Config) error {
	for key := range spec.Annotations {
		if !allowed(c.Enabled, key, ann.HyperPrefix) { return fmt.Errorf("annotation %v", key) }
	}
	if value, ok := spec.Annotations[ann.Path]; ok {
		if !checkGlobs(c.List, value) { return e }
		c.Path = value
	}
	c.Image = other.Image
	return set(spec, ann.Trace).setBool(func(b bool) { c.Trace = b })
}
"""
ASSET = """package types
import "example.org/x/pkg/annotations"
func (t T) names() string { return annotations.Image }
"""
GO_SPEC = Spec(
    kind="gated-keys",
    paths=("oci/*.go", "types/*.go"),
    lookup=("pkg/annotations/a.go", "oci/utils.go"),
    pattern=r"k\..*[^.]",
    gates=("allowed",),
    checks="check.*",
)


def go(text: str = GO, asset: str = ASSET) -> Extract:
    files = {"pkg/annotations/a.go": GO_KEYS, "oci/utils.go": text, "types/asset.go": asset}
    return extract(MemoryTree({path: data.encode() for path, data in files.items()}), GO_SPEC)


def test_go_and_a_guard_over_a_prefix() -> None:
    found = [(name, detail) for name, detail in pairs(go()) if not name.startswith("gate ")]
    assert found == [
        ("k.hyper.image", "needs allowed"),
        ("k.hyper.path", "needs allowed, checked by checkGlobs"),
        ("k.trace", "no gate"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('if !allowed(c.Enabled, key, ann.HyperPrefix) { return fmt.Errorf("annotation %v", key) }', ""),
        ('{ return fmt.Errorf("annotation %v", key) }', '{ log.Print("annotation", key) }'),
        ("ann.HyperPrefix)", "other.HyperPrefix)"),
        ("if !allowed(", "if allowed("),
    ],
)
def test_a_guard_that_turns_nothing_away_gates_nothing(old: str, new: str) -> None:
    assert old in GO
    changes = {c.name: c.after for c in compare(go(), go(GO.replace(old, new))).changes}
    assert changes["k.hyper.image"] == "no gate"
    assert changes["k.hyper.path"] == "no gate, checked by checkGlobs"


def test_a_condition_that_asks_more_than_the_gate_is_told() -> None:
    found = go(GO.replace("if !allowed(", "if c.Strict && !allowed("))
    assert [(item.path, item.line, item.reason) for item in found.unread] == [
        ("oci/utils.go", 9, "a condition asks a gate and more than that")
    ]


def test_a_name_of_another_package_is_no_key() -> None:
    found = go(asset=ASSET.replace("annotations.Image", "other.Image"))
    assert "k.hyper.image" not in dict(pairs(found))
