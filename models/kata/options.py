"""Which choices of `choices.py` go together. A rule says in its sentence what a reader would have to change."""

from __future__ import annotations

from threatmodel.dsl import rule

from .choices import IN_KERNEL_NET, KataChoices

HOTPLUG = ("qemu", "clh", "dragonball")
NYDUS = ("qemu", "clh", "stratovirt")


class KataOptions(KataChoices):
    """The options of the model with the rules between them."""

    # ---- runtimes and their VMMs

    @rule("Dragonball runs inside the Rust shim: it needs runtime=rust")
    def _dragonball_is_rust(self) -> bool:
        return self.hypervisor != "dragonball" or self.runtime == "rust"

    @rule("OpenVMM is driven by the Rust runtime only: it needs runtime=rust")
    def _openvmm_is_rust(self) -> bool:
        return self.hypervisor != "openvmm" or self.runtime == "rust"

    @rule("StratoVirt is driven by the Go runtime only: it needs runtime=go")
    def _stratovirt_is_go(self) -> bool:
        return self.hypervisor != "stratovirt" or self.runtime == "go"

    @rule("arch=s390x and arch=ppc64le have QEMU and remote only")
    def _other_architectures(self) -> bool:
        return self.arch in ("x86_64", "arm64") or self.hypervisor in ("qemu", "remote")

    @rule("OpenVMM is built for arch=x86_64 only")
    def _openvmm_is_x86(self) -> bool:
        return self.hypervisor != "openvmm" or self.arch == "x86_64"

    @rule("the machines of hypervisor=remote are released for x86_64, s390x and ppc64le, not for arch=arm64")
    def _remote_architectures(self) -> bool:  # shim-components.json, supportedArches
        return self.local or self.arch != "arm64"

    @rule("host_hv=mshv is used with Cloud Hypervisor and OpenVMM only")
    def _mshv(self) -> bool:
        return self.host_hv == "kvm" or self.hypervisor in ("clh", "openvmm")

    # ---- file sharing and images

    @rule("Firecracker shares no file system: it needs shared_fs=none")
    def _firecracker_shares_nothing(self) -> bool:
        return self.hypervisor != "fc" or self.shared_fs == "none"

    @rule("the machine of hypervisor=remote is elsewhere: it needs shared_fs=none")
    def _remote_shares_nothing(self) -> bool:
        return self.local or self.shared_fs == "none"

    @rule("shared_fs=inline-virtio-fs is served by Dragonball only")
    def _inline_is_dragonball(self) -> bool:
        return self.shared_fs != "inline-virtio-fs" or self.hypervisor == "dragonball"

    @rule("shared_fs=virtio-9p is offered by the Go runtime with QEMU only")
    def _ninep_is_go_qemu(self) -> bool:
        return self.shared_fs != "virtio-9p" or (self.runtime == "go" and self.hypervisor == "qemu")

    @rule("OpenVMM accepts shared_fs=virtio-fs only")
    def _openvmm_shares_by_virtiofs(self) -> bool:
        return self.hypervisor != "openvmm" or self.shared_fs == "virtio-fs"

    @rule("shared_fs=virtio-fs-nydus is not offered by this hypervisor")
    def _nydus_hypervisors(self) -> bool:
        return self.shared_fs != "virtio-fs-nydus" or self.hypervisor in NYDUS

    @rule(
        "image_source=nydus needs shared_fs=virtio-fs-nydus, and the other way round; Dragonball serves it inline"
    )
    def _nydus_images(self) -> bool:
        inline = self.hypervisor == "dragonball" and self.shared_fs == "inline-virtio-fs"
        return inline or (self.image_source == "nydus") == (self.shared_fs == "virtio-fs-nydus")

    @rule("image_source=overlay lies in a shared folder: it needs a shared_fs")
    def _overlay_is_shared(self) -> bool:
        return self.image_source != "overlay" or self.shared_fs != "none"

    @rule("the machine of hypervisor=remote pulls its images itself: it needs image_source=guest-pull")
    def _remote_pulls(self) -> bool:
        return self.local or self.image_source == "guest-pull"

    @rule(
        "with a TEE empty directories are encrypted or in the guest: emptydir=block-encrypted or guest-tmpfs"
    )
    def _emptydir_of_a_tee(self) -> bool:
        return not self.confidential or self.emptydir in ("block-encrypted", "guest-tmpfs")

    @rule(
        "hypervisor=remote has no disks of the node: it needs emptydir=shared-fs (a folder of the guest) or guest-tmpfs"
    )
    def _emptydir_of_remote(self) -> bool:
        return self.local or self.emptydir in ("shared-fs", "guest-tmpfs")

    @rule("guest_image=pmem is QEMU's default device and no other hypervisor's")
    def _pmem_is_qemu(self) -> bool:
        return self.guest_image != "pmem" or self.hypervisor == "qemu"

    @rule("dax=on is read for Dragonball, and for QEMU by the Go runtime; it needs a shared_fs of virtio-fs")
    def _dax_is_virtiofs(self) -> bool:
        return self.dax == "off" or self.dax_able

    @rule("vhost_user_store=on is read by the Go runtime with QEMU, and needs hugepages=on")
    def _vhost_user_store(self) -> bool:
        able = self.hypervisor == "qemu" and self.runtime == "go" and self.hugepages == "on"
        return self.vhost_user_store == "off" or able

    @rule("spdk=on needs vhost_user_store=on: the Rust runtime builds Dragonball without vhost-user-blk")
    def _vhost_user_block(self) -> bool:
        return self.spdk == "off" or self.vhost_user_store == "on"

    @rule(
        "hugepages=on is read for QEMU and Cloud Hypervisor by the Go runtime, for Dragonball by the Rust one"
    )
    def _huge_pages(self) -> bool:
        go = self.runtime == "go" and self.hypervisor in ("qemu", "clh")
        return self.hugepages == "off" or go or self.hypervisor == "dragonball"

    @rule("bind_mounts=on puts folders into the shared folder: it needs a shared_fs")
    def _bind_mounts_are_shared(self) -> bool:
        return self.bind_mounts == "off" or self.shared_fs != "none"

    @rule("block_rootfs=off is not read for Firecracker and remote, and Dragonball does not boot with it")
    def _block_rootfs_hypervisors(self) -> bool:
        return self.block_rootfs == "on" or self.hypervisor not in ("fc", "remote", "dragonball")

    @rule("Rust: block_rootfs=off leaves no driver for disks of containers: it needs image_source=overlay")
    def _block_rootfs_of_rust(self) -> bool:
        return self.block_rootfs == "on" or self.runtime == "go" or self.image_source == "overlay"

    # ---- confidential guests

    @rule("a guest that distrusts its host shares no file system with it: tee needs shared_fs=none")
    def _confidential_shares_nothing(self) -> bool:
        return self.tee == "none" or self.shared_fs == "none"

    @rule("tee=tdx needs QEMU, Cloud Hypervisor or remote")
    def _tdx_hypervisors(self) -> bool:
        return self.tee != "tdx" or self.hypervisor in ("qemu", "clh", "remote")

    @rule("tee=snp, tee=se and tee=coco-dev need QEMU or remote")
    def _snp_hypervisors(self) -> bool:
        return self.tee not in ("snp", "se", "coco-dev") or self.hypervisor in ("qemu", "remote")

    @rule("tee=se is the Secure Execution of arch=s390x; tee=tdx and tee=snp need arch=x86_64")
    def _tee_architectures(self) -> bool:
        return {"se": ("s390x",), "tdx": ("x86_64",), "snp": ("x86_64",)}.get(self.tee, (self.arch,)).count(
            self.arch
        ) == 1

    @rule("with tee=tdx or tee=snp the guest image is a block device: they need guest_image=block")
    def _tee_image(self) -> bool:
        return self.tee not in ("tdx", "snp") or self.guest_image == "block"

    @rule(
        "with a TEE images are pulled in the guest or are block devices: image_source=guest-pull, erofs or block"
    )
    def _tee_images(self) -> bool:
        return not self.confidential or self.image_source in ("guest-pull", "erofs", "block")

    # ---- devices and network

    @rule("vfio is offered by QEMU, Cloud Hypervisor and Dragonball only")
    def _vfio_hypervisors(self) -> bool:
        return self.vfio == "none" or self.hypervisor in HOTPLUG

    @rule("net=physical-vfio hands the interface over by VFIO: it needs QEMU, Cloud Hypervisor or Dragonball")
    def _physical_hypervisors(self) -> bool:
        return self.net != "physical-vfio" or self.hypervisor in HOTPLUG

    @rule("Go: net=physical-vfio needs vfio=cold, or the interface is refused")
    def _physical_is_cold(self) -> bool:
        return self.net != "physical-vfio" or self.runtime == "rust" or self.vfio == "cold"

    @rule(
        "vfio_mode=vfio needs a device: QEMU, Cloud Hypervisor or Dragonball, not rootless; and with Go a vfio"
    )
    def _vfio_mode_needs_a_device(self) -> bool:
        able = self.hypervisor in HOTPLUG and self.rootless == "off"
        given = self.vfio != "none" or self.runtime == "rust"
        return self.vfio_mode == "guest-kernel" or (able and given)

    @rule("vhost_net=off is read for QEMU and Dragonball: the others never use vhost-net")
    def _vhost_net_hypervisors(self) -> bool:
        return self.vhost_net == "on" or self.hypervisor in IN_KERNEL_NET

    @rule("net=macvtap is offered by the Go runtime only")
    def _macvtap_is_go(self) -> bool:
        return self.net != "macvtap" or self.runtime == "go"

    @rule("net=l3forwarding and net=dan-tap are offered by the Rust runtime only")
    def _rust_networks(self) -> bool:
        return self.net not in ("l3forwarding", "dan-tap") or self.runtime == "rust"

    @rule("net=dan-vhost-user is attached by Dragonball only")
    def _vhost_user_network(self) -> bool:
        return self.net != "dan-vhost-user" or self.hypervisor == "dragonball"

    @rule("hypervisor=remote has its network elsewhere: it needs net=none")
    def _remote_network(self) -> bool:
        return self.local or self.net == "none"

    @rule("Firecracker and StratoVirt know net=tcfilter and net=none only")
    def _plain_networks(self) -> bool:
        return self.hypervisor not in ("fc", "stratovirt", "openvmm") or self.net in ("tcfilter", "none")

    @rule("Go: host_netns=on needs net=none")
    def _host_network(self) -> bool:
        return self.host_netns == "off" or self.runtime == "rust" or self.net == "none"

    @rule("hypervisor=remote needs host_netns=on with Go, and the Rust runtime puts it to off")
    def _remote_namespace(self) -> bool:
        return self.local or (self.host_netns == "on") == (self.runtime == "go")

    @rule(
        "viommu=on makes a device with QEMU on x86_64, and with Go and Cloud Hypervisor; no other monitor has one"
    )
    def _viommu_hypervisors(self) -> bool:
        qemu = self.hypervisor == "qemu" and self.arch == "x86_64"
        return self.viommu == "off" or qemu or (self.hypervisor == "clh" and self.runtime == "go")

    @rule("resources=dynamic needs hot-plugging: QEMU, Cloud Hypervisor or Dragonball, without a TEE")
    def _dynamic_resources(self) -> bool:
        return self.resources == "static" or (self.hypervisor in HOTPLUG and not self.confidential)

    @rule("balloon=on needs QEMU, Cloud Hypervisor or Dragonball")
    def _balloon_hypervisors(self) -> bool:
        return self.balloon == "off" or self.hypervisor in HOTPLUG

    @rule("virtio_mem=on is read for QEMU only")
    def _virtio_mem_hypervisors(self) -> bool:
        return self.virtio_mem == "off" or self.hypervisor == "qemu"

    # ---- privileges, templates, debugging

    @rule("rootless=on is offered by QEMU and Cloud Hypervisor only")
    def _rootless_hypervisors(self) -> bool:
        return self.rootless == "off" or self.hypervisor in ("qemu", "clh")

    @rule(
        "rootless=on and the enforcement of a policy exclude each other (4.1.0): it needs policy=off or allow-all"
    )
    def _rootless_policy(self) -> bool:
        return self.rootless == "off" or self.policy in ("off", "allow-all")

    @rule("rootless=on cannot reach devices of the host: it needs vfio=none")
    def _rootless_devices(self) -> bool:
        return self.rootless == "off" or (self.vfio == "none" and self.net != "physical-vfio")

    @rule("factory=vmcache is offered by the Go runtime with QEMU only")
    def _vmcache_is_go_qemu(self) -> bool:
        return self.factory != "vmcache" or (self.runtime == "go" and self.hypervisor == "qemu")

    @rule("factory=template needs QEMU, Cloud Hypervisor or Dragonball, without a TEE")
    def _template(self) -> bool:
        return self.factory != "template" or (self.hypervisor in HOTPLUG and self.tee == "none")

    @rule("the templates of the Go runtime need private memory: factory=template without a shared_fs")
    def _template_memory(self) -> bool:
        return self.factory != "template" or self.runtime == "rust" or self.shared_fs == "none"

    @rule(
        "vmm_seccomp is fixed for StratoVirt, OpenVMM and remote, and cannot be off for Firecracker with Go"
    )
    def _filters(self) -> bool:
        fixed = self.hypervisor in ("stratovirt", "openvmm", "remote")
        go_fc = self.hypervisor == "fc" and self.runtime == "go" and self.vmm_seccomp == "off"
        return not go_fc and (not fixed or self.vmm_seccomp == "default")

    @rule(
        "vmm_seccomp=default is off for QEMU, and on for Cloud Hypervisor, Firecracker and Dragonball: say default there"
    )
    def _filters_off_default(self) -> bool:
        told = "off" if self.hypervisor == "qemu" else "on"
        return self.vmm_seccomp != told

    @rule("vmm_selinux=off is read for QEMU, Cloud Hypervisor and Firecracker")
    def _labels(self) -> bool:
        return self.vmm_selinux == "on" or self.hypervisor in ("qemu", "clh", "fc")

    @rule("extra_monitor=on is a setting of QEMU; memory_dump=on of QEMU with the Go runtime")
    def _qemu_debugging(self) -> bool:
        dump = self.memory_dump == "off" or (self.hypervisor == "qemu" and self.runtime == "go")
        return dump and (self.extra_monitor == "off" or self.hypervisor == "qemu")

    @rule("extra_monitor=on has an effect with debug only: it needs debug=class or devkit")
    def _extra_monitor_needs_debug(self) -> bool:
        return self.extra_monitor == "off" or self.debugging

    @rule("pprof=on is served by the Go shim only")
    def _pprof_is_go(self) -> bool:
        return self.pprof == "off" or self.runtime == "go"

    @rule("passfd=on and mem_agent=on are settings of the Rust runtime")
    def _rust_only(self) -> bool:
        return self.runtime == "rust" or (self.passfd == "off" and self.mem_agent == "off")

    @rule("passfd=on needs a hybrid vsock: Cloud Hypervisor, Firecracker or Dragonball")
    def _passfd_is_hybrid(self) -> bool:
        return self.passfd == "off" or self.hypervisor in ("clh", "fc", "dragonball")

    @rule(
        "nested=on is a setting of Cloud Hypervisor with the Rust runtime; with host_hv=mshv it is always off"
    )
    def _nested_hypervisors(self) -> bool:
        able = self.hypervisor == "clh" and self.runtime == "rust" and self.host_hv == "kvm"
        return self.nested == "off" or able

    @rule("cri=docker drives the shim without Kubernetes: it needs a VM on the node and tee=none")
    def _docker_is_local(self) -> bool:
        return self.kubernetes or (self.local and self.tee == "none")

    @rule(
        "deploy=job, monitor=on, pod_resources=on and policy=genpolicy are of Kubernetes: not with cri=docker"
    )
    def _docker_without_kubernetes(self) -> bool:
        others = (self.deploy, self.monitor, self.pod_resources)
        return self.kubernetes or (others == ("daemonset", "off", "off") and self.policy != "genpolicy")
