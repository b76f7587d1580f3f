"""Changes that were written after the claims had been mended by what the first ones had shown."""

from __future__ import annotations

from tests.models.weaken import Weakening, weakening

OCI = "src/runtime/pkg/oci/utils.go"
GO_MAKE = "src/runtime/Makefile"
RS_MAKE = "src/runtime-rs/Makefile"
HOOKS = "src/libs/kata-sys-util/src/hooks.rs"
RPC = "src/agent/src/rpc.rs"
CMDLINE = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
FLOWS = ".github/workflows"

WEAKENINGS: tuple[Weakening, ...] = (
    weakening(
        "erofs-layer-limit",
        "src/runtime-rs/crates/resource/src/rootfs/erofs_rootfs.rs",
        "const MAX_ROOTFS_LAYER_DEVICES: usize = 129;",
        "const MAX_ROOTFS_LAYER_DEVICES: usize = 65537;",
    ),
    weakening(
        "sandbox-bind-mounts-read-only",
        "src/runtime/virtcontainers/fs_share_linux.go",
        "\t\tif err := remountRo(ctx, mountDest); err != nil {\n",
        "\t\tif err := remountRo(ctx, mountDest); err != nil && !f.sandbox.config.HypervisorConfig.Debug {\n",
        keeps=True,
    ),
    weakening(
        "umount-no-follow",
        "src/runtime/virtcontainers/fs_share_linux.go",
        "\treturn syscall.Unmount(path, syscall.MNT_DETACH|UmountNoFollow)\n",
        "\treturn syscall.Unmount(path, syscall.MNT_DETACH)\n",
    ),
    weakening(
        "hook-limits", HOOKS, "const DEFAULT_HOOK_TIMEOUT_SEC: i32 = 10;", "const DEFAULT_HOOK_TIMEOUT_SEC: i32 = 86400;"
    ),
    weakening(
        "hook-paths-absolute",
        HOOKS,
        "        if !path.is_absolute() {\n            return Err(",
        "        if !path.is_absolute() && path.components().count() > 1 {\n            return Err(",
    ),
    weakening(
        "fresh-context-id",
        "src/runtime/virtcontainers/utils/utils_linux.go",
        "\tif err == nil && n.Int64() >= int64(firstContextID) {\n",
        "\tif err == nil && os.Getenv(\"KATA_RANDOM_CID\") != \"\" && n.Int64() >= int64(firstContextID) {\n",
        keeps=True,
    ),
    weakening("vmm-label-passed-on", GO_MAKE, "DEFDISABLESELINUX := false\n", "DEFDISABLESELINUX := true\n", keeps=True),
    weakening(
        "entropy-from-the-kernel",
        GO_MAKE,
        "DEFENTROPYSOURCE := /dev/urandom\n",
        "DEFENTROPYSOURCE := /dev/hwrng\n",
        keeps=True,
    ),
    weakening("block-device-use-off", GO_MAKE, "DEFDISABLEBLOCK := true\n", "DEFDISABLEBLOCK := false\n", keeps=True),
    weakening(
        "nested-virtualisation-off",
        RS_MAKE,
        "    DEFDISABLENESTEDVIRTUALIZATION_CLH_AZURE := true\n",
        "    DEFDISABLENESTEDVIRTUALIZATION_CLH_AZURE := false\n",
        keeps=True,
    ),
    weakening(
        "resources-fixed-at-start",
        RS_MAKE,
        "DEFSTATICRESOURCEMGMT_COCO = true\n",
        "DEFSTATICRESOURCEMGMT_COCO = false\n",
        keeps=True,
    ),
    weakening(
        "sealed-secret-places",
        RPC,
        "    source_path.starts_with(base_path)\n",
        "    (source_path.starts_with(base_path) || source_path.starts_with(\"/run/secrets\"))\n",
    ),
    weakening(
        "initdata-form-checked",
        "src/libs/kata-types/src/initdata.rs",
        "        if self.version != INITDATA_VERSION {\n",
        "        if !self.version.starts_with(\"0.\") && self.version != INITDATA_VERSION {\n",
    ),
    weakening(
        "namespace-paths-replaced",
        RPC,
        "            if namespace.typ().to_string() == NSTYPEUTS {\n",
        "            if namespace.typ().to_string() == NSTYPEUTS && namespace.path().is_none() {\n",
    ),
    weakening(
        "initdata-bound-to-launch",
        "src/runtime/pkg/govmm/qemu/qemu.go",
        "\t\tif len(object.InitdataDigest) > 0 {\n\t\t\t// due to",
        "\t\tif len(object.InitdataDigest) > 0 && object.SnpIdBlock == \"\" {\n\t\t\t// due to",
        keeps=True,
    ),
    weakening(
        "tdx-debugging-off",
        "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
        "                        tdx_config.debug,\n",
        "                        tdx_config.debug || self.config.debug_info.enable_debug,\n",
        keeps=True,
    ),
    weakening(
        "vm-cache-socket-mode",
        "src/runtime/cmd/kata-runtime/factory.go",
        "os.Chmod(path, 0600)",
        "os.Chmod(path, 0660)",
    ),
    weakening(
        "vm-template-mapped-privately",
        "src/runtime/virtcontainers/qemu.go",
        "\t\tif q.config.BootToBeTemplate {\n\t\t\tknobs.MemShared = true\n\t\t}\n",
        "\t\tknobs.MemShared = true\n",
    ),
    weakening(
        "processors-bounded",
        OCI,
        "\t\tif vcpus > float32(numCPUs) && sbConfig.HypervisorType != vc.RemoteHypervisor {\n",
        "\t\tif vcpus > float32(numCPUs) && sbConfig.HypervisorType == vc.FirecrackerHypervisor {\n",
    ),
    weakening(
        "secrets-named-one-by-one",
        f"{FLOWS}/release.yaml",
        "    uses: ./.github/workflows/release-amd64.yaml\n    with:\n      target-arch: amd64\n    secrets:\n"
        "      QUAY_DEPLOYER_PASSWORD: ${{ secrets.QUAY_DEPLOYER_PASSWORD }}\n"
        "      KBUILD_SIGN_PIN: ${{ secrets.KBUILD_SIGN_PIN }}\n",
        "    uses: ./.github/workflows/release-amd64.yaml\n    with:\n      target-arch: amd64\n    secrets: inherit\n",
    ),
    weakening(
        "owners-of-pipeline-listed",
        "CODEOWNERS",
        "/.github/workflows/\t\t@kata-containers/action-admins @kata-containers/ci\n",
        "",
    ),
    weakening(
        "gperf-signature",
        "tools/packaging/scripts/download-with-oras-cache.sh",
        "\t\t\tdie \"GPG signature verification failed for ${tarball_name}\"\n\t\tfi\n\t\tpopd > /dev/null\n"
        "\t\t# Keep the sig file for caching\n",
        "\t\t\twarn \"GPG signature verification failed for ${tarball_name}\"\n\t\tfi\n\t\tpopd > /dev/null\n"
        "\t\t# Keep the sig file for caching\n",
    ),
    weakening(
        "cached-component-compared",
        "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh",
        "\tsha256sum -c \"${component}-sha256sum\" || { cleanup_and_fail",
        "\tsha256sum -c --ignore-missing \"${component}-sha256sum\" || true || { cleanup_and_fail",
        keeps=True,
    ),
    weakening(
        "health-two-paths",
        "tools/packaging/kata-deploy/binary/src/health.rs",
        "const READ_TIMEOUT: Duration = Duration::from_secs(5);",
        "const READ_TIMEOUT: Duration = Duration::from_secs(3600);",
    ),
    weakening(
        "kata-ctl-monitor-loopback",
        "src/tools/kata-ctl/src/ops/check_ops.rs",
        'const MONITOR_DEFAULT_SOCK_ADDR: &str = "127.0.0.1:8090";',
        'const MONITOR_DEFAULT_SOCK_ADDR: &str = "0.0.0.0:8090";',
    ),
    weakening(
        "webhook-tls",
        "tools/testing/kata-webhook/main.go",
        "http.ListenAndServeTLS(port, cfg.certFile, cfg.keyFile, whHandler)",
        "http.ListenAndServe(port, whHandler)",
    ),
    weakening(
        "firecracker-no-physical-devices",
        "src/runtime-rs/crates/hypervisor/src/firecracker/inner_device.rs",
        '            _ => Err(anyhow!("unhandled device: {:?}", device)),\n',
        "            DeviceType::Vfio(vfio) => self.add_vfio(&vfio).await,\n"
        '            _ => Err(anyhow!("unhandled device: {:?}", device)),\n',
        keeps=True,
    ),
    weakening(
        "monitor-limits",
        "tools/packaging/kata-deploy/helm-chart/kata-deploy/values.yaml",
        "  resources:\n    limits:\n      cpu: 200m\n      memory: 300Mi\n"
        "    requests:\n      cpu: 200m\n      memory: 300Mi\n",
        "  resources:\n    requests:\n      cpu: 200m\n      memory: 300Mi\n",
    ),
    weakening(
        "qemu-disk-format-given",
        "src/runtime/pkg/govmm/qemu/qemu.go",
        '\tblkParams = append(blkParams, fmt.Sprintf("format=%s", blkdev.Format))\n',
        '\tif blkdev.Format != "raw" {\n'
        '\t\tblkParams = append(blkParams, "format="+string(blkdev.Format))\n'
        "\t}\n",
    ),
    weakening(
        "qemu-disk-format-given",
        "src/runtime/pkg/govmm/qemu/qmp.go",
        '\tblockdevArgs["node-name"] = blockDevice.ID\n',
        '\tblockdevArgs["node-name"] = blockDevice.ID\n'
        '\tif strings.HasSuffix(blockDevice.File, ".qcow2") {\n'
        '\t\tblockdevArgs["driver"] = "qcow2"\n'
        "\t}\n",
        keeps=True,
    ),
    weakening(
        "qemu-disk-format-given",
        "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
        "        backend.set_read_only(is_readonly);\n",
        "        backend.set_read_only(is_readonly);\n"
        "        backend.set_driver(detect_format(path)?);\n",
        keeps=True,
    ),
    weakening(
        "published-with-the-jobs-token",
        ".github/workflows/release.yaml",
        "          ./tools/packaging/release/release.sh create-new-release\n"
        "        env:\n"
        "          GH_TOKEN: ${{ github.token }}\n",
        "          ./tools/packaging/release/release.sh create-new-release\n"
        "        env:\n"
        "          GH_TOKEN: ${{ secrets.RELEASE_PAT }}\n",
        keeps=True,
    ),
    weakening(
        "published-with-the-jobs-token",
        ".github/workflows/build-kata-static-tarball-s390x.yaml",
        "          ARTEFACT_REGISTRY_PASSWORD: ${{ secrets.GITHUB_TOKEN }}\n"
        "          TARGET_BRANCH: ${{ inputs.target-branch }}\n"
        "          RELEASE: ${{ inputs.stage == 'release' && 'yes' || 'no' }}\n"
        "          MEASURED_ROOTFS: no\n",
        "          ARTEFACT_REGISTRY_PASSWORD: ${{ secrets.GHCR_PASSWORD }}\n"
        "          TARGET_BRANCH: ${{ inputs.target-branch }}\n"
        "          RELEASE: ${{ inputs.stage == 'release' && 'yes' || 'no' }}\n"
        "          MEASURED_ROOTFS: no\n",
        keeps=True,
    ),
)  # fmt: skip

