"""The table of adopters' questions as a part of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.why.files import why_file
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/why.json"
Files = Mapping[str, bytes]


def data(making: Making, _before: Files) -> Files:
    """`data/why.json`, where the model has a `why.yaml`."""
    if making.why is None:
        return {}
    return {PATH: dump_bytes(to_plain(why_file(making.a, making.why, making.advisories)))}
