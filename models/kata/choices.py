"""What varies between the configurations of Kata Containers, and what follows from each choice.

Options above the line change what is there: elements, flows and boundaries. Options below it switch a defence or an
interface of what is there. The first value of an option is the default. A key of `configuration.toml` that an option
stands for is named in its comment; Go and Rust are named where they differ.
"""

from __future__ import annotations

from typing import Literal

from threatmodel.dsl import Options

OnOff = Literal["off", "on"]
IN_KERNEL_NET = ("qemu", "dragonball")
IN_KERNEL_VSOCK = ("qemu", "stratovirt")


class KataChoices(Options):
    """One value per option; the first one is the default. Which go together is in `options.py`."""

    runtime: Literal["rust", "go"] = "rust"
    hypervisor: Literal["qemu", "clh", "fc", "dragonball", "stratovirt", "openvmm", "remote"] = "qemu"
    arch: Literal["x86_64", "arm64", "s390x", "ppc64le"] = "x86_64"
    host_hv: Literal["kvm", "mshv"] = "kvm"
    tee: Literal["none", "tdx", "snp", "se", "coco-dev"] = "none"  # confidential_guest, sev_snp_guest
    shared_fs: Literal["virtio-fs", "inline-virtio-fs", "virtio-fs-nydus", "virtio-9p", "none"] = "virtio-fs"
    image_source: Literal["overlay", "block", "erofs", "nydus", "guest-pull"] = "overlay"
    emptydir: Literal["shared-fs", "block-plain", "block-encrypted", "guest-tmpfs"] = (
        "shared-fs"  # emptydir_mode
    )
    guest_image: Literal["pmem", "block"] = "pmem"  # disable_image_nvdimm (Go), vm_rootfs_driver (Rust)
    net: Literal[
        "tcfilter", "macvtap", "l3forwarding", "none", "dan-tap", "dan-vhost-user", "physical-vfio"
    ] = "tcfilter"  # internetworking_model, dan_conf
    vhost_net: Literal["on", "off"] = "on"  # disable_vhost_net; only where the VMM can use it
    vfio: Literal["none", "cold", "hot"] = "none"  # cold_plug_vfio, hot_plug_vfio
    vfio_mode: Literal["guest-kernel", "vfio"] = "guest-kernel"
    resources: Literal["static", "dynamic"] = "static"  # static_sandbox_resource_mgmt
    factory: Literal["off", "template", "vmcache"] = "off"  # enable_template, vm_cache_number
    rootless: OnOff = "off"
    policy: Literal["allow-all", "off", "genpolicy", "custom"] = "allow-all"
    cri: Literal["containerd", "cri-o", "docker"] = "containerd"
    deploy: Literal["daemonset", "job"] = "daemonset"
    debug: Literal["off", "class", "devkit"] = (
        "off"  # enable_debug; the -debug and -devkit classes of the chart
    )
    vhost_user_store: OnOff = "off"  # enable_vhost_user_store
    spdk: OnOff = "off"  # direct volumes served by SPDK over vhost-user
    # ---- what switches a defence or an interface
    annotations: Literal["kernel-size", "kernel", "kernel-size-initdata", "initdata", "remote", "none"] = (
        "kernel-size"  # enable_annotations
    )
    vmm_seccomp: Literal["default", "on", "off"] = (
        "default"  # seccompsandbox (Go), seccomp_sandbox, disable_seccomp
    )
    vmm_selinux: Literal["on", "off"] = "on"  # disable_selinux
    guest_seccomp: OnOff = "off"  # disable_guest_seccomp
    guest_selinux: OnOff = "off"  # disable_guest_selinux
    sandbox_cgroup: Literal["on", "off"] = "on"  # sandbox_cgroup_only
    dax: OnOff = "off"  # virtio_fs_cache_size
    balloon: OnOff = "off"  # reclaim_guest_freed_memory
    virtio_mem: OnOff = "off"  # enable_virtio_mem
    viommu: OnOff = "off"  # enable_iommu
    hugepages: OnOff = "off"  # enable_hugepages
    nested: OnOff = (
        "off"  # disable_nested_virtualization; the processor's nested virtualisation offered to the guest
    )
    debug_console: OnOff = "off"  # debug_console_enabled
    tracing: OnOff = "off"  # enable_tracing
    pprof: OnOff = "off"  # enable_pprof
    extra_monitor: OnOff = "off"  # extra_monitor_socket
    memory_dump: OnOff = "off"  # guest_memory_dump_path
    guest_hooks: OnOff = "off"  # guest_hook_path
    mem_agent: OnOff = "off"  # mem_agent_enable
    passfd: OnOff = "off"  # use_passfd_io
    pod_resources: OnOff = "off"  # pod_resource_api_sock
    host_netns: OnOff = "off"  # disable_new_netns
    block_rootfs: Literal["on", "off"] = (
        "on"  # disable_block_device_use; a block device below a root file system goes to the guest
    )
    bind_mounts: OnOff = "off"  # sandbox_bind_mounts
    kernel_modules: OnOff = "off"  # kernel_modules
    monitor: OnOff = "off"  # kata-monitor, as the chart's monitor.enabled

    @property
    def confidential(self) -> bool:
        """True where hardware protects the guest from the host."""
        return self.tee in ("tdx", "snp", "se")

    @property
    def coco(self) -> bool:
        """True where the guest is built to distrust its host: with a TEE, as a stand-in without one, or as peer pod."""
        return self.tee != "none" or self.hypervisor == "remote"

    @property
    def pod_judged(self) -> bool:
        """True where a policy of the pod may judge requests, and not the one of the image, which allows all."""
        return self.policy in ("genpolicy", "custom") or (self.confidential and self.policy != "off")

    @property
    def local(self) -> bool:
        """True where the virtual machine runs on the node."""
        return self.hypervisor != "remote"

    @property
    def kubernetes(self) -> bool:
        """False where Docker drives the shim: no API server, no kubelet, no chart."""
        return self.cri != "docker"

    @property
    def shim(self) -> str:
        """The id of the shim that runs."""
        return "shim-go" if self.runtime == "go" else "shim-rs"

    @property
    def vmm(self) -> str:
        """The id of what the shim drives: the virtual machine monitor, or the adaptor of a cloud."""
        return f"vmm-{self.hypervisor}" if self.local else "hyp-remote"

    @property
    def machine(self) -> str:
        """The id of what boots the guest: the virtual machine monitor, or the cloud."""
        return self.vmm if self.local else "cloud-api"

    @property
    def agent_over(self) -> str:
        """What the agent's calls travel over."""
        if not self.local:
            return "uds, then a tunnel of the adaptor"
        return "vsock" if self.vhost_vsock else "hybrid-vsock"

    @property
    def file_server(self) -> str:
        """The id of the element that answers FUSE requests; empty where nothing does."""
        return {
            "virtio-fs": "virtiofsd",
            "inline-virtio-fs": "inline-virtiofs",
            "virtio-fs-nydus": "nydusd",
        }.get(self.shared_fs, "")

    @property
    def dax_able(self) -> bool:
        """True where a size of the cache becomes a window: the other monitors are never told one."""
        able = self.hypervisor == "dragonball" or (self.hypervisor == "qemu" and self.runtime == "go")
        return able and self.file_server != ""

    @property
    def virtio_rng(self) -> bool:
        """True where the guest has a device for random numbers: on s390x the processor has instructions for them."""
        if self.hypervisor == "qemu":
            return self.arch != "s390x" and (self.runtime == "rust" or not self.confidential)
        return self.hypervisor in ("clh", "stratovirt")

    @property
    def kernel_params_open(self) -> bool:
        """True where a pod may set kernel parameters, and with them every option of the agent."""
        return self.annotations in ("kernel-size", "kernel", "kernel-size-initdata")

    @property
    def net_backend(self) -> str:
        """Where the device side of virtio-net runs: `vhost-net`, `in-vmm`, `vhost-user`; empty without one."""
        if self.net in ("none", "physical-vfio") or not self.local:
            return ""
        if self.net == "dan-vhost-user":
            return "vhost-user"
        in_kernel = self.hypervisor in IN_KERNEL_NET and self.vhost_net == "on"
        return "vhost-net" if in_kernel else "in-vmm"

    @property
    def pod_netns(self) -> bool:
        """True where the VMM is in the network namespace of its pod; a network plugin's file takes it out."""
        return self.local and self.host_netns == "off" and self.net not in ("dan-tap", "dan-vhost-user")

    @property
    def vhost_kernel(self) -> bool:
        """True where the backends of virtio-net run in the host kernel."""
        return self.net_backend == "vhost-net"

    @property
    def vhost_vsock(self) -> bool:
        """True where the backend of virtio-vsock runs in the host kernel; else it is a socket of the VMM."""
        return self.hypervisor in IN_KERNEL_VSOCK

    @property
    def seccomp_on(self) -> bool:
        """True where the VMM filters its system calls: QEMU only when told so, three others unless told otherwise.

        The Go shim starts StratoVirt with the filter switched off; the driver of OpenVMM does not read the key.
        """
        default = self.hypervisor in ("clh", "fc", "dragonball")
        return self.vmm_seccomp == "on" or (self.vmm_seccomp == "default" and default)

    @property
    def console(self) -> bool:
        """True where the agent starts its debug console: told to, or by the image that the build of SE makes."""
        return self.debug_console == "on" or (self.tee == "se" and self.local)

    @property
    def debugging(self) -> bool:
        """True where consoles and logs of the guest are read on the node."""
        return self.debug != "off"
