"""The exit code that a comparison of two releases gives."""

from __future__ import annotations

from collateral.drift.files import DriftFile
from threatmodel.core.errors import Exit


def judged(file: DriftFile, *, enforce: bool) -> Exit:
    """10 with `enforce` where the model does not follow the source, or where that is not known, and nobody waived it. 3
    without it where something could not be compared."""
    blind = any(not item.waived_by for item in file.not_checked)
    if enforce and (file.edits.needed or blind):
        return Exit.GATE_THREATS
    return Exit.INCOMPLETE if blind else Exit.CLEAN
