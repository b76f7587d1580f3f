"""Where a model names a fact, kind by kind."""

from __future__ import annotations

import pytest

from collateral.drift import Source
from collateral.drift.mentions import Mentions
from threatmodel.extract import FactChange, Kind, Spot, State

MODEL = Mentions(
    words={
        "virtio-fs": {"F1": None},
        "--ttrpc": {"F2": None},
        "read-only": {"F3": None},
        "local": {"F4": None},
        "1024": {"F5": None},
        "filter.rs": {"control c": None},
        "--seccomp": {"control c": None},
        "seccomp": {"control c": None},
        "enable_iommu": {"F6": None},
        "is_enabled": {"control g": None},
    },
    operations={"GetIPTables": {"F60": None}, "blk": {"F78": None}, "vfio-pci": {"F78": None}},
    listed=frozenset(["indep_iothreads"]),
    passed={"--sandbox": {"control s": None}},
)


def found(
    kind: Kind,
    name: str,
    state: State = "added",
    *,
    after: str = "",
    path: str = "a.rs",
    operations_of: tuple[str, ...] = (),
    known: tuple[str, ...] = (),
) -> tuple[str, tuple[str, ...]]:
    source = Source(
        id="x", kind=kind, paths=("**",), belongs_to=("e",), operations_of=operations_of, known=known
    )
    change = FactChange(state=state, name=name, before="", after=after, places=(Spot(path=path, line=1),))
    mention = MODEL.find(source, change)
    return mention.followed, mention.where


@pytest.mark.parametrize(
    ("kind", "name", "where"),
    [
        ("arguments", "--ttrpc", ("F2",)),
        ("arguments", "read-only=%", ("F3",)),
        ("arguments", "--sandbox", ("control s",)),
        ("arguments", "virtio-fs", ("F1",)),
        ("arguments", "local", ()),
        ("arguments", "-seccomp", ()),
        ("implementations", "virtio-fs", ("F1",)),
        ("implementations", "local", ()),
        ("gated-keys", "k.hypervisor.enable_iommu", ("F6",)),
        ("gated-keys", "gate is_enabled", ("control g",)),
        ("gated-keys", "gate other", ()),
    ],
)
def test_names_in_texts(kind: Kind, name: str, where: tuple[str, ...]) -> None:
    assert found(kind, name) == ("named" if where else "not-named", where)


def test_operations() -> None:
    assert found("guards", "get_ip_tables", operations_of=("F6*",)) == ("named", ("F60",))
    assert found("guards", "get_ip_tables", operations_of=("F7*",)) == ("not-named", ())
    assert found("implementations", "blk", operations_of=("F78",)) == ("named", ("F78",))
    assert found("implementations", "blk") == ("not-named", ())


def test_values_and_files() -> None:
    assert found("values", "PORT", after="1024") == ("named", ("F5",))
    assert found("values", "PORT", after="1025") == ("not-named", ())
    assert found("names", "libc::SYS_read", path="src/filter.rs") == ("named", ("control c",))
    assert found("names", "libc::SYS_read", path="src/other.rs") == ("not-named", ())


def test_a_claim_that_an_argument_is_not_passed_does_not_name_what_is_gone() -> None:
    assert found("arguments", "--seccomp") == ("named", ("control c",))
    assert found("arguments", "--seccomp", "removed") == ("not-named", ())
    assert found("arguments", "--ttrpc", "removed") == ("named", ("F2",))


def test_what_is_known_is_listed() -> None:
    assert found("arguments", "id=%", known=("{id,bus}=*",)) == ("listed", ("extracts.yaml",))
    assert found("arguments", "--ttrpc", known=("*",)) == ("named", ("F2",))
    assert found("gated-keys", "k.hypervisor.indep_iothreads") == ("listed", ("configuration-keys.yaml",))
    assert found("constants", "k.hypervisor.indep_iothreads") == ("not-named", ())
