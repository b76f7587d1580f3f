"""Functions that answer calls, and the checks in them."""

from __future__ import annotations

from tests.extract.support import pairs, tell
from threatmodel.extract import Spec

SPEC = Spec(kind="guards", paths=("**",), implements=("Service",), gates=("is_allowed", "is_allowed_as"))
RUST = """
impl Service { async fn own(&self) { is_allowed(&r).await?; } }
#[async_trait]
impl agent::Service<X> for Agent {
    async fn first(&self, r: R) -> Result<E> { trace!(r); is_allowed(&r).await?; Ok(E) }
    async fn open(&self, r: R) -> Result<E> { // is_allowed(&r).await?;
        Ok(E) }
    async fn asked(&self, r: R) -> Result<E> { if is_allowed(&r).await.is_err() { return blank(); } Ok(E) }
    async fn ignored(&self, r: R) -> Result<E> { let _ = is_allowed(&r).await; Ok(E) }
    async fn inside(&self, r: R) -> Result<E> { self.do_inside(r).await }
    fn twice(&self, r: R) -> Result<E> {
        #[cfg(feature = "policy")]
        { is_allowed_as("x", &r).await?; }
        #[cfg(not(feature = "policy"))]
        is_allowed(&r).await?;
        Ok(E)
    }
}
impl Agent { fn do_inside(&self, r: R) -> Result<E> { is_allowed(&r)?; Ok(E) } }
impl Other for Agent { fn other(&self) {} }
#[cfg(test)]
mod tests { impl Service for Fake { fn fake(&self) {} } }
"""


def test_rust() -> None:
    assert pairs(tell(SPEC, RUST, "a.rs")) == [
        ("asked", "is_allowed in a condition"),
        ("first", "is_allowed?"),
        ("ignored", "is_allowed, its answer is used otherwise"),
        ("inside", "is_allowed?, in do_inside"),
        ("open", "none"),
        (
            "twice",
            'is_allowed_as?, if feature = "policy"; is_allowed?, if not(feature = "policy")',
        ),
    ]


def test_go() -> None:
    text = """package p
func (s *Service) Open(r R) error { return nil }
func (s *Service) First(r R) error { if !is_allowed(r) { return e }; return nil }
func (s Other) No(r R) error { return is_allowed(r) }
func Free(r R) error { return is_allowed(r) }
"""
    assert pairs(tell(SPEC, text, "a.go")) == [("First", "is_allowed in a condition"), ("Open", "none")]


def test_quiet() -> None:
    assert pairs(tell(SPEC, "impl Other for X { fn f() {} } fn is_allowed() {}", "a.rs")) == []


def test_a_check_that_goes_is_a_change() -> None:
    before = dict(pairs(tell(SPEC, RUST, "a.rs")))
    after = dict(pairs(tell(SPEC, RUST.replace("trace!(r); is_allowed(&r).await?;", "trace!(r);"), "a.rs")))
    assert {name for name in before if before[name] != after[name]} == {"first"}
