"""Where an overlay may lie: in no work tree that is published with the model or the source."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from collateral.overlay.model import OVERLAY
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError

NEEDS_PRIVATE = Diagnostic(
    code="U050",
    message="an overlay goes into a private edition only",
    hint="say --edition private too, and keep what it makes to those who may know",
)


def refuse_inside(overlay: Path, model: Path, sources: Iterable[tuple[str, Path]] = ()) -> None:
    """Refuse an overlay inside of the model's or a source's folder or git work tree. `sources` are specs of source
    trees, each with the folder where a relative one starts.

    The message names no path: logs are read by others.

    Raises:
        UsageError: U051, it would be published with what is around it.
    """
    here = {*_names(overlay), *_names(overlay / OVERLAY)}
    trees = [("model", model if model.is_dir() else model.parent)]
    trees += [("source", folder) for spec, base in sources if (folder := _folder(spec, base))]
    for what, folder in trees:
        tops = {top for name in _names(folder) for top in _tops(name)}
        if any(path.is_relative_to(top) for path in here for top in tops):
            message = f"the overlay lies in the git work tree or folder of the {what}, and would be published with it"
            hint = "keep it outside of every repository of the model and its source"
            raise UsageError(Diagnostic(code="U051", message=message, hint=hint))


def _names(path: Path) -> set[Path]:
    """The path as it is written and as it is without links."""
    return {Path(os.path.abspath(path)), path.resolve()}  # noqa: PTH100 - a link inside counts as inside


def _tops(folder: Path) -> Iterator[Path]:
    """The folder, and the top of every work tree around it: of a submodule, the ones above it too."""
    yield folder
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            yield above


def _folder(spec: str, base: Path) -> Path | None:
    """The folder of a source tree that is on this machine: `path`, `path@ref` or a file URL."""
    if spec.startswith("file://"):
        spec = spec.removeprefix("file://")
    parts = spec.split("@")
    for end in range(len(parts), 0, -1):
        text = "@".join(parts[:end])
        if text and (base / text).is_dir():
            return base / text
    return None
