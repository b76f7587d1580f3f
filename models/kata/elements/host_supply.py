"""Inner zones of the release pipeline: who builds, what builds are made of, and who publishes."""

from __future__ import annotations

from threatmodel.dsl import Boundary, Datastore, ExternalEntity, Process

from .. import assets_pipeline as assets
from .. import assets_supply as common
from ..controls import host_supply as supply
from ..options import KataOptions


def pipeline_zones(_: KataOptions) -> None:
    """The same in every configuration."""
    Boundary(
        "own-machines",
        name="Own machines",
        privilege="root",
        inside="ci-runners",
        description="Runners with labels of their own, for s390x, ppc64le, arm64, riscv64, TEEs and GPUs; what stays on "
        "them between two jobs is not visible in the source",
    )
    Boundary(
        "build-containers",
        name="Build containers",
        privilege="root",
        inside="ci-runners",
        description="One container for each component, from an image of the project",
    )
    Boundary(
        "release-jobs",
        name="Release jobs",
        privilege="elevated",
        inside="ci-runners",
        description="Started by hand; hold the passwords of the registries",
    )
    Boundary(
        "package-zone",
        name="Package sources",
        privilege="none",
        inside="upstreams",
        description="Distributions and registries of languages",
    )
    Boundary(
        "test-clouds",
        name="Test clusters",
        privilege="none",
        description="Clouds and clusters that run the tests of a change",
    )


def pipeline_parts(_: KataOptions) -> None:
    """The same in every configuration."""
    _builders()
    _publishing()
    _judging()
    _sources()


def _builders() -> None:
    Process(
        "own-runners",
        inside="own-machines",
        name="Own build machines",
        runs_as="root of the machine",
        multiple=True,
        traits=["executes-supplied-code", "pulls-artefacts", "spawns-processes"],
        data=[assets.foreign_artefacts],
        controls=[supply.own_runner_label],
    )
    Process(
        "component-builders",
        inside="build-containers",
        name="Component builders",
        runs_as="root of the container",
        multiple=True,
        description="Scripts below tools/packaging/static-build and osbuilder",
        traits=["executes-supplied-code", "pulls-artefacts", "spawns-processes", "parses-images"],
        data=[common.build_inputs, assets.packages, assets.crates],
    )
    Process(
        "test-clusters",
        inside="test-clouds",
        name="Test clusters",
        runs_as="root of the cluster",
        multiple=True,
        traits=["executes-supplied-code", "orchestrates"],
        data=[assets.cloud_identity],
    )


def _publishing() -> None:
    Process(
        "release-workflow",
        inside="release-jobs",
        name="Release workflow",
        description="release.yaml and what it calls",
        traits=["pulls-artefacts", "spawns-processes", "stores-secrets", "orchestrates"],
        data=[assets.publishing_password, assets.module_key_pin, assets.release_draft],
        controls=[supply.release_by_hand, supply.secrets_by_name],
    )
    Datastore(
        "pipeline-vault",
        inside="forge",
        name="Secrets of the forge",
        traits=["stores-secrets"],
        data=[assets.publishing_password, assets.module_key_pin, assets.cloud_identity],
        controls=[supply.secrets_by_name],
    )
    ExternalEntity(
        "provenance-log",
        inside="forge",
        name="Attestation service",
        description="Signs and keeps statements of provenance by the identity of a workflow",
        traits=["attests-platform", "network-facing"],
        data=[assets.provenance],
    )
    ExternalEntity(
        "builder-registry",
        inside="artefact-registries",
        name="Builder images",
        description="quay.io/kata-containers/builders, named by tag",
        traits=["network-facing", "supplies-code"],
        data=[assets.builder_images],
    )


def _judging() -> None:
    Process(
        "gatekeeper",
        inside="ci-runners",
        name="Gatekeeper",
        language="python",
        description="Waits for the required checks of a change, by script and list of the change's own tree",
        traits=["policy-decision", "executes-supplied-code"],
        data=[assets.verdicts],
        controls=[supply.gatekeeper_reads_only],
    )
    Process(
        "code-scanning",
        inside="ci-runners",
        name="Scanners of the forge",
        description="CodeQL for Go and Python, OSV, govulncheck, cargo-deny, Scorecard; none analyses Rust code",
        traits=["pulls-artefacts", "parses-images"],
        data=[assets.scan_findings],
    )
    ExternalEntity(
        "update-bot",
        inside="forge",
        name="Update bot",
        description="Dependabot: proposes newer crates, Go modules and actions",
        data=[assets.update_proposals],
    )


def _sources() -> None:
    ExternalEntity(
        "package-sources",
        inside="package-zone",
        name="Distributions",
        description="Ubuntu, Debian, Alpine, Fedora, Azure Linux: base images by tag, packages by repository",
        traits=["network-facing", "supplies-code"],
        data=[assets.packages],
    )
    ExternalEntity(
        "language-registries",
        inside="package-zone",
        name="Language registries",
        description="crates.io, the Go module proxy, toolchain installers",
        traits=["network-facing", "shared-by-tenants", "supplies-code"],
        data=[assets.crates],
    )
