"""The shipped rules are in full form, and their cases show that each part of a condition is needed."""

from __future__ import annotations

import pytest

from threatmodel.analysis.rulecheck import doubts, failing, needless
from threatmodel.rules import PACKS, Rule, load_packs, load_vocabulary
from threatmodel.system import STRIDE

VOCABULARY = load_vocabulary()
RULES = load_packs(PACKS, VOCABULARY)
BEYOND = {"CORE-004": ("reach(flow.source) >= 4",)}
"""What a case of two elements cannot show: a sender nearer to the adversary than the receiver, and not its own."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_case_needs_each_part_of_the_condition(rule: Rule) -> None:
    assert failing(rule) == ()
    assert needless(rule, VOCABULARY) == BEYOND.get(rule.id, ())


def test_nothing_else_is_doubtful() -> None:
    assert [found.render() for found in doubts(RULES, VOCABULARY) if found.code != "R018"] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_in_full_form(rule: Rule) -> None:
    assert rule.cwe
    assert rule.references
    assert any(case.fires for case in rule.cases)
    assert any(not case.fires for case in rule.cases)
    assert rule.test
    assert rule.detection
    assert rule.false_positives


def test_rules_are_the_same_without_their_cases() -> None:
    bare = load_packs(PACKS, VOCABULARY, cases=False)
    assert [rule.cases for rule in bare] == [()] * len(RULES)
    for rule, other in zip(RULES, bare, strict=True):
        for name in ("id", "pack", "title", "stride", "mitigated_by", "cwe", "test", "references", "place"):
            assert getattr(rule, name) == getattr(other, name)
        assert (rule.when.text, rule.impact.text) == (other.when.text, other.impact.text)


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_asks_every_category(pack: str) -> None:
    assert {rule.stride for rule in RULES if rule.pack == pack} == set(STRIDE)


SUBJECTS = {
    "virtio queues and descriptors": ("VIRT-001", "VIRT-002", "VIRT-029"),
    "vhost": ("VIRT-004",),
    "vhost-user": ("VIRT-033",),
    "shared memory and double fetch": ("VIRT-007", "CC-005"),
    "DAX and pmem": ("VIRT-005", "VIRT-035"),
    "MMIO and PIO exits": ("VIRT-010", "VIRT-034", "CC-012"),
    "VFIO, DMA, IOMMU": ("VIRT-011", "VIRT-012"),
    "ACPI and PCI hot-plug": ("VIRT-013", "CC-013"),
    "firmware": ("VIRT-036", "SUP-017"),
    "balloon and memory hot-plug": ("VIRT-014",),
    "templates and memory sharing": ("VIRT-031", "VIRT-032"),
    "side channels": ("VIRT-015", "CC-010"),
    "nested virtualisation": ("VIRT-030",),
    "links": ("VIRT-006",),
    "special files": ("FSY-001",),
    "extended attributes": ("FSY-002",),
    "path escape": ("FSY-015", "IPC-013"),
    "unmount races": ("VIRT-009", "FSY-008"),
    "inode exhaustion": ("FSY-005",),
    "block devices and images": ("FSY-009", "FSY-010", "FSY-020", "VIRT-020"),
    "control sockets": ("CRT-001", "IPC-001"),
    "vsock": ("IPC-002",),
    "interfaces without authentication": ("CORE-001",),
    "lengths chosen by a peer": ("IPC-004",),
    "deserialisation": ("IPC-005", "IPC-015"),
    "logs and metrics read by the privileged": ("IPC-008",),
    "configuration and annotation injection": ("CORE-002", "CRT-004", "OPS-002"),
    "argument injection": ("CORE-016",),
    "unanchored matching": ("CRT-003",),
    "defaults that weaken": ("CORE-015",),
    "gaps of a policy": ("CRT-010", "CC-017"),
    "fail open": ("CRT-009",),
    "rollback": ("VIRT-025", "SUP-016", "CC-006"),
    "replay": ("VIRT-024",),
    "attestation": ("CC-001", "CC-002", "CC-024", "CC-026"),
    "measured boot": ("CC-003", "VIRT-021"),
    "secret release": ("VIRT-023", "CC-015"),
    "initdata": ("CC-004",),
    "guest pull": ("CC-007", "CC-008"),
    "provenance": ("SUP-010", "SUP-018"),
    "CI with secrets": ("SUP-004", "SUP-005", "SUP-013"),
    "release signing": ("SUP-009", "SUP-002"),
    "pods of several containers": ("OPS-014", "OPS-023"),
    "noisy neighbours": ("CRT-014", "OPS-010"),
    "gaps of logs and audits": ("CORE-003", "OPS-006", "IPC-009"),
    "debug features in production": ("CORE-013", "OPS-003", "OPS-022"),
}
"""What a library for hypervisors and container runtimes has to know, and rules about it."""


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_has_rules(subject: str) -> None:
    known = {rule.id for rule in RULES}
    assert set(SUBJECTS[subject]) <= known


def test_there_are_enough() -> None:
    assert len(RULES) >= 160
