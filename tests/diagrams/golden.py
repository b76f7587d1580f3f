"""The golden files of this folder: path below tests/data/golden, and how its bytes come about."""

from __future__ import annotations

from collections.abc import Mapping

from tests.diagrams.systems import small
from threatmodel.diagrams import dfd, dot


def goldens() -> Mapping[str, bytes]:
    """Every golden file of the diagrams by its path."""
    system = small()
    return {
        "diagrams/whole.dot": dot.write(dfd.whole(system)).encode(),
        "diagrams/zoom-vmm.dot": dot.write(dfd.zoom(system, "vmm"), legend_columns=1).encode(),
    }
