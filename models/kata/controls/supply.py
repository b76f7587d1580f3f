"""Defences of the release pipeline, as far as the repository shows them."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present

WORKFLOWS = ".github/workflows"
BUILD = "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh"

label_gate = Control(
    "ci-label-gate",
    "Workflows with secrets run on a pull request only after a label that maintainers set",
    provides=["authorization-policy"],
    description="A change that is pushed after the label was set runs too, until the label is taken away",
    claims=[
        present(
            f"{WORKFLOWS}/ci-on-push.yaml",
            r"if: \$\{\{ contains\(github\.event\.pull_request\.labels\.\*\.name, 'ok-to-test'\) \}\}",
        ),
        present(f"{WORKFLOWS}/ci-on-push.yaml", r"^\s*pull_request_target:"),
    ],
)
no_default_permissions = Control(
    "ci-no-default-permissions",
    "Workflows start without permissions, and each job asks for its own",
    provides=["deny-by-default", "credential-isolation"],
    claims=[
        present(f"{WORKFLOWS}/*.{{yaml,yml}}", r"^permissions: \{\}$", each=True),
        *(
            present(f"{WORKFLOWS}/{name}.yaml", r"^permissions: \{\}$")
            for name in ("ci-on-push", "release", "static-checks", "gatekeeper")
        ),
    ],
)
pinned_actions = Control(
    "ci-actions-pinned",
    "Actions of others are named by commit",
    provides=["integrity-protection", "immutable-references"],
    claims=[
        absent(f"{WORKFLOWS}/*.{{yml,yaml}}", r"(?m)^\s*(- )?uses: [\w.-]+/[\w./-]+@(v[0-9]|main|master)"),
    ],
)
checkout_without_credentials = Control(
    "ci-checkout-without-credentials",
    "A checked-out tree keeps no token",
    provides=["credential-isolation"],
    claims=[
        *(
            present(f"{WORKFLOWS}/{name}.yaml", r"^\s*persist-credentials: false$")
            for name in ("build-kata-static-tarball-amd64", "release-amd64", "static-checks")
        ),
        # a step that checks out and comes to the next one without the line
        absent(
            f"{WORKFLOWS}/*.{{yaml,yml}}",
            r"uses: actions/checkout@[^\n]*(?:\n[ \t]*(?:(?:[^-p\s]|p[^e\n])[^\n]*)?)*(?:\n[ \t]*- |\z)",
        ),
        absent(f"{WORKFLOWS}/*.{{yaml,yml}}", r"persist-credentials:\s*[^f\s]"),
    ],
)
component_provenance = Control(
    "component-provenance",
    "Components that are built for amd64, arm64 and s390x get an attestation of their provenance",
    provides=["provenance", "transparency-log"],
    description="Not for ppc64le and riscv64, and not for the images of containers. Attestations of a public repository "
    "are entered in the public log of Sigstore",
    claims=[
        present(
            f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
            r"uses: actions/attest-build-provenance@[0-9a-f]{40}[^\n]*\n\s*if: \$\{\{ env\.PERFORM_ATTESTATION == 'yes'",
        )
        for arch in ("amd64", "arm64", "s390x")
    ]
    + [
        present(
            f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
            r"^\s*PERFORM_ATTESTATION: \$\{\{ inputs\.push-to-registry == 'yes' && 'yes' \|\| 'no' \}\}$",
        )
        for arch in ("amd64", "arm64", "s390x")
    ],
)
job_token = Control(
    "published-with-the-jobs-token",
    "Releases and cached components are published with the token of the job, which ends with it",
    provides=["short-lived-credentials", "least-privilege-credentials"],
    description="The registry of images has a password instead",
    claims=[
        present(
            f"{WORKFLOWS}/release.yaml",
            r"(?s)^  release:\s+name: release\s+runs-on: [^\n]+\s+permissions:\s+contents: write[^\n]*\n\s+steps:",
        ),
        present(f"{WORKFLOWS}/release.yaml", r"^\s*GH_TOKEN: \$\{\{ github\.token \}\}$"),
        absent(f"{WORKFLOWS}/release*.yaml", r"GH_TOKEN:\s*(?:[^$\s]|\$\{\{\s*(?:[^g\s]|g[^i]))"),
        *(
            claim
            for arch in ("amd64", "arm64", "s390x", "ppc64le")
            for claim in (
                present(
                    f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
                    r"^\s*ARTEFACT_REGISTRY_PASSWORD: \$\{\{ secrets\.GITHUB_TOKEN \}\}$",
                ),
                absent(
                    f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
                    r"ARTEFACT_REGISTRY_PASSWORD:\s*(?:[^$\s]|\$\{\{\s*(?:[^s\s]|secrets\.(?:[^G]|G[^I])))",
                ),
            )
        ),
    ],
)
guest_components_verified = Control(
    "guest-components-verified",
    "The provenance of guest components is verified before they go into an image",
    provides=["image-verification", "provenance"],
    description="Skipped on s390x",
    claims=[
        present(
            BUILD,
            r'(?s)gh attestation verify "oci://\$\{image\}@\$\{digest\}".{0,160}\|\| die "Provenance verification failed',
        ),
        *(
            present(
                f"{WORKFLOWS}/build-kata-static-tarball-{arch}.yaml",
                r'VERIFY_COCO_EXTENSION_PROVENANCE: "yes"',
            )
            for arch in ("amd64", "arm64")
        ),
    ],
)
kernel_checksums = Control(
    "kernel-tarball-checksums",
    "The kernel's source is compared with the published checksums",
    provides=["integrity-protection"],
    description="That these are signed is not looked at",
    claims=[
        present(
            "tools/packaging/kernel/build-kernel.sh",
            r'(?s)if \[\[ -z "\$\{rc\}" \]\]; then\s*sha256sum -c "\$\{kernel_tarball\}\.sha256"\s*fi\s*tar xf',
        ),
        present("tools/packaging/kernel/build-kernel.sh", r"sha256sums\.asc"),
    ],
)
dependency_scans = Control(
    "dependency-scans",
    "Dependencies are matched with published vulnerabilities on each change and by a schedule",
    provides=["update-process"],
    claims=[
        file_exists(f"{WORKFLOWS}/osv-scanner-pr.yaml"),
        file_exists(f"{WORKFLOWS}/osv-scanner-scheduled.yaml"),
        file_exists(f"{WORKFLOWS}/govulncheck.yaml"),
        file_exists(f"{WORKFLOWS}/cargo-deny.yaml"),
        present(".github/dependabot.yml", r"(?s)cooldown:\s*default-days: 7"),
    ],
)
workflow_linters = Control(
    "workflow-linters",
    "Workflows are checked by linters for their security",
    provides=["configuration-validation"],
    claims=[
        file_exists(f"{WORKFLOWS}/zizmor.yaml"),
        file_exists(f"{WORKFLOWS}/actionlint.yaml"),
        file_exists(f"{WORKFLOWS}/scorecard.yaml"),
    ],
)
