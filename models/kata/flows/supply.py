"""F97: from a change or an upstream release to what a node installs."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_supply as data
from ..controls import supply
from ..options import KataOptions


def supply_chain(_: KataOptions) -> None:
    """The same in every configuration."""
    Flow(
        "F97.proposal",
        "contributor",
        "source-repository",
        "Proposed change",
        protocol="HTTPS, git",
        encryption="tls",
        authentication="token",
        traits=["remote", "binds-code"],
        data=[data.pull_request],
    )
    Flow(
        "F97.decision",
        "maintainer",
        "source-repository",
        "Review, label, merge",
        protocol="HTTPS",
        encryption="tls",
        authentication="token",
        traits=["remote", "control-api"],
        data=[data.source_code],
    )
    Flow(
        "F97.tested",
        "source-repository",
        "ci-workflows",
        "Change to be tested",
        protocol="checkout",
        encryption="tls",
        authentication="server-certificate",
        description="pull_request_target: the workflow has secrets, the code is the contributor's",
        traits=["binds-code", "process-exec"],
        data=[data.pull_request, data.source_code],
        controls=[supply.label_gate, supply.checkout_without_credentials],
    )
    Flow(
        "F97.actions",
        "upstream-sources",
        "ci-workflows",
        "Actions of others",
        protocol="HTTPS",
        encryption="tls",
        authentication="server-certificate",
        description="Run in the jobs, with what these hold",
        traits=["remote", "archives", "binds-code", "process-exec"],
        data=[data.build_inputs],
        controls=[supply.pinned_actions],
    )
    Flow(
        "F97.upstream",
        "upstream-sources",
        "ci-workflows",
        "Source of the kernel",
        protocol="HTTPS",
        encryption="tls",
        authentication="server-certificate",
        traits=["remote", "archives", "binds-code"],
        data=[data.build_inputs],
        controls=[supply.kernel_checksums],
    )
    Flow(
        "F97.tagged",
        "upstream-sources",
        "ci-workflows",
        "Sources at a tag or branch",
        protocol="HTTPS, git",
        encryption="tls",
        authentication="server-certificate",
        description="QEMU and firmware: what a name of their repository points to",
        traits=["remote", "archives", "binds-code"],
        data=[data.build_inputs],
    )
    Flow(
        "F97.binary",
        "upstream-sources",
        "ci-workflows",
        "Binaries of releases",
        protocol="HTTPS",
        encryption="tls",
        authentication="server-certificate",
        description="Cloud Hypervisor, StratoVirt and virtiofsd without a checksum, Firecracker and nydus with their own",
        traits=["remote", "archives", "binds-code"],
        data=[data.build_inputs],
    )
    Flow(
        "F97.components",
        "upstream-sources",
        "ci-workflows",
        "Guest components",
        protocol="HTTPS (OCI distribution)",
        encryption="tls",
        authentication="server-certificate",
        traits=["remote", "archives", "binds-code"],
        data=[data.build_inputs],
        controls=[supply.guest_components_verified],
    )
    Flow(
        "F97.cached",
        "ci-workflows",
        "build-cache",
        "Built components",
        protocol="HTTPS (OCI distribution)",
        encryption="tls",
        authentication="token",
        traits=["remote", "binds-code"],
        data=[data.build_inputs],
        controls=[supply.component_provenance, supply.job_token],
    )
    Flow(
        "F97.reused",
        "build-cache",
        "ci-workflows",
        "Components of an earlier build",
        protocol="HTTPS (OCI distribution)",
        encryption="tls",
        authentication="server-certificate",
        traits=["remote", "archives", "binds-code"],
        data=[data.build_inputs],
    )
