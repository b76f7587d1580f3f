"""Processes and data stores of the node outside the VMM."""

from __future__ import annotations

from threatmodel.dsl import Actor, Datastore, ExternalEntity, Process

from .. import assets_host, data
from ..controls import dragonball, host, sharing, vmm
from ..options import KataOptions

ROOT = "host-userspace"


def host_side(o: KataOptions) -> None:
    """Everything that runs or lies on the node, VMM apart."""
    _orchestration(o)
    _shim(o)
    _tools(o)
    _stores(o)
    if o.vhost_vsock:
        Actor(
            "local-user",
            inside="local-users",
            name="Local process",
            runs_as="unprivileged user",
            description="A program on the node that has nothing to do with Kata",
        )
    if not o.local:
        Process(
            "host-kernel",
            inside="host-kernel-zone",
            name="Host kernel",
            language="c",
            runs_as="kernel",
            description="Carries the shim; the virtual machine is elsewhere",
            traits=["kernel", "shared-by-tenants"],
            data=[data.host_resources],
        )
        return
    Process(
        "host-kernel",
        inside="host-kernel-zone",
        name="Host kernel",
        language="c",
        runs_as="kernel",
        description=("KVM" if o.host_hv == "kvm" else "Root partition of the Microsoft hypervisor")
        + ", vhost, tap, cgroups, VFIO; one for all sandboxes",
        traits=[
            "kernel",
            "hypervisor",
            "shared-by-tenants",
            *(["emulates-devices"] if o.vhost_kernel or o.vhost_vsock else []),
        ],
        data=[data.host_resources],
    )


def _orchestration(o: KataOptions) -> None:
    if o.kubernetes:
        Process(
            "kubelet",
            inside=ROOT,
            name="kubelet",
            language="go",
            runs_as="uid 0",
            traits=["orchestrates", "network-facing", "shared-by-tenants", "stores-secrets"],
            data=[data.pod_spec, data.workload_secrets],
        )
    Process(
        "cri-containerd",
        inside=ROOT,
        name={"containerd": "containerd", "cri-o": "CRI-O", "docker": "Docker and containerd"}[o.cri],
        language="go",
        runs_as="uid 0",
        description="Passes annotations io.katacontainers.* on to the shim"
        if o.kubernetes
        else "Passes every annotation of a container on to the shim",
        traits=["orchestrates", "parses-images", "pulls-artefacts", "spawns-processes", "shared-by-tenants"],
        data=[data.pod_spec, data.image_layers],
    )
    ExternalEntity(
        "cni-plugin",
        inside=ROOT,
        name="CNI plugin" if o.kubernetes else "Network of Docker",
        data=[data.network_config],
    )


def _shim(o: KataOptions) -> None:
    in_process = o.hypervisor == "dragonball"
    quota = [host.sandbox_cgroup, host.pod_limits] if o.sandbox_cgroup == "on" else []
    Process(
        o.shim,
        inside="shim-process" if in_process else ROOT,
        name="Kata shim (Go)" if o.runtime == "go" else "Kata shim (Rust)",
        language=o.runtime,
        runs_as="uid 0",
        description="containerd-shim-kata-v2, one per sandbox"
        + _linked(o)
        + ("; Dragonball and its file server are threads of this process" if in_process else ""),
        traits=[
            "configuration-driven",
            "spawns-processes",
            "mounts-filesystems",
            "broker",
            "logs-events",
            "boots-guest",
        ],
        data=[data.pod_spec, data.pod_annotations, data.runtime_configuration, data.sandbox_state],
        controls=[
            host.shim_per_sandbox,
            host.shim_language,
            *quota,
            *([dragonball.dragonball_seccomp] if in_process and o.seccomp_on else []),
        ],
    )
    if o.file_server == "virtiofsd":
        Process(
            "virtiofsd",
            inside="file-server-zone",
            name="virtiofsd",
            language="rust",
            runs_as="uid 0",
            description="Serves the sandbox's shared folder, also where the VMM is rootless",
            traits=["file-server"],
            data=[data.host_files, data.workload_data],
            controls=[
                sharing.virtiofsd_sandbox,
                sharing.virtiofsd_defaults,
                sharing.virtiofsd_version,
                *([sharing.no_extended_attributes] if o.guest_selinux == "off" else []),
                sharing.virtiofsd_per_sandbox,
                *quota,
            ],
        )
    if o.shared_fs == "inline-virtio-fs":
        Process(
            "inline-virtiofs",
            inside="shim-process",
            name="Inline virtio-fs",
            language="rust",
            runs_as="uid 0, threads of the shim",
            description="File server of Dragonball; no process, namespace or filter of its own",
            traits=["file-server"],
            data=[data.host_files, data.workload_data],
            controls=[
                *([dragonball.dragonball_seccomp] if o.seccomp_on else []),
                host.shim_per_sandbox_threads,
                *quota,
            ],
        )


