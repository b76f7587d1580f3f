"""F97 in detail: who starts and judges builds, what goes into them, and how a release becomes public."""

from __future__ import annotations

from typing import Any

from threatmodel.dsl import Flow

from .. import assets_host as installed
from .. import assets_pipeline as assets
from .. import assets_supply as common
from .. import data
from ..controls import host_supply as supply
from ..controls import supply as pipeline
from ..options import KataOptions

WEB: dict[str, Any] = {"protocol": "HTTPS", "over": "tcp", "encryption": "tls"}
PULL: dict[str, Any] = {**WEB, "authentication": "server-certificate"}
PUSH: dict[str, Any] = {**WEB, "authentication": "token"}
CODE = ["remote", "archives", "binds-code"]


def pipeline_inside(_: KataOptions) -> None:
    """The same in every configuration."""
    _judging()
    _secrets()
    _machines()
    _inputs()
    _publishing()
    _testing()


def _judging() -> None:
    Flow(
        "F97.judged", "source-repository", "gatekeeper", "Change whose checks are awaited", **PULL,
        description="pull_request_target: script and list of required checks are those of the change",
        traits=["binds-code", "process-exec", "remote"],
        data=[common.pull_request],
        controls=[supply.gatekeeper_reads_only],
    )  # fmt: skip
    Flow(
        "F97.verdict", "gatekeeper", "source-repository", "Verdict on the checks", **PUSH,
        traits=["control-api", "remote"],
        data=[assets.verdicts],
        controls=[supply.required_checks],
    )  # fmt: skip
    Flow(
        "F97.review", "source-repository", "maintainer", "Change to be reviewed", **PULL,
        traits=["remote", "log-records"],
        data=[common.pull_request, assets.verdicts],
        controls=[supply.owners_listed],
    )  # fmt: skip
    Flow(
        "F97.scanned", "source-repository", "code-scanning", "Code and lock files to be scanned", **PULL,
        traits=["binds-code", "archives", "remote"],
        data=[common.source_code, common.pull_request],
        controls=[pipeline.no_default_permissions, pipeline.checkout_without_credentials],
    )  # fmt: skip
    Flow(
        "F97.findings", "code-scanning", "maintainer", "Findings of scanners", **PUSH,
        traits=["remote", "log-records"],
        data=[assets.scan_findings],
    )  # fmt: skip
    Flow(
        "F97.update", "update-bot", "source-repository", "Proposed update", **PUSH,
        traits=["remote", "binds-code"],
        data=[assets.update_proposals],
        controls=[supply.updates_cooled],
    )  # fmt: skip


def _secrets() -> None:
    Flow(
        "F97.secrets", "pipeline-vault", "ci-workflows", "Secrets for tests and pushes", **PUSH,
        description="Passed to builds of a labelled change too: registry password, cloud identity, passphrase of modules",
        traits=["carries-secrets"],
        operations=["QUAY_DEPLOYER_PASSWORD", "AUTHENTICATED_IMAGE_PASSWORD", "AZ_*", "NGC_API_KEY", "KBUILD_SIGN_PIN"],
        data=[assets.publishing_password, assets.cloud_identity, assets.module_key_pin],
        controls=[supply.secrets_by_name, pipeline.label_gate],
    )  # fmt: skip
    Flow(
        "F97.release-secrets", "pipeline-vault", "release-workflow", "Secrets for a release", **PUSH,
        traits=["carries-secrets"],
        operations=["QUAY_DEPLOYER_PASSWORD", "KBUILD_SIGN_PIN"],
        data=[assets.publishing_password, assets.module_key_pin],
        controls=[supply.secrets_by_name, supply.release_by_hand],
    )  # fmt: skip


def _machines() -> None:
    Flow(
        "F97.own", "source-repository", "own-runners", "Jobs for own machines", **PULL,
        traits=["binds-code", "process-exec", "remote"],
        data=[common.pull_request, common.source_code],
        controls=[supply.own_runner_label, pipeline.label_gate, pipeline.checkout_without_credentials],
    )  # fmt: skip
    Flow(
        "F97.own-artefacts", "own-runners", "release-workflow", "Artefacts of other architectures", **PUSH,
        description="s390x and ppc64le; an attestation of their provenance for s390x only",
        traits=CODE,
        data=[assets.foreign_artefacts],
    )  # fmt: skip
    Flow(
        "F97.container", "ci-workflows", "component-builders", "Component to be built",
        protocol="docker run", over="process start", authentication="in-process",
        description="Source and Docker's socket mounted, secrets as environment variables",
        traits=["process-exec", "command-line", "carries-secrets"],
        data=[common.source_code, assets.module_key_pin],
        controls=[supply.module_signing],
    )  # fmt: skip
    Flow(
        "F97.component", "component-builders", "ci-workflows", "Built component",
        over="file", authentication="in-process",
        traits=["archives", "binds-code"],
        data=[common.build_inputs],
    )  # fmt: skip


