"""The forge, its pipeline, and who can change what a release holds."""

from __future__ import annotations

from threatmodel.dsl import Actor, Boundary, Datastore, ExternalEntity, Process

from .. import assets_supply as data
from ..controls import supply
from ..options import KataOptions


def supply_side(_: KataOptions) -> None:
    """The same in every configuration."""
    Boundary(
        "contributors",
        name="Contributors",
        privilege="none",
        description="Anybody with an account of the forge",
    )
    Boundary(
        "forge",
        name="Forge",
        privilege="elevated",
        description="Repository, reviews and releases of the project",
    )
    Boundary(
        "ci-runners",
        name="Build machines",
        privilege="root",
        inside="forge",
        description="Hosted and own machines that run workflows",
    )
    Boundary("upstreams", name="Upstream projects", privilege="none")
    Actor("contributor", inside="contributors", name="Contributor")
    Actor("maintainer", inside="forge", name="Maintainer", description="Reviews, labels, merges and releases")
    ExternalEntity(
        "source-repository",
        inside="forge",
        name="Source repository",
        traits=["network-facing", "supplies-code"],
        data=[data.source_code],
    )
    Process(
        "ci-workflows",
        inside="ci-runners",
        name="Workflows",
        runs_as="root of the build machine",
        description="Build, test and publish; those on pull_request_target have secrets",
        multiple=True,
        traits=["executes-supplied-code", "pulls-artefacts", "spawns-processes", "stores-secrets"],
        data=[data.source_code, data.pipeline_secrets],
        controls=[supply.no_default_permissions, supply.workflow_linters],
    )
    Datastore(
        "build-cache",
        inside="forge",
        name="Build cache",
        description="Components of earlier builds as OCI artefacts",
        traits=["supplies-code", "stores-state"],
        data=[data.build_inputs],
    )
    ExternalEntity(
        "upstream-sources",
        inside="upstreams",
        name="Upstream sources",
        traits=["network-facing", "supplies-code"],
        data=[data.build_inputs],
    )