PARTLY: tuple[Weakening, ...] = (
    weakening(
        "virtiofsd-without-xattr",
        "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs",
        "        if !disable_guest_selinux {\n            args.push",
        "        if !disable_guest_selinux || self.config.virtio_fs_is_dax {\n            args.push",
    ),
    weakening(
        "virtiofsd-without-xattr",
        "src/runtime/virtcontainers/qemu.go",
        "\tif !q.config.DisableGuestSeLinux {\n"
        '\t\tq.Logger().Info("Set the xattr option for virtiofsd")\n',
        '\tif len(q.config.VirtioFSExtraArgs) > 0 {\n\t\tq.Logger().Info("Set the xattr option for virtiofsd")\n',
    ),
    weakening(
        "virtiofsd-without-xattr", GO_MAKE, "DEFDISABLEGUESTSELINUX := true", "DEFDISABLEGUESTSELINUX := false"
    ),
    weakening(
        "virtiofsd-without-xattr",
        RS_MAKE,
        'DEFVIRTIOFSEXTRAARGS ?= [\\"--thread-pool-size=1\\", ',
        'DEFVIRTIOFSEXTRAARGS ?= [\\"--xattr\\", \\"--thread-pool-size=1\\", ',
    ),
    weakening(
        "kernel-seeded-by-the-processor",
        "versions.yaml",
        "  kernel:\n"
        '    description: "Linux kernel optimised for virtual machines"\n'
        '    url: "https://cdn.kernel.org/pub/linux/kernel/v6.x/"\n'
        '    version: "v6.18.35"\n',
        "  kernel:\n"
        '    description: "Linux kernel optimised for virtual machines"\n'
        '    url: "https://cdn.kernel.org/pub/linux/kernel/v6.x/"\n'
        '    version: "v6.6.1"\n',
    ),
)  # fmt: skip
"""Changes of controls of which a part is proposed: never verified, they end as contradicted."""
