"""A random sample of threats of the Kata model for a review: `python -m tests.models.sample CONFIGURATION SEED`.

The sample depends on the ids of the threats and on the seed alone: the ids are sorted by the SHA-256 of seed and id.
"""

from __future__ import annotations

import datetime
import sys
from hashlib import sha256
from pathlib import Path

from threatmodel.analysis.engine import analyse
from threatmodel.analysis.threats import Threat
from threatmodel.load import load_model
from threatmodel.rules import load_packs, load_vocabulary

MODEL = Path(__file__).parents[2] / "models/kata"
SIZE = 50
UNSETTLED = ("open", "unverified")
DAY = datetime.date(2026, 11, 26)


def draw(threats: tuple[Threat, ...], configuration: str, seed: str, size: int = SIZE) -> list[Threat]:
    """Threats that are open or unverified in a configuration when no claim was checked: `size` of them, in this order."""
    asked = [
        threat
        for threat in threats
        if configuration in threat.by_configuration
        and threat.by_configuration[configuration].status in UNSETTLED
    ]
    return sorted(asked, key=lambda threat: sha256(f"{seed}:{threat.id}".encode()).hexdigest())[:size]


def main() -> int:
    """Print the sample: id, name of the target, title."""
    configuration, seed = sys.argv[1:3]
    loaded = load_model(MODEL, "models/kata", load_vocabulary())
    threats = analyse(loaded.project, load_packs(loaded.manifest.packs, load_vocabulary()), as_of=DAY)
    system = loaded.project.system(configuration)
    names = {element.id: element.name for element in system.elements}
    names |= {flow.id: flow.name for flow in system.flows}
    for threat in draw(threats, configuration, seed):
        print(f"{threat.id} | {names[threat.id.partition('@')[2]]} | {threat.title}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
