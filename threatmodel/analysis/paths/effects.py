"""What a threat gives to an adversary who carries it out: an element, data, or nothing that a path is made of.

A rule says its category of STRIDE and its weaknesses (CWE); what is given follows from the two, so that rules of a user
need no word more. `docs/decisions/0022-attack-paths.md` says why.
"""

from __future__ import annotations

from typing import Literal

from threatmodel.analysis.paths.values import Effect
from threatmodel.rules.rule import Rule
from threatmodel.system import Element, Flow

At = Literal["source", "target", "beside"]
"""Which end of a flow the adversary has; `source` too where the flow carries data that it wrote."""

CODE = frozenset(
    f"CWE-{number}"
    for number in (
        *(119, 120, 121, 122, 123, 124, 131, 190, 191, 415, 416, 787, 788, 822, 823, 824, 825, 843),
        *(74, 77, 78, 88, 94, 95, 96, 98, 502),
    )
)
"""Memory is overwritten or text becomes a command: tampering and spoofing take the receiver."""
FOREIGN = frozenset(f"CWE-{number}" for number in (114, 426, 427, 494, 506, 829))
"""Foreign code is run: they take the receiver where it runs what it gets."""
_PACKED = frozenset({"archives", "block-device", "image-mapping"})
_PASSES_ON = frozenset({"hypervisor", "orchestrates", "pulls-artefacts"})
CONFINEMENT = frozenset(f"CWE-{number}" for number in (250, 272, 653, 668))
"""Rights that are too many. At an element that nobody has taken they open no way; they say what comes after."""
FLAWS = frozenset(
    f"CWE-{number}"
    for number in (
        *(20, 22, 59, 61, 66, 73, 74, 77, 78, 88, 93, 94, 116, 117, 119, 120, 121, 122, 123, 124),
        *(125, 131, 185, 190, 191, 362, 367, 409, 415, 416, 502, 611, 653, 674, 754, 777, 787, 788),
        *(822, 823, 824, 825, 843, 908, 1125, 1287),
    )
)
"""First weaknesses that are of use only where the code has a mistake, which the model does not know of: a surface is
open, a parser can be reached. The others are open as designed."""
LASTING = frozenset(f"CWE-{number}" for number in (276, 672, 1104, 1188, 1328, 1329, 1357, 1395))
"""A weakness that stays, or a setting that was left alone: it prolongs other flaws and is no way in by itself."""


def effects(rule: Rule, subject: Flow | Element, at: At, victim: Element) -> frozenset[Effect]:
    """What the threat gives. `victim` is the element that is attacked: of a flow, the other end."""
    weak = frozenset(rule.cwe)
    flow = subject if isinstance(subject, Flow) else None
    match rule.stride:
        case "denial-of-service":
            return frozenset({"stops"})
        case "information-disclosure":
            return frozenset({"reads"})
        case "elevation-of-privilege" if at != "beside":
            if flow is None:
                return frozenset({"spreads"}) if weak <= CONFINEMENT else frozenset()
            return frozenset({"takes"}) if victim.kind != "actor" else frozenset()
        case "tampering" | "spoofing":
            return _false_input(weak, flow, at, victim, spoofed=rule.stride == "spoofing")
        case _:
            return frozenset()


def needs_flaw(rule: Rule) -> bool:
    """True where the attack needs a mistake in code beside the weakness that the model shows."""
    return bool(rule.cwe) and rule.cwe[0] in FLAWS


def _false_input(
    weak: frozenset[str], flow: Flow | None, at: At, victim: Element, *, spoofed: bool
) -> frozenset[Effect]:
    """What wrong content or a wrong peer gives: content of a store is the store, and code is what runs it."""
    if at == "beside" or weak <= LASTING:
        return frozenset()
    out: set[Effect] = {"changes"}
    foreign = not weak.isdisjoint(FOREIGN) or (flow is not None and "binds-code" in flow.traits)
    runs = not weak.isdisjoint(CODE) or (foreign and at == "source" and _runs(flow, victim))
    written = victim.kind == "datastore" and at == "source"
    if flow is not None and victim.kind != "actor" and (runs or written):
        out.add("takes")
    if spoofed and flow is not None and (at == "target" or "secret-release" in flow.traits):
        out.add("reads")
    return frozenset(out)


def _runs(flow: Flow | None, receiver: Element) -> bool:
    """False where the receiver only hands on what it gets in a package, a disk or a mapping: a monitor does not run the
    image of its guest, a container manager not the layers of its containers."""
    if flow is None or "executes-supplied-code" in receiver.traits:
        return True
    return flow.traits.isdisjoint(_PACKED) or receiver.traits.isdisjoint(_PASSES_ON)
