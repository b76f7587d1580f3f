"""Where data is, and what of it an adversary may be after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis.world import SystemIndex
from threatmodel.rules.language import LEVELS
from threatmodel.system import DataAsset, Element, Flow

Property = Literal["reads", "changes", "stops"]
_CIPHERTEXT = frozenset({"storage", "memory"})
"""Who sends or receives a flow that is encrypted like this has the encrypted form only."""
_MEDIUM = LEVELS["medium"]


def wanted(asset: DataAsset) -> frozenset[Property]:
    """The properties that an adversary has to break: confidentiality and integrity where the model asks for medium or
    more, availability where it asks for that alone. Where it asks for nothing, those of the two with the higher level."""
    levels: dict[Property, int] = {
        "reads": LEVELS[asset.confidentiality],
        "changes": LEVELS[asset.integrity],
        "stops": LEVELS[asset.availability],
    }
    kept = {name for name in ("reads", "changes") if levels[name] >= _MEDIUM}
    if asset.secret:
        kept.add("reads")
    if not kept and levels["stops"] >= _MEDIUM:
        return frozenset({"stops"})
    top = max(levels["reads"], levels["changes"])
    return frozenset(kept or {name for name in ("reads", "changes") if levels[name] == top})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """Why whoever has an element has an asset. `received` are the flows that bring it, none where the element stores the
    asset or writes it; `loses` are the properties that this breaks."""

    why: Literal["stored", "written", "received"]
    received: tuple[str, ...]
    loses: frozenset[Property]


def held(element: Element, index: SystemIndex) -> dict[str, Having]:
    """The assets that whoever has the element has.

    It stores them, is their author, or gets a flow that carries them in plain; whoever hands on what it gets can change
    it too. Who only sends such a flow asks for its content and does not have it.
    """
    out: dict[str, Having] = {}
    for id_ in element.data:
        out[id_] = Having(why="stored", received=(), loses=frozenset({"reads", "changes", "stops"}))
    for asset in index.assets.values():
        if element.id in asset.origin:
            here = Having(why="written", received=(), loses=frozenset({"reads", "changes"}))
            out.setdefault(asset.id, here)
    sent = {id_ for flow in index.outbound.get(element.id, ()) for id_ in flow.data}
    brought: dict[str, list[str]] = defaultdict(list)
    for flow in index.inbound.get(element.id, ()):
        if flow.encryption not in _CIPHERTEXT:
            for id_ in flow.data:
                brought[id_].append(flow.id)
    for id_, flows in brought.items():
        broken: frozenset[Property] = frozenset({"reads", "changes"} if id_ in sent else {"reads"})
        out.setdefault(id_, Having(why="received", received=tuple(sorted(flows)), loses=broken))
    return out


def exposed(
    subject: Flow | Element, victim: Element, *, from_source: bool, effect: Property
) -> frozenset[str]:
    """The assets that a threat at the place exposes: of an element what it stores; of a flow what it carries, and where
    its sender makes the receiver tell, what that one stores."""
    if isinstance(subject, Element):
        return frozenset(subject.data)
    plain = () if effect == "reads" and subject.encryption in _CIPHERTEXT else subject.data
    told = victim.data if effect == "reads" and from_source else ()
    lost = victim.data if effect == "stops" else ()
    return frozenset((*plain, *told, *lost))
