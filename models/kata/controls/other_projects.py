"""What other projects do by default, in the versions that `versions.yaml` pins. Each control stands alone: without the
source of the project it is not checked, and what Kata's own source proves stays."""

from __future__ import annotations

from threatmodel.dsl import Control, constant, present, value

FC = "firecracker"
CLH = "cloud-hypervisor"
COMPONENTS = "guest-components"
FC_ARCHITECTURES = (("x86_64", "x86_64"), ("arm64", "aarch64"))
FC_THREADS = ("vmm", "api", "vcpu")
FC_FILTERS = "src/firecracker/src/seccomp.rs"
FC_CHROOT = "src/jailer/src/chroot.rs"
FC_QUEUE = "src/vmm/src/devices/virtio/queue.rs"
FC_BUFFERS = "src/vmm/src/devices/virtio/iovec.rs"
CLH_MAIN = "cloud-hypervisor/src/main.rs"
PULL = "image-rs/src/pull.rs"
ATTESTER = "attestation-agent/attester/src"

fc_filter = Control(
    "firecracker-filters-each-thread",
    "Firecracker filters the system calls of each kind of thread unless it is told not to",
    provides=["syscall-filter"],
    description="One list of calls for monitor, API and processors; what is not on it ends the process. A debug build, "
    "or one for another C library than musl, has empty lists",
    claims=[
        present(
            FC_FILTERS,
            r"(?s)if no_seccomp \{\s*Ok\(SeccompConfig::None\)\s*\} else \{\s*match seccomp_filter \{.{0,200}"
            r"None => Ok\(SeccompConfig::Advanced\),",
            source=FC,
        ),
        present(FC_FILTERS, r"SeccompConfig::Advanced => get_default_filters\(\),", source=FC),
        present(FC_FILTERS, r'^const THREAD_CATEGORIES: \[&str; 3\] = \["vmm", "api", "vcpu"\];', source=FC),
        present(
            FC_FILTERS,
            r"(?s)if !filters\.contains_key\(&category_string\) \{\s*return Err\(FilterError::MissingThreadCategory\(",
            source=FC,
        ),
        *(
            value(
                f"resources/seccomp/{name}-unknown-linux-musl.json",
                f"{thread}.default_action",
                "trap",
                when={"arch": arch},
                source=FC,
            )
            for arch, name in FC_ARCHITECTURES
            for thread in FC_THREADS
        ),
        present(
            "src/firecracker/src/api_server/mod.rs",
            r"(?s)if let Err\(err\) = vmm::seccomp::apply_filter\(seccomp_filter\) \{\s*panic!\(",
            source=FC,
        ),
        present(
            "src/vmm/src/vstate/vcpu.rs",
            r"(?s)if let Err\(err\) = crate::seccomp::apply_filter\(seccomp_filter\) \{\s*panic!\(",
            source=FC,
        ),
        present(
            "src/vmm/src/builder.rs",
            r'(?s)crate::seccomp::apply_filter\(\s*seccomp_filters\s*\.get\("vmm"\).{0,120}'
            r"\.map_err\(VmmError::SeccompFilters\)\?;",
            source=FC,
        ),
    ],
    references=["https://github.com/firecracker-microvm/firecracker/blob/v1.12.1/docs/seccomp.md"],
)
fc_mounts = Control(
    "firecracker-jailer-mounts",
    "The jailer of Firecracker gives it a mount namespace in which nothing but its jail is left",
    provides=["mount-namespace"],
    description="pivot_root into the jail, then the old root is unmounted; inherited descriptors are closed before",
    claims=[
        present(FC_CHROOT, r"libc::unshare\(libc::CLONE_NEWNS\)", source=FC),
        present(
            FC_CHROOT,
            r"(?s)libc::SYS_pivot_root,\s*CURRENT_DIR\.as_ptr\(\),\s*OLD_ROOT_DIR\.as_ptr\(\),",
            source=FC,
        ),
        present(FC_CHROOT, r"libc::umount2\(OLD_ROOT_DIR\.as_ptr\(\), libc::MNT_DETACH\)", source=FC),
        present("src/jailer/src/env.rs", r"^\s*chroot\(self\.chroot_dir\(\)\)\?;", source=FC),
        present(
            "src/jailer/src/main.rs",
            r"(?s)fn sanitize_process\(\)[^{]*\{\s*close_inherited_fds\(\)\?;\s*clean_env_vars\(\);",
            source=FC,
        ),
    ],
    references=["https://github.com/firecracker-microvm/firecracker/blob/v1.12.1/docs/jailer.md"],
)
fc_descriptors = Control(
    "firecracker-descriptors-checked",
    "Firecracker checks index, address and length of each descriptor against queue and guest memory, and reads it once",
    provides=["bounds-checked-descriptors", "volatile-access-checked"],
    description="The queue and the buffers that block, network, vsock and random devices share; what each device makes "
    "of the content is not claimed",
    claims=[
        present(
            FC_QUEUE,
            r"(?s)fn checked_new\([^{]*\{\s*if queue_size <= index \{\s*return None;\s*\}.{0,160}\.read_volatile\(\)",
            source=FC,
        ),
        present(FC_QUEUE, r"!self\.has_next\(\) \|\| self\.next < self\.queue_size", source=FC),
        *(
            present(
                FC_BUFFERS,
                rf"(?s)unsafe fn {name}\(.{{0,900}}mem\s*\.get_slice\(desc\.addr, desc\.len as usize\)",
                source=FC,
            )
            for name in ("load_descriptor_chain", "append_descriptor_chain")
        ),
        present(
            "src/vmm/src/devices/virtio/block/virtio/request.rs",
            r"let request_header = RequestHeader::read_from\(mem, avail_desc\.addr\)\?;",
            source=FC,
        ),
    ],
)
clh_filter = Control(
    "cloud-hypervisor-filters-each-thread",
    "Cloud Hypervisor filters the system calls of each kind of thread unless it is told not to",
    provides=["syscall-filter"],
    description="A list of calls for monitor, API, processors and each kind of device; any other call ends the process",
    claims=[
        present(
            CLH_MAIN,
            r'(?s)Arg::new\("seccomp"\)\s*\.long\("seccomp"\)\s*\.num_args\(1\)\s*'
            r'\.value_parser\(\["true", "false", "log"\]\)\s*\.default_value\("true"\)',
            source=CLH,
        ),
        present(CLH_MAIN, r'^\s*"true" => SeccompAction::Trap,', source=CLH),
        *(
            present(
                f"{crate}/src/seccomp_filters.rs",
                r"(?s)_ => SeccompFilter::new\(.{0,200}SeccompAction::Trap,\s*SeccompAction::Allow,",
                source=CLH,
            )
            for crate in ("vmm", "virtio-devices")
        ),
        present(
            "vmm/src/lib.rs",
            r"apply_filter\(&vmm_seccomp_filter\)\.map_err\(Error::ApplySeccompFilter\)\?;",
            source=CLH,
        ),
        present(
            "vmm/src/cpu.rs",
            r"(?s)apply_filter\(&vcpu_seccomp_filter\)\.map_err\(Error::ApplySeccompFilter\)\s*"
            r'\{\s*error!\("[^"]*"\);\s*return;',
            source=CLH,
        ),
        present(
            "vmm/src/api/http/mod.rs",
            r"(?s)apply_filter\(&api_seccomp_filter\)\s*\.map_err\(VmmError::ApplySeccompFilter\)",
            source=CLH,
        ),
        present(
            "virtio-devices/src/thread_helper.rs",
            r"(?s)let Err\(e\) = apply_filter\(&seccomp_filter\)\s*\{.{0,200}return;",
            source=CLH,
        ),
    ],
    references=["https://github.com/cloud-hypervisor/cloud-hypervisor/blob/v51.1/docs/seccomp.md"],
)
rest_loopback = Control(
    "rest-api-on-loopback",
    "The REST server in the guest listens on the loopback address and answers nobody else",
    provides=["no-listener-on-network"],
    description="Kata names no other address when it starts it. Every container of the pod reaches the loopback address",
    claims=[
        constant("api-server-rest/src/main.rs", "DEFAULT_BIND", equals="127.0.0.1:8006", source=COMPONENTS),
        present(
            "api-server-rest/src/router.rs",
            r"(?s)if !remote_addr\.ip\(\)\.is_loopback\(\) \{\s*return self\.forbidden\(\);",
            source=COMPONENTS,
        ),
    ],
)
layers_checked = Control(
    "guest-pull-layers-checked",
    "A layer that the guest pulled is compared with the digest in the configuration of the image",
    provides=["integrity-protection"],
    description="After it was unpacked. Who stands behind manifest and configuration is another question",
    claims=[
        present(
            PULL,
            r"(?s)if layer_meta\.uncompressed_digest != diff_id \{\s*"
            r"return Err\(PullLayerError::UnequalUncompressedDigest \{",
            source=COMPONENTS,
        ),
        present(
            "image-rs/src/stream/mod.rs",
            r"(?s)\} else \{\s*return Err\(StreamError::UnsupportedDigestFormat\(diff_id\.to_string\(\)\)\);",
            source=COMPONENTS,
        ),
    ],
)
initdata_compared = Control(
    "initdata-compared-with-launch",
    "The attestation agent ends where the digest of initdata is not the one of the launch",
    provides=["integrity-protection"],
    description="MRCONFIGID with TDX, HOSTDATA with SNP",
    claims=[
        present(
            "attestation-agent/attestation-agent/src/bin/ttrpc-aa.rs",
            r"(?s)let res = aa\.bind_init_data\(&initdata_digest\)\.await\.context\(\s*\"[^\"]*\",\s*\)\?;",
            source=COMPONENTS,
        ),
        present(
            f"{ATTESTER}/tdx/mod.rs",
            r"(?s)if init_data != mr_configid \{\s*bail!\(",
            when={"tee": "tdx"},
            source=COMPONENTS,
        ),
        present(
            f"{ATTESTER}/snp/mod.rs",
            r"(?s)if init_data != hostdata \{\s*bail!\(",
            when={"tee": "snp"},
            source=COMPONENTS,
        ),
    ],
)
