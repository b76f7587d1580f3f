"""All changes that switch off a control of Kata Containers; `python -m tests.models.weakenings` says which are found.

They were written from the code of the release, without a look at what the claims ask for; the later ones after the
claims had been mended by what the first had shown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.models import weakenings_delivery, weakenings_guest, weakenings_later, weakenings_runtime
from tests.models.conftest import RELEASE
from tests.models.mutations import kata_with
from tests.models.outside import source
from tests.models.weaken import Weakening, report

OTHERS = {"generated": {"policy": "genpolicy"}, "job": {"deploy": "job"}}
"""Configurations beside the shipped ones, with controls that no shipped one has."""
FIRST: tuple[Weakening, ...] = (
    *weakenings_guest.WEAKENINGS,
    *weakenings_runtime.WEAKENINGS,
    *weakenings_delivery.WEAKENINGS,
)
LATER: tuple[Weakening, ...] = weakenings_later.WEAKENINGS
PARTLY: tuple[Weakening, ...] = weakenings_later.PARTLY


def main() -> int:
    """Print the report on the tree that KATA_SOURCE names."""
    if not os.environ.get("KATA_SOURCE"):
        print("KATA_SOURCE names no tree", file=sys.stderr)
        return 2
    project = kata_with(OTHERS)
    with TemporaryDirectory() as cache, source("KATA_SOURCE", RELEASE, Path(cache)) as tree:
        for title, changes in (("first", FIRST), ("later", LATER)):
            print(f"# {title}")
            for line in report(project, tree, changes):
                print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
