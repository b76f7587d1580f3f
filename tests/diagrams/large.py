"""Systems as large as a model becomes: seeded, so that a failure can be had again."""

from __future__ import annotations

import random

from threatmodel.system.model import (
    Boundary,
    Configuration,
    Element,
    ElementKind,
    Flow,
    Privilege,
    SystemModel,
)

_PRIVILEGES: tuple[Privilege, ...] = ("none", "restricted", "user", "elevated", "root", "kernel")
_KINDS: tuple[ElementKind, ...] = ("process", "datastore", "external", "actor")
_WORDS = (
    "agent",
    "kernel",
    "image store",
    "policy",
    "guest",
    "socket",
    "runtime of the node",
    "Größe",
    "key-broker",
)


def large(seed: int, *, elements: int = 60, flows: int = 130, boundaries: int = 14) -> SystemModel:
    """Nested boundaries, elements unevenly spread over them, hubs and chance neighbours; some flows to themselves."""
    chance = random.Random(seed)
    zones = [
        Boundary(
            id=f"b{number}",
            name=f"{chance.choice(_WORDS)} zone {number}",
            privilege=chance.choice(_PRIVILEGES),
            parent=f"b{chance.randrange(number)}" if number and chance.random() < 0.7 else None,
        )
        for number in range(boundaries)
    ]
    parts = [
        Element(
            id=f"e{number}",
            name=f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {number}",
            kind=chance.choice(_KINDS),
            boundary=f"b{int(boundaries * chance.random() ** 2)}",
            multiple=chance.random() < 0.1,
        )
        for number in range(elements)
    ]
    made = []
    for number in range(flows):
        source = int(elements * chance.random() ** 2)
        target = chance.randrange(elements)
        name = f"{chance.choice(_WORDS)} to {chance.choice(_WORDS)} {number}"
        made.append(
            Flow(
                id=f"F{number}",
                source=f"e{source}",
                target=f"e{target}",
                name=name,
                protocol="HTTPS",
                over="tcp",
            )
        )
    return SystemModel(
        configuration=Configuration(name=f"large-{seed}", options={}),
        boundaries=tuple(zones),
        elements=tuple(parts),
        flows=tuple(made),
    )
