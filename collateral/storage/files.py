"""`storage-needs.json`, as the command line and the bundle write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from collateral.storage.matrix import WayExposure, exposures
from collateral.storage.model import Need, StorageNeeds
from threatmodel.analysis import Threat
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFile:
    """Needs of users with the ways that serve them, and what each way opens. `release` is the one that was read."""

    format: Literal["threatmodel/storage-needs"] = "threatmodel/storage-needs"
    version: Literal[1] = 1
    project: str
    release: str
    ways: tuple[WayExposure, ...]
    needs: tuple[Need, ...]


def storage_file(
    needs: StorageNeeds, project: Project, threats: Iterable[Threat], beyond: Iterable[WayExposure] = ()
) -> StorageFile:
    """The record with what the engine says of each way. `beyond` are ways that no configuration of the project has, in
    one that would have them."""
    further = {item.way.id: item for item in beyond}
    return StorageFile(
        project=project.id,
        release=needs.release,
        ways=tuple(
            item if item.configurations else further.get(item.way.id, item)
            for item in exposures(needs, project, threats)
        ),
        needs=needs.needs,
    )
