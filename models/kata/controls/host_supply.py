"""Defences of the inner zones of the release pipeline, as far as the repository shows them."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present

WORKFLOWS = ".github/workflows"
RELEASE = "tools/packaging/release/release.sh"
KERNEL = "tools/packaging/kernel/build-kernel.sh"
BINARIES = "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh"
BUSYBOX = "tools/packaging/static-build/busybox/build-static-busybox.sh"
CACHE = "tools/packaging/scripts/download-with-oras-cache.sh"

release_by_hand = Control(
    "release-started-by-hand",
    "A release is started by a person with rights on the repository, by no event",
    provides=["authorization-policy"],
    description="Who has these rights is a setting of the forge and not visible in the source",
    claims=[
        present(f"{WORKFLOWS}/release.yaml", r"(?m)^on:\n  workflow_dispatch$"),
        absent(
            f"{WORKFLOWS}/release.yaml", r"^\s+(push|pull_request|pull_request_target|schedule|workflow_run):"
        ),
    ],
)
secrets_by_name = Control(
    "secrets-named-one-by-one",
    "A called workflow gets the secrets that are named for it and no others",
    provides=["credential-isolation"],
    claims=[
        absent(f"{WORKFLOWS}/*.{{yml,yaml}}", r"secrets:\s*inherit"),
        present(
            f"{WORKFLOWS}/release.yaml",
            r"QUAY_DEPLOYER_PASSWORD: \$\{\{ secrets\.QUAY_DEPLOYER_PASSWORD \}\}",
        ),
    ],
)
release_complete = Control(
    "release-public-when-complete",
    "A release is a draft until all its parts were built, and is not made twice",
    provides=["fail-closed"],
    claims=[
        present(RELEASE, r'(?s)gh release create "\$\{RELEASE_VERSION\}".{0,200}\s--draft$'),
        present(
            RELEASE, r'(?s)if gh release view "\$\{RELEASE_VERSION\}"; then\s*echo "[^"]*"\s*exit 1\s*fi'
        ),
        present(RELEASE, r"(?s)gh release edit .{0,80}--verify-tag \\\s*--draft=false"),
        present(
            f"{WORKFLOWS}/release.yaml",
            r"(?s)publish-release:\s*name: publish-release\s*needs: \[ build-and-push-assets-amd64, "
            r"build-and-push-assets-arm64, build-and-push-assets-s390x, build-and-push-assets-ppc64le,",
        ),
    ],
)
own_runner_label = Control(
    "own-machines-label-gate",
    "Checks of a change run on own machines only after a label that maintainers set",
    provides=["authorization-policy"],
    claims=[
        present(
            f"{WORKFLOWS}/static-checks-self-hosted.yaml",
            r"if: \$\{\{ contains\(github\.event\.pull_request\.labels\.\*\.name, 'ok-to-test'\) \}\}",
        ),
    ],
)
gatekeeper_reads_only = Control(
    "gatekeeper-reads-only",
    "The gatekeeper's token cannot write, and its checkout keeps none",
    provides=["credential-isolation"],
    claims=[
        absent(f"{WORKFLOWS}/gatekeeper.yaml", r":\s*write\b"),
        present(f"{WORKFLOWS}/gatekeeper.yaml", r"persist-credentials: false"),
        absent(f"{WORKFLOWS}/gatekeeper.yaml", r"secrets\.[A-FH-Z]"),
    ],
)
required_checks = Control(
    "required-checks-listed",
    "A change needs a list of checks, linters of workflows and the label among them",
    provides=["configuration-validation"],
    description="The list is that of the change itself. Whether a merge needs the gatekeeper is a setting of the forge",
    claims=[
        present(
            "tools/testing/gatekeeper/required-tests.yaml",
            r"(?s)required_tests:.{0,400}- GHA security analysis / zizmor\s*- Lint GHA workflows / run-actionlint",
        ),
        present("tools/testing/gatekeeper/required-tests.yaml", r"(?s)required-labels:\s*- ok-to-test"),
    ],
)
owners_listed = Control(
    "owners-of-pipeline-listed",
    "Workflows, releases, installer and pinned versions have owners that are asked to review",
    provides=["out-of-band-notification"],
    description="That their review is needed is a setting of the forge and not visible in the source",
    claims=[
        present("CODEOWNERS", r"^/\.github/workflows/\s+@kata-containers/action-admins @kata-containers/ci$"),
        present("CODEOWNERS", r"^/tools/packaging/release/\s+@kata-containers/release$"),
        present("CODEOWNERS", r"^/tools/packaging/kata-deploy/\s+@kata-containers/kata-deploy$"),
        present(
            "CODEOWNERS",
            r"^versions\.yaml\s+@kata-containers/release @kata-containers/ci @kata-containers/tests$",
        ),
    ],
)
test_cloud_identity = Control(
    "test-clouds-without-password",
    "Tests sign in to a cloud by the identity of the workflow, in an environment of their own",
    provides=["credential-isolation", "short-lived-credentials"],
    claims=[
        present(
            f"{WORKFLOWS}/run-k8s-tests-on-aks.yaml",
            r"(?s)uses: azure/login@[0-9a-f]{40}[^\n]*\s*with:\s*client-id:",
        ),
        absent(f"{WORKFLOWS}/*.{{yml,yaml}}", r"(?i)(client-secret|creds):"),
        present(f"{WORKFLOWS}/run-k8s-tests-on-aks.yaml", r"(?s)environment:\s*name: ci"),
    ],
)
clusters_deleted = Control(
    "test-clusters-deleted",
    "A test cluster is deleted after its tests, and what is left over after a day",
    provides=["reset-between-tenants"],
    claims=[
        present(
            f"{WORKFLOWS}/run-k8s-tests-on-aks.yaml",
            r"(?s)if: always\(\)\s+run: bash [^\n]*gha-run\.sh delete-cluster",
        ),
        present(f"{WORKFLOWS}/cleanup-resources.yaml", r"CLEANUP_AFTER_HOURS: 24"),
    ],
)
lock_files = Control(
    "lock-files",
    "Crates and Go modules are compared with digests that the repository keeps",
    provides=["integrity-protection", "immutable-references"],
    description="Tools are installed with --locked; whether every other build refuses a changed lock file is not claimed",
    claims=[
        file_exists("Cargo.lock"),
        file_exists("src/runtime/go.sum"),
        present("Cargo.lock", r'^checksum = "[0-9a-f]{64}"$'),
        *(
            present(f"src/tools/{tool}/Makefile", r"cargo install --locked ")
            for tool in ("agent-ctl", "genpolicy", "kata-ctl")
        ),
    ],
)
busybox_signed = Control(
    "busybox-signature",
    "Busybox is compared with a checksum and with the signature of a named key",
    provides=["integrity-protection", "code-signing"],
    description="Where it is not taken from the cache of archives",
    claims=[
        present(BUSYBOX, r"^set -o errexit$"),
        present(BUSYBOX, r'^\s*sha256sum -c "\$\{sha256_file\}"$'),
        present(BUSYBOX, r"--recv-keys [0-9A-F]{40}"),
        present(BUSYBOX, r'^\s*gpg --verify "\$\{sig_file\}" "\$\{tarbz_file\}"$'),
    ],
)
gperf_signed = Control(
    "gperf-signature",
    "Gperf is compared with the signature of a named key, and a download that does not fit ends the build",
    provides=["integrity-protection", "code-signing", "fail-closed"],
    claims=[
        present(CACHE, r'(?s)GPERF_GPG_KEYS=\(\s*"[0-9A-F]{40}"'),
        present(
            CACHE,
            r'(?s)if gpg --verify "\$\{tarball_name\}\.sig" "\$\{tarball_name\}".{0,400}else.{0,120}\bdie ',
        ),
    ],
)
commits_pinned = Control(
    "sources-pinned-by-commit",
    "OpenVMM is taken at a commit",
    provides=["integrity-protection", "immutable-references"],
    description="QEMU and the firmware are taken at a tag or branch, which their project can move; the image of the "
    "guest components is named by a commit, but by a tag of a registry",
    claims=[
        present("versions.yaml", r'(?s)\n    openvmm:\n.{0,300}version: "[0-9a-f]{40}"'),
        present(
            "tools/packaging/static-build/openvmm/build-static-openvmm.sh",
            r'git checkout "\$\{openvmm_version\}"',
        ),
    ],
)
cache_compared = Control(
    "cached-component-compared",
    "A component of an earlier build is used only where version, builder and checksum fit",
    provides=["configuration-validation"],
    description="The checksum lies beside the component: it shows damage, not an exchange of both",
    claims=[
        present(
            BINARIES,
            r'(?s)\[\[ "\$\{cached_image_version\}" != "\$\{current_image_version\}" \]\](?:; then| && return "\$\()\s*'
            r"cleanup_and_fail",
        ),
        present(
            BINARIES,
            r'(?s)\[\[ "\$\{cached_version\}" != "\$\{current_version\}" \]\](?:; then| && return "\$\()\s*'
            r"cleanup_and_fail",
        ),
        present(
            BINARIES, r'sha256sum -c "\$\{component\}-sha256sum" \|\| (?:\{ |return "\$\()cleanup_and_fail'
        ),
    ],
)
module_signing = Control(
    "module-signing-pin",
    "The passphrase for signing kernel modules reaches builds for NVIDIA alone, and the key is kept under it",
    provides=["credential-isolation"],
    claims=[
        present(KERNEL, r'openssl rsa -aes256 -in "\$\{key\}" -out "\$\{key\}" -passout env:KBUILD_SIGN_PIN'),
        *(
            present(
                f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
                r"KBUILD_SIGN_PIN: \$\{\{ contains\(matrix\.asset, 'nvidia'\) && secrets\.KBUILD_SIGN_PIN \|\| '' \}\}",
            )
            for arch in ("amd64", "arm64")
        ),
    ],
)
updates_cooled = Control(
    "updates-after-a-week",
    "An update is proposed a week after it was published, for crates, Go modules and actions",
    provides=["update-process"],
    claims=[
        present(
            ".github/dependabot.yml",
            r'(?s)package-ecosystem: "cargo".*default-days: 7.*package-ecosystem: "gomod".*default-days: 7'
            r'.*package-ecosystem: "github-actions".*cooldown:\s*default-days: 7',
        ),
    ],
)
