"""The rule packs of a model's own, as its manifest names them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.load import Manifest
from threatmodel.rules import PACKS, PYTM_PACKS, OwnPack, own_packs


def packs_of(
    manifest: Manifest, folder: Path, shown: str, names: Iterable[str] | None = None
) -> dict[str, OwnPack]:
    """Those of the packs that the toolkit does not ship; of all that the manifest enables without a word.

    Raises:
        InvalidInput: R002, a pack has the name of a shipped one; R015 and R016 as of `own_packs`.
    """
    taken = [
        Diagnostic(
            code="R002",
            message=f'the toolkit ships a pack "{name}"',
            place=manifest.place(section, name),
            hint="give the pack another name",
        )
        for section, own in (("packs.folders", manifest.folders), ("packs.installed", manifest.installed))
        for name in own
        if name in (*PACKS, *PYTM_PACKS)
    ]
    if taken:
        raise InvalidInput(*taken)
    wanted = manifest.packs if names is None else names
    return own_packs(wanted, manifest.folders, manifest.installed, folder, shown, manifest.place)
