"""The toolkit's own model holds for the toolkit's own tree."""

from __future__ import annotations

import datetime
from pathlib import Path

from threatmodel.claims import check_claims
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary
from threatmodel.source import DirectoryTree

ROOT = Path(__file__).parents[2]


class Tracked:
    """The files that a model of this repository may claim something about, without what a build leaves there."""

    def __init__(self) -> None:
        self._tree = DirectoryTree(ROOT)

    def paths(self) -> tuple[str, ...]:
        own = (
            "threatmodel/",
            "scanners/",
            "collateral/",
            "docs/",
            "tests/",
            "requirements/",
            "ci/",
            "pyproject",
        )
        return tuple(path for path in self._tree.paths() if path.startswith(own))

    def read(self, path: str) -> bytes:
        return self._tree.read(path)


def test_every_claim_of_the_toolkit_holds() -> None:
    loaded = load_model(ROOT / "models/self", "models/self", load_vocabulary())
    ledger = check_claims(loaded.project, {"": Tracked()}, as_of=datetime.date(2026, 11, 22))
    assert loaded.warnings == ()
    assert len(ledger.checks) > 20
    assert [(c.control, c.text) for c in ledger.checks if c.state not in ("verified", "attested")] == []