def _linked(o: KataOptions) -> str:
    """How the shim is linked: utils.mk and the Makefile of the Go runtime have two architectures apart."""
    if o.arch in ("s390x", "ppc64le"):
        return "; loads the C library of the node"
    return "; a static program at a fixed address" if o.runtime == "go" else "; a static program"


def _tools(o: KataOptions) -> None:
    Process(
        "kata-runtime",
        inside=ROOT,
        name="kata-runtime",
        language="go",
        runs_as="uid 0",
        description="Administration: exec, iptables, policy, volumes, factory",
        data=[data.admin_requests],
    )
    Process(
        "kata-ctl",
        inside=ROOT,
        name="kata-ctl",
        language="rust",
        runs_as="uid 0",
        description="Administration for the Rust runtime: exec, copy, volumes, monitor",
        data=[data.admin_requests],
    )
    Process(
        "kata-monitor",
        inside="monitor-pod",
        name="kata-monitor",
        language="go",
        runs_as="uid 0",
        description="Collects metrics of all sandboxes of the node; not started by default",
        traits=["aggregates-metrics", "network-facing", "broker", "shared-by-tenants"],
        data=[data.metrics],
        controls=[host.monitor_off] if o.monitor == "off" else [],
    )
    if o.local:
        Process(
            "trace-forwarder",
            inside=ROOT,
            name="Trace forwarder",
            language="rust",
            runs_as="user who starts it" if o.vhost_vsock else "uid 0 at start, then nobody",
            traits=["broker"],
            data=[data.traces],
            controls=[] if o.vhost_vsock else [host.forwarder_drops_root],
        )
    if o.kubernetes:
        _added(o)
    if o.tee == "tdx" and o.local:
        ExternalEntity(
            "tdx-qgs",
            inside=ROOT,
            name="TDX quote service",
            description="Turns a report of the guest into a signed quote",
            traits=["attests-platform"],
        )


def _added(o: KataOptions) -> None:
    """Pods that the administrator adds to the cluster."""
    Process(
        "csi-directvolume",
        inside="volume-pod",
        name="CSI direct volume",
        language="go",
        runs_as="uid 0, privileged container",
        description="Hands block devices to sandboxes; under development by its own words, and no part of the chart",
        traits=["mounts-filesystems", "shared-by-tenants", "stores-secrets"],
        data=[data.volume_info, data.cluster_credentials],
    )
    token = o.deploy == "daemonset"
    Process(
        "kata-deploy",
        inside="installer-pod",
        name="kata-deploy",
        language="rust",
        runs_as="uid 0, container without privileged",
        description="Writes binaries, systemd units and the container manager's configuration; "
        + ("its token labels nodes" if token else "one job for each node, without a token of the cluster"),
        traits=["stores-secrets"] if token else [],
        data=[data.release_artefacts, *([data.cluster_credentials] if token else [])],
        controls=[host.installer_unprivileged],
    )


def _stores(o: KataOptions) -> None:
    Datastore(
        "configuration",
        inside=ROOT,
        name="configuration.toml",
        runs_as="owner root",
        traits=["stores-state"],
        data=[data.runtime_configuration],
    )
    Datastore(
        "sandbox-state",
        inside=ROOT,
        name="Sandbox state",
        description="/run/vc/sbs (Go), /run/kata (Rust)",
        traits=["stores-state"],
        data=[data.sandbox_state],
        controls=[vmm.vm_folder_mode]
        if o.runtime == "rust" and o.hypervisor in ("qemu", "clh") and o.rootless == "off"
        else [],
    )
    Datastore(
        "image-store",
        inside=ROOT,
        name="Image store",
        description="Layers and snapshots of the container manager",
        traits=["shared-by-tenants", "stores-state"],
        data=[data.image_layers],
    )
    Datastore(
        "guest-image",
        inside=ROOT,
        name="Guest kernel and image",
        description="Files below /opt/kata; one set for all sandboxes",
        traits=["shared-by-tenants", "supplies-code"],
        data=[data.guest_image],
    )
    Datastore(
        "installed-programs",
        inside=ROOT,
        name="Installed programs",
        description="Shim, monitors and file servers below /opt/kata; run as uid 0",
        runs_as="owner root",
        traits=["shared-by-tenants", "supplies-code"],
        data=[assets_host.installed_programs],
    )
    Datastore(
        "direct-volumes",
        inside=ROOT,
        name="Direct volume records",
        description="mountInfo.json below /run/kata-containers/shared/direct-volumes",
        traits=["stores-state"],
        data=[data.volume_info],
    )
    if o.shared_fs != "none":
        Datastore(
            "host-share",
            inside=ROOT,
            name="Shared folder",
            description="Tree of bind mounts below /run/kata-containers/shared/sandboxes",
            data=[data.host_files, data.workload_data, data.workload_secrets],
            controls=[sharing.share_read_only] if sharing.serves_read_only(o) else [],
        )
    if o.tee != "none" and o.local:
        Datastore(
            "initdata-disk",
            inside=ROOT,
            name="Initdata disk",
            description="Block image that the shim writes from the annotation cc_init_data",
            data=[data.initdata],
        )
