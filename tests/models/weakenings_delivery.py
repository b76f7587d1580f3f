"""Changes that switch off a control of installer, pipeline and builds."""

from __future__ import annotations

from tests.models.weaken import Weakening, weakening

CONTAINERD = "tools/packaging/kata-deploy/binary/src/runtime/containerd.rs"
KERNEL = "tools/packaging/kernel/build-kernel.sh"

WEAKENINGS: tuple[Weakening, ...] = (
    weakening(
        "passed-annotations-listed",
        CONTAINERD,
        '    let pod_annotations = "[\\"io.katacontainers.*\\"]";\n'
        '    let container_annotations = "[\\"io.kubernetes.container.terminationMessage*\\"]";\n'
        "\n"
        "    // Determine snapshotter if configured\n",
        '    let pod_annotations = "[\\"*\\"]";\n'
        '    let container_annotations = "[\\"io.kubernetes.container.terminationMessage*\\"]";\n'
        "\n"
        "    // Determine snapshotter if configured\n",
    ),
    weakening(
        "no-host-devices-for-privileged",
        CONTAINERD,
        '{runtime_table}.privileged_without_host_devices"),\n        "true",',
        '{runtime_table}.privileged_without_host_devices"),\n        "false",',
    ),
    weakening(
        "installer-not-privileged",
        "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates/kata-deploy.yaml",
        "          privileged: false\n"
        "          readOnlyRootFilesystem: true\n",
        "          privileged: false\n"
        "          readOnlyRootFilesystem: false\n",
    ),
    weakening(
        "installer-role-narrow",
        "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates/kata-rbac.yaml",
        '- apiGroups: ["apps"]\n'
        '  resources: ["daemonsets"]\n'
        '  verbs: ["get", "list", "watch"]\n',
        '- apiGroups: ["apps"]\n'
        '  resources: ["daemonsets"]\n'
        '  verbs: ["get", "list", "watch"]\n'
        '- apiGroups: [""]\n'
        '  resources: ["secrets"]\n'
        '  verbs: ["get", "list"]\n',
        keeps=True,
    ),
    weakening(
        "host-programs-read-only",
        "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates/_helpers.tpl",
        "  mountPath: /host-usr/sbin\n"
        "  readOnly: true\n",
        "  mountPath: /host-usr/sbin\n",
    ),
    weakening(
        "kata-monitor-off",
        "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates/kata-monitor.yaml",
        "{{- if .Values.monitor.enabled }}\napiVersion: apps/v1",
        "{{- if or .Values.monitor.enabled .Values.debug }}\napiVersion: apps/v1",
        keeps=True,
    ),
    weakening(
        "webhook-confined",
        "tools/testing/kata-webhook/deploy/webhook.yaml",
        "            runAsNonRoot: true\n"
        "            runAsUser: 1000\n",
        "            runAsUser: 0\n",
    ),
    weakening(
        "ci-no-default-permissions",
        ".github/workflows/payload-after-push.yaml",
        "\n"
        "permissions: {}\n",
        "\n"
        "permissions: write-all\n",
    ),
    weakening(
        "ci-label-gate",
        ".github/workflows/ci-on-push.yaml",
        "if: ${{ contains(github.event.pull_request.labels.*.name, 'ok-to-test') }}",
        "if: ${{ contains(github.event.pull_request.labels.*.name, 'ok-to-test') || "
        "github.event.pull_request.author_association == 'CONTRIBUTOR' }}",
        also=["own-machines-label-gate"],
        keeps=True,
    ),
    weakening(
        "ci-actions-pinned",
        ".github/workflows/zizmor.yaml",
        "zizmor-action@135698455da5c3b3e55f73f4419e481ab68cdd95 # v0.4.1",
        "zizmor-action@v0.4.1",
    ),
    weakening(
        "ci-checkout-without-credentials",
        ".github/workflows/gatekeeper.yaml",
        "          persist-credentials: false\n",
        "",
        also=["gatekeeper-reads-only"],
    ),
    weakening(
        "release-started-by-hand",
        ".github/workflows/release.yaml",
        "on:\n"
        "  workflow_dispatch\n",
        "on:\n"
        "  workflow_dispatch:\n"
        "  push:\n"
        "    tags: ['*']\n",
    ),
    weakening(
        "component-provenance",
        ".github/workflows/build-kata-static-tarball-amd64.yaml",
        "PERFORM_ATTESTATION: ${{ inputs.push-to-registry == 'yes' && 'yes' || 'no' }}",
        "PERFORM_ATTESTATION: 'no'",
        keeps=True,
    ),
    weakening(
        "required-checks-listed",
        "tools/testing/gatekeeper/required-tests.yaml",
        "  - GHA security analysis / zizmor\n",
        "",
    ),
    weakening(
        "updates-after-a-week",
        ".github/dependabot.yml",
        '      - "/src/tools/trace-forwarder"\n'
        "    schedule:\n"
        '      interval: "daily"\n'
        "    cooldown:\n"
        "      default-days: 7\n",
        '      - "/src/tools/trace-forwarder"\n'
        "    schedule:\n"
        '      interval: "daily"\n',
    ),
    weakening(
        "kernel-tarball-checksums",
        KERNEL,
        '\tif [[ -z "${rc}" ]]; then\n'
        '\t\tsha256sum -c "${kernel_tarball}.sha256"\n'
        "\tfi\n",
        '\tif [[ -z "${rc}" ]]; then\n'
        '\t\tsha256sum -c "${kernel_tarball}.sha256" || info "checksum differs"\n'
        "\tfi\n",
        keeps=True,
    ),
    weakening(
        "busybox-signature",
        "tools/packaging/static-build/busybox/build-static-busybox.sh",
        '\tgpg --verify "${sig_file}" "${tarbz_file}"\n',
        '\tgpg --verify "${sig_file}" "${tarbz_file}" || true\n',
        keeps=True,
    ),
    weakening(
        "guest-components-verified",
        "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh",
        '\t\t|| die "Provenance verification failed for ${image}@${digest}"',
        '\t\t|| warn "Provenance verification failed for ${image}@${digest}"',
    ),
    weakening(
        "minimal-guest-kernel",
        KERNEL,
        "${cmdpath} -r -n ${all_configs}",
        "${cmdpath} -r ${all_configs}",
        also=["no-vsock-loopback"],
    ),
    weakening(
        "qemu-reduced-build",
        "tools/packaging/scripts/configure-hypervisor.sh",
        "\tqemu_options+=(size:--disable-libiscsi)\n",
        "\tqemu_options+=(size:--enable-libiscsi)\n",
    ),
    weakening(
        "sources-pinned-by-commit",
        "versions.yaml",
        'version: "d8c1f25a35d85d7cd2ea762a2a7b2e7328a6fc9d"',
        'version: "main"',
    ),
)  # fmt: skip
