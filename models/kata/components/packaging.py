"""Packaging, releases and continuous integration, and what no other component names."""

from __future__ import annotations

from threatmodel.dsl import Component


def packaging() -> None:
    """From sources to a node."""
    Component(
        "guest-image-build",
        "tools/osbuilder/**",
        "tools/packaging/guest-image/**",
        "tools/packaging/static-build/pause-image/**",
        "tools/packaging/static-build/busybox/**",
        role="build",
    )
    Component(
        "guest-kernel-build",
        "tools/packaging/kernel/**",
        "tools/packaging/static-build/kernel/**",
        role="build",
    )
    Component(
        "vmm-qemu-build", "tools/packaging/qemu/**", "tools/packaging/static-build/qemu/**", role="build"
    )
    Component("vmm-clh-build", "tools/packaging/static-build/cloud-hypervisor/**", role="build")
    Component("vmm-fc-build", "tools/packaging/static-build/firecracker/**", role="build")
    Component("vmm-stratovirt-build", "tools/packaging/static-build/stratovirt/**", role="build")
    Component("vmm-openvmm-build", "tools/packaging/static-build/openvmm/**", role="build")
    Component("guest-firmware-build", "tools/packaging/static-build/ovmf/**", role="build")
    Component("virtiofsd-build", "tools/packaging/static-build/virtiofsd/**", role="build")
    Component("nydusd-build", "tools/packaging/static-build/nydus/**", role="build")
    Component(
        "coco-guest-components-build", "tools/packaging/static-build/coco-guest-components/**", role="build"
    )
    Component("agent-build", "tools/packaging/static-build/agent/**", role="build")
    Component("shim-build", "tools/packaging/static-build/shim-v2/**", role="build")
    Component(
        "kata-deploy-dispatcher",
        "tools/packaging/kata-deploy/job-dispatcher/**",
        runs_in=["kata-deploy"],
    )
    Component("kata-deploy-chart", "tools/packaging/kata-deploy/helm-chart/**", runs_in=["kata-deploy"])
    Component(
        "nydus-snapshotter-unit", "tools/packaging/kata-deploy/nydus-snapshotter/**", runs_in=["kata-deploy"]
    )
    Component(
        "release-pipeline",
        "tools/packaging/kata-deploy/local-build/**",
        "tools/packaging/{release,scripts,kubectl}/**",
        ".github/workflows/{release*,publish*,payload*,push-oras*,build-kata-static*,create-auth*,build-kubectl*}",
        role="build",
    )
    Component(
        "kata-deploy",
        "tools/packaging/kata-deploy/binary/**",
        "tools/packaging/kata-deploy/**",
        runs_in=["kata-deploy"],
    )
    Component("kata-debug", "tools/packaging/kata-debug/**", runs_in=["kata-debug"])
    Component("kata-webhook", "tools/testing/kata-webhook/**", runs_in=["kata-webhook"])
    Component("ci-pipeline", "tools/testing/gatekeeper/**", ".github/**", "ci/**", role="build")
    Component(
        "dependency-manifests",
        "{Cargo.lock,Cargo.toml,deny.toml,osv-scanner.toml,versions.yaml,rust-toolchain.toml}",
        role="build",
    )


def remainder() -> None:
    """Comes last: build files, then what is left of the Go runtime."""
    Component(
        "build-system",
        "src/runtime/{Makefile,go.mod,go.sum,golang.mk,go-test.sh}",
        "src/runtime/{arch,hack,data}/**",
        "src/runtime-rs/**",
        "tools/packaging/static-build/**",
        "tools/packaging/**",
        "tools/**",
        "*",
        role="build",
    )
    Component(
        "runtime-go-core",
        "src/runtime/virtcontainers/**",
        "src/runtime/**",
        runs_in=["shim-go", "kata-runtime"],
    )
