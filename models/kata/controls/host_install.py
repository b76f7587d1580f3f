"""Defences of the installation: containers, tokens, systemd, and tools that are not installed."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

PACKAGING = "tools/packaging/kata-deploy"
CHART = f"{PACKAGING}/helm-chart/kata-deploy/templates"
HELPERS = f"{CHART}/_helpers.tpl"
INSTALLER = f"{PACKAGING}/binary/src"
BINARIES = f"{PACKAGING}/local-build/kata-deploy-binaries.sh"
DAEMONSET = {"deploy": "daemonset"}
JOB = {"deploy": "job"}

host_programs_read_only = Control(
    "host-programs-read-only",
    "The installer sees programs and boot files of the node through read-only mounts",
    provides=["read-only-mount"],
    description="Not so /opt/kata, units of systemd, its socket and the container manager's configuration",
    claims=[
        present(HELPERS, rf"(?s)- name: {name}\s*mountPath: {path}\s*readOnly: true")
        for name, path in (
            ("boot", "/boot"),
            ("host-usr-bin", "/host-usr/bin"),
            ("host-usr-sbin", "/host-usr/sbin"),
            ("host-usr-local-bin", "/host-usr-local/bin"),
            ("host-usr-local-sbin", "/host-usr-local/sbin"),
            ("host-bin", "/host-bin"),
            ("host-sbin", "/host-sbin"),
        )
    ],
)
health_paths = Control(
    "health-two-paths",
    "The installer's health server knows two paths and reads one line for five seconds at most",
    provides=["allow-list", "timeout"],
    claims=[
        present(
            f"{INSTALLER}/health.rs",
            r"tokio::time::timeout\(READ_TIMEOUT, reader\.read_line\(&mut request_line\)\)",
            when=DAEMONSET,
        ),
        present(
            f"{INSTALLER}/health.rs",
            r"^const READ_TIMEOUT: Duration = Duration::from_secs\(5\);",
            when=DAEMONSET,
        ),
        present(
            f"{INSTALLER}/health.rs",
            r'^\s*_ => \("404 Not Found", "not found\\n"\.to_string\(\)\),',
            when=DAEMONSET,
        ),
    ],
)
installer_role = Control(
    "installer-role-narrow",
    "The installer's token may read and patch nodes, read their kubelet's settings, and see its own set",
    provides=["authorization-policy", "deny-by-default"],
    description="Nodes of the whole cluster, not its own alone; nodes/proxy is there for the kubelet's settings, but "
    "reaches all that a kubelet answers to a reader",
    claims=[
        present(
            f"{CHART}/kata-rbac.yaml",
            r'(?s)- apiGroups: \[""\]\s*resources: \["nodes"\]\s*verbs: \["get", "patch"\]\s*'
            r'- apiGroups: \[""\]\s*resources: \["nodes/proxy"\]\s*verbs: \["get"\]\s*'
            r'- apiGroups: \["apps"\]\s*resources: \["daemonsets"\]\s*verbs: \["get", "list", "watch"\]\s*---',
            when=DAEMONSET,
        ),
        absent(
            f"{CHART}/kata-rbac.yaml",
            r'(?s)"(\*|secrets|pods/exec)".*dispatcherServiceAccountName',
            when=DAEMONSET,
        ),
    ],
)
jobs_without_token = Control(
    "node-jobs-without-token",
    "The containers that change a node hold no token of the cluster",
    provides=["credential-isolation"],
    claims=[
        present(
            HELPERS,
            r"^\s*automountServiceAccountToken: false$",
            when=JOB,
        ),
    ],
)
dispatcher_role = Control(
    "dispatcher-role-narrow",
    "The dispatcher's token may list and patch nodes, and handle jobs of its own namespace",
    provides=["authorization-policy", "deny-by-default"],
    description="And read by nodes/proxy where images are pulled or converted while a container is made",
    claims=[
        present(
            f"{CHART}/kata-rbac.yaml",
            r'(?s)kind: Role\n.{0,400}- apiGroups: \["batch"\]\s*resources: \["jobs"\]\s*'
            r'verbs: \["create", "get", "list", "delete"\]\s*---',
            when=JOB,
        ),
        present(
            f"{CHART}/kata-rbac.yaml",
            r'(?s)resources: \["nodes"\]\s*verbs: \["list", "get", "patch"\]',
            when=JOB,
        ),
        absent(
            f"{CHART}/kata-rbac.yaml",
            r'(?s)dispatcherServiceAccountName.*"(\*|secrets|pods/exec)"',
            when=JOB,
        ),
    ],
)
dispatcher_confined = Control(
    "dispatcher-confined",
    "The dispatcher runs as a user without rights or capabilities, under a filter, on a read-only root",
    provides=["least-privilege-user", "capability-drop", "no-new-privileges", "syscall-filter"],
    claims=[
        present(f"{CHART}/kata-deploy-{job}-job.yaml", pattern, when=JOB)
        for job in ("install", "cleanup")
        for pattern in (
            r"^\s*runAsNonRoot: true$",
            r"(?s)seccompProfile:\s*type: RuntimeDefault",
            r"^\s*allowPrivilegeEscalation: false$",
            r"^\s*readOnlyRootFilesystem: true$",
            r"(?s)drop:\s*- ALL",
        )
    ],
)
job_deadline = Control(
    "installation-deadline",
    "An installation of a node ends after an hour, and is tried again a few times only",
    provides=["timeout"],
    claims=[
        present(
            HELPERS,
            r"^\s*activeDeadlineSeconds: \{\{ \$root\.Values\.job\.activeDeadlineSeconds \| default 3600 \}\}",
            when=JOB,
        ),
        present(HELPERS, r"^\s*backoffLimit: \{\{ \$root\.Values\.job\.backoffLimit \}\}", when=JOB),
    ],
)
systemd_client_bounded = Control(
    "systemd-client-bounded",
    "The installer's client of systemd bounds time and size of each answer",
    provides=["timeout", "bounded-request-size"],
    claims=[
        present(f"{INSTALLER}/utils/dbus.rs", r"socket\.set_read_timeout\(Some\(timeout\)\)\?;"),
        present(f"{INSTALLER}/utils/dbus.rs", r"if total_len > MAX_MESSAGE_LEN as u64 \{"),
    ],
)
snapshotter_restarted = Control(
    "snapshotter-restarted",
    "systemd starts the snapshotter again when it ends",
    provides=["restart-on-failure"],
    claims=[
        present(
            f"{PACKAGING}/nydus-snapshotter/nydus-snapshotter.service",
            r"^Restart=always$",
            when={"image_source": "guest-pull"},
        )
    ],
)
tools_apart = Control(
    "test-client-not-installed",
    "The installer does not bring the test client of the agent to a node",
    provides=["interface-disabled"],
    description="It is in the archive of tools, for amd64",
    claims=[
        absent([f"{INSTALLER}/**/*.rs", f"{PACKAGING}/shim-components.json"], r"agent-ctl"),
        absent(f"{PACKAGING}/Dockerfile", r"agent-ctl"),
    ],
)
debug_image_apart = Control(
    "debug-image-not-installed",
    "Nothing that is installed starts the image for debugging",
    provides=["interface-disabled", "debug-disabled-by-default"],
    claims=[
        absent([f"{CHART}/*.yaml", f"{PACKAGING}/helm-chart/kata-deploy/values.yaml"], r"kata-debug"),
        absent(f"{INSTALLER}/**/*.rs", r"kata-debug"),
    ],
)
shim_ctl_not_shipped = Control(
    "shim-ctl-not-shipped",
    "No archive of a release has shim-ctl",
    provides=["interface-disabled"],
    claims=[
        absent(BINARIES, r"shim-ctl", when={"runtime": "rust"}),
        absent(
            ["src/runtime-rs/Makefile", "tools/packaging/static-build/shim-v2/build.sh"],
            r"shim-ctl",
            when={"runtime": "rust"},
        ),
    ],
)
