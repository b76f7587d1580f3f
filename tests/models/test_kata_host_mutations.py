"""Each control of node, installation and pipeline falls when its defence is taken out of the source."""

from __future__ import annotations

import pytest

from tests.models.mutations import Row, check_control_falls, kata_with, rows
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

RS, GO, JOB, DEV = "qemu-runtime-rs", "qemu", "job", "qemu-coco-dev-runtime-rs"
SHIM = "src/runtime/pkg/containerd-shim-v2"
SHIMS = "src/runtime-rs/crates/shim/src"
GPU = "qemu-nvidia-gpu-runtime-rs"
POD_RESOURCES = "src/libs/pod-resources-rs/src/pod_resources/mod.rs"
TASK = "src/runtime-rs/crates/service/src/task_service.rs"
HOOKS = "src/libs/kata-sys-util/src/hooks.rs"
GO_HOOKS = "src/runtime/pkg/katautils/hook.go"
ROUTES = "src/runtime-rs/crates/runtimes/src/shim_mgmt/handlers.rs"
PERSIST = "src/runtime-rs/crates/persist/src/lib.rs"
GO_PERSIST = "src/runtime/virtcontainers/persist/fs/fs.go"
OCI = "src/runtime/pkg/oci/utils.go"
ANNOTATIONS = "src/libs/kata-types/src/annotations/mod.rs"
DEPLOY = "tools/packaging/kata-deploy"
CHART = f"{DEPLOY}/helm-chart/kata-deploy"
INSTALLER = f"{DEPLOY}/binary/src"
HELPERS = f"{CHART}/templates/_helpers.tpl"
RBAC = f"{CHART}/templates/kata-rbac.yaml"
DISPATCH = f"{CHART}/templates/kata-deploy-install-job.yaml"
BINARIES = f"{DEPLOY}/local-build/kata-deploy-binaries.sh"
HOOK = "tools/testing/kata-webhook"
FLOWS = ".github/workflows"
RELEASE_SH = "tools/packaging/release/release.sh"
CACHE = "tools/packaging/scripts/download-with-oras-cache.sh"
BUSYBOX = "tools/packaging/static-build/busybox/build-static-busybox.sh"
CTL = "src/tools/kata-ctl/src"

