"""The bundle of the release before, as an edition may know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from collateral.assessment import Edition
from collateral.bundle.read import read_bundle
from collateral.history_data import PreviousBundle
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import NotVerified


def read_previous(folder: Path, edition: Edition) -> PreviousBundle:
    """The bundle before. A public edition names no private one by its digest: that depends on all that it holds."""
    try:
        previous = read_bundle(folder)
    except NotVerified as error:
        if edition == "private":
            raise
        raise NotVerified(*_neutral(error.diagnostics)) from error
    if edition == "public" and previous.edition == "private":
        return replace(previous, manifest_sha256="")
    return previous


def _neutral(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What is wrong with a bundle, without the names of files that only a private one has."""
    for item in found:
        private = item.place is not None and "overlay" in item.place.path
        yield replace(item, message="a file is not as listed", place=None) if private else item