def _inputs() -> None:
    Flow(
        "F97.builder", "builder-registry", "component-builders", "Image to build in", **PULL,
        description="By tag; built anew where the tag is missing",
        traits=CODE,
        data=[assets.builder_images],
    )  # fmt: skip
    Flow(
        "F97.builder-push", "ci-workflows", "builder-registry", "New image to build in", **PUSH,
        traits=["remote", "binds-code"],
        data=[assets.builder_images, assets.publishing_password],
    )  # fmt: skip
    Flow(
        "F97.packages", "package-sources", "component-builders", "Packages and base images", **PULL,
        description="Base images by tag; packages as signed by their distribution",
        traits=CODE,
        data=[assets.packages],
    )  # fmt: skip
    Flow(
        "F97.crates", "language-registries", "component-builders", "Crates and Go modules", **PULL,
        traits=CODE,
        data=[assets.crates],
        controls=[supply.lock_files, pipeline.dependency_scans],
    )  # fmt: skip
    Flow(
        "F97.toolchains", "language-registries", "ci-workflows", "Toolchains and small tools", **PULL,
        description="rustup, Go, yq and oras by a version in the address",
        traits=CODE,
        data=[assets.crates],
    )  # fmt: skip
    Flow(
        "F97.signed", "upstream-sources", "component-builders", "Signed archives", **PULL,
        traits=CODE,
        data=[common.build_inputs],
        controls=[supply.busybox_signed, supply.gperf_signed],
    )  # fmt: skip
    Flow(
        "F97.commits", "upstream-sources", "component-builders", "Sources at a commit", **PULL,
        traits=CODE,
        data=[common.build_inputs],
        controls=[supply.commits_pinned],
    )  # fmt: skip
    Flow(
        "F97.archives", "build-cache", "component-builders", "Source archives from the cache", **PULL,
        description="busybox and gperf; compared with checksum, signature and keys that lie beside them",
        traits=CODE,
        data=[common.build_inputs],
    )  # fmt: skip
    Flow(
        "F97.compared", "build-cache", "component-builders", "Component with its version", **PULL,
        traits=CODE,
        data=[common.build_inputs],
        controls=[supply.cache_compared],
    )  # fmt: skip


def _publishing() -> None:
    Flow(
        "F97.start", "maintainer", "release-workflow", "Release started", **PUSH,
        traits=["control-api", "remote"],
        operations=["workflow_dispatch"],
        data=[assets.release_draft],
        controls=[supply.release_by_hand],
    )  # fmt: skip
    Flow(
        "F97.artefacts", "ci-workflows", "release-workflow", "Archives of a build", **PUSH,
        description="As artefacts of the same run; the attestation is about what lies in the cache",
        traits=["archives", "binds-code"],
        data=[data.release_artefacts],
    )  # fmt: skip
    Flow(
        "F97.tag", "release-workflow", "source-repository", "Tag of a release", **PUSH,
        description="Made by the forge, without a signature of a person",
        traits=["control-api", "remote"],
        data=[assets.release_draft],
        controls=[supply.release_complete],
    )  # fmt: skip
    Flow(
        "F97", "release-workflow", "kata-releases", "Draft, then public release", **PUSH,
        description="Archives, versions, vendored code and chart; no list of contents and no signature of the project",
        traits=["remote", "binds-code"],
        data=[assets.release_draft, data.release_artefacts, data.guest_image],
        controls=[supply.release_complete, pipeline.job_token],
    )  # fmt: skip
    Flow(
        "F97.payloads", "ci-workflows", "kata-registry", "Images of a change or of main", **PUSH,
        description="Under other names than those of releases; built of a labelled change before it is merged",
        traits=["remote", "binds-code"],
        data=[installed.installer_images, assets.publishing_password],
        controls=[pipeline.label_gate],
    )  # fmt: skip
    Flow(
        "F97.images", "release-workflow", "kata-registry", "Images and charts", **PUSH,
        description="Built without provenance and list of contents; the tag latest moves",
        traits=["remote", "binds-code"],
        data=[installed.installer_images, assets.publishing_password],
    )  # fmt: skip
    Flow(
        "F97.attest", "ci-workflows", "provenance-log", "Provenance to be attested", **PUSH,
        description="By the identity of the workflow; for amd64, arm64 and s390x",
        traits=["remote", "attestation-evidence"],
        data=[assets.provenance],
        controls=[pipeline.component_provenance],
    )  # fmt: skip
    Flow(
        "F97.attested", "upstream-sources", "ci-workflows", "Provenance of guest components", **PULL,
        description="Lies beside their image",
        traits=["remote", "attestation-evidence", "serialized-objects"],
        data=[assets.provenance],
        controls=[pipeline.guest_components_verified],
    )  # fmt: skip


def _testing() -> None:
    Flow(
        "F97.test", "ci-workflows", "test-clusters", "Change to be tried on a cluster", **PUSH,
        traits=["control-api", "process-exec", "remote", "carries-secrets"],
        data=[common.pull_request, assets.cloud_identity],
        controls=[supply.test_cloud_identity, pipeline.label_gate, supply.clusters_deleted],
    )  # fmt: skip
    Flow(
        "F97.results", "test-clusters", "ci-workflows", "Results of tests", **PULL,
        traits=["remote", "log-records", "archives"],
        data=[assets.verdicts],
    )  # fmt: skip