ROWS: tuple[Row, ...] = (
    # control, configuration, path, old text (empty: append), new text
    (
        "checkpoint-not-implemented", GO, f"{SHIM}/service.go",
        'return nil, errdefs.ToGRPCf(errdefs.ErrNotImplemented, "service Checkpoint")', "return s.checkpoint(ctx, r)",
    ),
    (
        "checkpoint-not-implemented", RS, TASK,
        "    state | api::", "    checkpoint | api::C | api::Empty,\n    state | api::",
    ),
    ("task-messages-typed", GO, f"{SHIM}/service.go", "(taskAPI.TaskService)(&service{})", "nil"),
    ("task-messages-typed", RS, TASK, "impl shim_async::Task for TaskService", "impl TaskService"),
    ("hook-without-shell", GO, GO_HOOKS, "Path:   hook.Path,", 'Path:   "/bin/sh",'),
    ("hook-without-shell", RS, HOOKS, "Exec::cmd(&self.executable)", "Exec::shell(&self.executable)"),
    ("hook-limits", RS, HOOKS, ".env_clear()", ""),
    ("hook-limits", RS, HOOKS, ".limit_time(Duration::from_secs(executor.timeout))", ""),
    ("host-hooks-stay-on-the-host", GO, "src/runtime/virtcontainers/kata_agent.go", "grpcSpec.Hooks = nil", ""),
    (
        "host-hooks-stay-on-the-host", RS,
        "src/runtime-rs/crates/runtimes/virt_container/src/container_manager/container.rs",
        "spec.set_hooks(Some(oci_hooks));", "",
    ),
    (
        "management-routes-listed", RS, ROUTES,
        "_ => Ok(not_found(req).await),", "_ => agent_url_handler(sandbox, req).await,",
    ),
    ("management-routes-listed", RS, ROUTES, "(&Method::PUT, AGENT_POLICY_URL) =>", "(_, AGENT_POLICY_URL) =>"),
    ("state-owner-only", GO, GO_PERSIST, "os.FileMode(0600)", "os.FileMode(0644)"),
    ("state-owner-only", GO, GO_PERSIST, "os.FileMode(0700) | os.ModeDir", "os.FileMode(0755) | os.ModeDir"),
    (
        "state-path-checked", RS, PERSIST,
        'verify_id(sid).context("failed to verify sid")?;\n    let mut path = scoped_join', "let mut path = join",
    ),
    (
        "unlisted-annotation-refused", GO, OCI, 'return fmt.Errorf("annotation %v is not enabled", key)', "continue",
    ),
    ("unlisted-annotation-ignored", RS, ANNOTATIONS, 'warn!(sl!(), "Annotation {} not enabled", key);', "apply(key);"),
    ("runtime-parts-known", RS, ANNOTATIONS, "if runtime.contains(&value.as_str()) {", "if true {"),
    ("runtime-parts-known", RS, ANNOTATIONS, "if config.hypervisor.contains_key(hv) {", "if true {"),
    (
        "annotation-values-typed", GO, OCI,
        "boolValue, err := strconv.ParseBool(value)", 'boolValue, err := value != "", e',
    ),
    ("annotation-values-typed", RS, ANNOTATIONS, "KATA_ANNO_CFG_DISABLE_NEW_NETNS => match self.get_value::<bool>(key)",
     "KATA_ANNO_CFG_DISABLE_NEW_NETNS => match any(key)"),
    (
        "network-and-vfio-modes-known", GO, OCI,
        "if err := sbConfig.VfioMode.VFIOSetMode(value); err != nil {", "if sbConfig.VfioMode = value; false {",
    ),
    ("processors-bounded", RS, ANNOTATIONS, ".get_max_cpus() as f32", ".get_any() as f32"),
    ("processors-bounded", "go-size", OCI, "if vcpus > float32(numCPUs) &&", "if false &&"),
    ("store-and-entropy-paths-listed", RS, ANNOTATIONS, "hv.machine_info.validate_entropy_source(value)?;", ""),
    (
        "store-and-entropy-paths-listed", GO, OCI,
        "if !checkPathIsInGlobs(runtime.HypervisorConfig.EntropySourceList, value) {", "if false {",
    ),
    (
        "passed-annotations-listed", RS, f"{INSTALLER}/runtime/containerd.rs",
        "", '\nlet pod_annotations = "[\\"io.katacontainers.*\\", \\"*\\"]";\n',
    ),
    (
        "passed-annotations-listed", RS, f"{INSTALLER}/runtime/containerd.rs",
        r'let pod_annotations = "[\"io.katacontainers.*\"]";', r'let pod_annotations = "[\"*\"]";',
    ),
    ("webhook-tls", RS, f"{HOOK}/main.go", "http.ListenAndServeTLS(port, cfg.certFile, cfg.keyFile, whHandler)",
     "http.ListenAndServe(port, whHandler)"),
    ("webhook-confined", RS, f"{HOOK}/deploy/webhook.yaml", "runAsNonRoot: true", "runAsNonRoot: false"),
    ("webhook-confined", RS, f"{HOOK}/deploy/webhook.yaml", "- ALL", "- NET_RAW"),
    ("policy-images-over-tls", RS, "src/tools/genpolicy/src/registry.rs",
     "ClientProtocol::HttpsExcept(config.insecure_registries.clone())", "ClientProtocol::Http"),
    ("policy-cache-locked", RS, "src/tools/genpolicy/src/layers_cache.rs", "FileExt::try_lock_shared(&file)?;", ""),
    ("monitor-limits", RS, f"{CHART}/values.yaml", "memory: 300Mi\n    requests", "memory: 30Gi\n    requests"),
    ("monitor-mounts-read-only", RS, f"{CHART}/templates/kata-monitor.yaml", "readOnly: true", "readOnly: false"),
    (
        "monitor-mounts-read-only", RS, f"{CHART}/templates/kata-monitor.yaml", "",
        "\n      - name: more\n        hostPath:\n          path: /\n",
    ),
    ("monitor-timeout", RS, "src/runtime/pkg/kata-monitor/shim_client.go", "3 * time.Second", "0"),
    ("kata-ctl-monitor-loopback", RS, f"{CTL}/ops/check_ops.rs", '"127.0.0.1:8090"', '"0.0.0.0:8090"'),
    (
        "kata-ctl-monitor-two-paths", RS, f"{CTL}/monitor/http_server.rs",
        "(&Method::GET, METRICS_URI)", "(_, METRICS_URI)",
    ),
    ("management-client-checks-id", RS, "src/libs/shim-interface/src/lib.rs", "verify_id(short_id)", "Ok(short_id)"),
    ("host-programs-read-only", RS, HELPERS, "mountPath: /host-usr/bin\n  readOnly: true", "mountPath: /host-usr/bin"),
    ("health-two-paths", RS, f"{INSTALLER}/health.rs", "tokio::time::timeout(READ_TIMEOUT, ", "read("),
    ("health-two-paths", RS, f"{INSTALLER}/health.rs", '_ => ("404 Not Found"', '_ => ("200 OK"'),
    ("installer-not-privileged", RS, f"{CHART}/templates/kata-deploy.yaml", "privileged: false", "privileged: true"),
    ("installer-not-privileged", JOB, HELPERS, '"privileged" false', '"privileged" true'),
    ("installer-role-narrow", RS, RBAC, 'verbs: ["get", "patch"]', 'verbs: ["get", "patch", "delete"]'),
    ("installer-role-narrow", RS, RBAC, 'resources: ["daemonsets"]', 'resources: ["*"]'),
    (
        "node-jobs-without-token", JOB, HELPERS,
        "automountServiceAccountToken: false", "automountServiceAccountToken: true",
    ),
    ("dispatcher-role-narrow", JOB, RBAC, 'resources: ["jobs"]', 'resources: ["jobs", "pods/exec"]'),
    ("dispatcher-confined", JOB, DISPATCH, "runAsNonRoot: true", "runAsNonRoot: false"),
    ("dispatcher-confined", JOB, DISPATCH, "type: RuntimeDefault", "type: Unconfined"),
    ("installation-deadline", JOB, HELPERS, "| default 3600 }}", "}}"),
    ("systemd-client-bounded", RS, f"{INSTALLER}/utils/dbus.rs", "socket.set_read_timeout(Some(timeout))?;", ""),
    (
        "snapshotter-restarted", DEV, f"{DEPLOY}/nydus-snapshotter/nydus-snapshotter.service",
        "Restart=always", "Restart=no",
    ),
    ("test-client-not-installed", RS, f"{DEPLOY}/Dockerfile", "", "\nCOPY agent-ctl /usr/bin/\n"),
    ("debug-image-not-installed", RS, f"{CHART}/values.yaml", "", "\nimageForDebugging: kata-debug\n"),
    ("shim-ctl-not-shipped", RS, BINARIES, "", "\ninstall shim-ctl\n"),
    (
        "release-started-by-hand", RS, f"{FLOWS}/release.yaml",
        "  workflow_dispatch\n", "  workflow_dispatch:\n  push:\n",
    ),
    ("secrets-named-one-by-one", RS, f"{FLOWS}/release.yaml", "", "\n    secrets: inherit\n"),
    ("release-public-when-complete", RS, RELEASE_SH, "\t\t--draft\n", "\n"),
    ("release-public-when-complete", RS, RELEASE_SH, "--verify-tag \\", "\\"),
    (
        "own-machines-label-gate", RS, f"{FLOWS}/static-checks-self-hosted.yaml",
        "contains(github.event.pull_request.labels.*.name, 'ok-to-test')", "true",
    ),
    ("gatekeeper-reads-only", RS, f"{FLOWS}/gatekeeper.yaml", "contents: read", "contents: write"),
    (
        "gatekeeper-reads-only", RS, f"{FLOWS}/gatekeeper.yaml",
        "secrets.GITHUB_TOKEN", "secrets.QUAY_DEPLOYER_PASSWORD",
    ),
    (
        "required-checks-listed", RS, "tools/testing/gatekeeper/required-tests.yaml",
        "- GHA security analysis / zizmor\n", "\n",
    ),
    ("owners-of-pipeline-listed", RS, "CODEOWNERS", "/.github/workflows/", "/.github/nothing/"),
    ("test-clouds-without-password", RS, f"{FLOWS}/run-k8s-tests-on-aks.yaml", "client-id:", "client-secret:"),
    ("lock-files", RS, "Cargo.lock", 'checksum = "', 'digest = "'),
    ("lock-files", RS, "src/tools/genpolicy/Makefile", "cargo install --locked ", "cargo install "),
    ("busybox-signature", RS, BUSYBOX, 'gpg --verify "${sig_file}" "${tarbz_file}"', "true"),
    ("gperf-signature", RS, CACHE, 'if gpg --verify "${tarball_name}.sig" "${tarball_name}"', "if true"),
    ("sources-pinned-by-commit", RS, "versions.yaml", '"d8c1f25a35d85d7cd2ea762a2a7b2e7328a6fc9d"', '"main"'),
    ("cached-component-compared", RS, BINARIES, 'sha256sum -c "${component}-sha256sum" ||', "true ||"),
    ("module-signing-pin", RS, "tools/packaging/kernel/build-kernel.sh", "openssl rsa -aes256", "openssl rsa"),
    (
        "module-signing-pin", RS, f"{FLOWS}/build-kata-static-tarball-arm64.yaml",
        "contains(matrix.asset, 'nvidia') && secrets.KBUILD_SIGN_PIN || ''", "secrets.KBUILD_SIGN_PIN",
    ),
    ("test-clusters-deleted", RS, f"{FLOWS}/run-k8s-tests-on-aks.yaml", "if: always()\n        run: bash", "run: bash"),
    (
        "kernel-tarball-checksums", RS, "tools/packaging/kernel/build-kernel.sh",
        '\t\tsha256sum -c "${kernel_tarball}.sha256"\n', "\t\ttrue\n",
    ),
    ("hook-paths-absolute", RS, HOOKS, "if !path.is_absolute() {", "if false {"),
    ("state-typed", RS, PERSIST, "return serde_json::from_reader(reader)", "return read(reader)"),
    ("state-typed", GO, GO_PERSIST, "json.NewDecoder(f).Decode(fs.sandboxState)", "read(f, fs.sandboxState)"),
    ("state-owner-only", GO, GO_PERSIST, "os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)", "os.O_WRONLY, 0644)"),
    ("shim-address-per-sandbox", RS, f"{SHIMS}/shim_delete.rs", "fs::remove_file(file_path).ok();", ""),
    ("shim-address-per-sandbox", RS, f"{SHIMS}/shim.rs", "&self.args.namespace, id].join", '"one"].join'),
    ("shim-per-sandbox", RS, f"{SHIMS}/shim_start.rs", "let child_pid = self.create_shim_process(socket)?;", ""),
    ("shim-per-sandbox", GO, f"{SHIM}/utils.go", "if containerType == vc.PodContainer {", "if false {"),
    ("management-socket-local", GO, f"{SHIM}/shim_management.go", '"unix://%s", SocketPathGo(id)', '"tcp://%s", id'),
    ("pod-resources-timeout", GPU, POD_RESOURCES, "timeout(DEFAULT_POD_RESOURCES_TIMEOUT, ", "wait("),
    ("pod-resources-timeout", GPU, POD_RESOURCES, ".max_decoding_message_size(MAX_RECV_MSG_SIZE)", ""),
    (
        "trace-forwarder-drops-root", "clh-runtime-rs", "src/tools/trace-forwarder/src/server.rs",
        "    drop_privs(&logger)?;\n", "",
    ),
    (
        "guest-components-verified", RS, f"{FLOWS}/build-kata-static-tarball-amd64.yaml",
        'PROVENANCE: "yes"', 'PROVENANCE: "no"',
    ),
    ("webhook-typed", RS, f"{HOOK}/main.go", "&corev1.Pod{}", "nil"),
    ("monitor-limits", RS, f"{CHART}/templates/kata-monitor.yaml", "toYaml .Values.monitor.resources", "toYaml .none"),
    ("kata-monitor-off", RS, f"{CHART}/templates/kata-monitor.yaml", "{- if .Values.monitor.enabled }", "{- if true }"),
    ("monitor-timeout", RS, "src/runtime/pkg/utils/shimclient/shim_management_client.go", "client.Timeout = timeout", ""),
    (
        "no-host-devices-for-privileged", RS, f"{INSTALLER}/runtime/containerd.rs",
        'privileged_without_host_devices"),\n        "true"', 'privileged_without_host_devices"),\n        "false"',
    ),
    ("dispatcher-confined", JOB, f"{CHART}/templates/kata-deploy-cleanup-job.yaml", "runAsNonRoot: true", ""),
    ("updates-after-a-week", RS, ".github/dependabot.yml", "default-days: 7", "default-days: 0"),
)  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return kata_with({JOB: {"deploy": "job"}, "go-size": {"runtime": "go"}})


@rows(ROWS)
def test_control_falls_with_its_defence(project: Project, source: SourceTree, row: Row) -> None:
    check_control_falls(project, source, row)
