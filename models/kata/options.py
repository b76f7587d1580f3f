"""What varies between the configurations of Kata Containers, and which choices go together."""

from __future__ import annotations

from typing import Literal

from threatmodel.dsl import Options, rule


class KataOptions(Options):
    """One value per option; the first one is the default."""

    runtime: Literal["rust", "go"] = "rust"
    hypervisor: Literal["qemu", "clh", "fc", "dragonball"] = "qemu"
    shared_fs: Literal["virtio-fs", "inline-virtio-fs", "virtio-9p", "none"] = "virtio-fs"
    tee: Literal["none", "tdx", "snp"] = "none"

    @property
    def confidential(self) -> bool:
        """True where the guest is protected from the host."""
        return self.tee != "none"

    @property
    def shim(self) -> str:
        """The id of the shim that runs."""
        return "shim-go" if self.runtime == "go" else "shim-rs"

    @property
    def vmm(self) -> str:
        """The id of the virtual machine monitor that runs."""
        return f"vmm-{self.hypervisor}"

    @property
    def file_server(self) -> str:
        """The id of the element that answers FUSE requests; empty where nothing does."""
        return {"virtio-fs": "virtiofsd", "inline-virtio-fs": "inline-virtiofs"}.get(self.shared_fs, "")

    @property
    def vhost_kernel(self) -> bool:
        """True where the backends of virtio-net run in the host kernel."""
        return self.hypervisor in ("qemu", "dragonball")

    @property
    def vhost_vsock(self) -> bool:
        """True where the backend of virtio-vsock runs in the host kernel; else it is a socket of the VMM."""
        return self.hypervisor == "qemu"

    @rule("Dragonball runs inside the Rust shim: it needs runtime=rust")
    def _dragonball_is_rust(self) -> bool:
        return self.hypervisor != "dragonball" or self.runtime == "rust"

    @rule("Firecracker shares no file system: it needs shared_fs=none")
    def _firecracker_shares_nothing(self) -> bool:
        return self.hypervisor != "fc" or self.shared_fs == "none"

    @rule("shared_fs=inline-virtio-fs is served by Dragonball only")
    def _inline_is_dragonball(self) -> bool:
        return self.shared_fs != "inline-virtio-fs" or self.hypervisor == "dragonball"

    @rule("shared_fs=virtio-9p is offered by the Go runtime with QEMU only")
    def _ninep_is_go_qemu(self) -> bool:
        return self.shared_fs != "virtio-9p" or (self.runtime == "go" and self.hypervisor == "qemu")

    @rule("a confidential guest shares no file system with its host: tee=tdx or snp needs shared_fs=none")
    def _confidential_shares_nothing(self) -> bool:
        return self.tee == "none" or self.shared_fs == "none"

    @rule("tee=tdx needs QEMU or Cloud Hypervisor")
    def _tdx_hypervisors(self) -> bool:
        return self.tee != "tdx" or self.hypervisor in ("qemu", "clh")

    @rule("tee=snp needs QEMU")
    def _snp_hypervisors(self) -> bool:
        return self.tee != "snp" or self.hypervisor == "qemu"
