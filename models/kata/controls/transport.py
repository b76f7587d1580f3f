"""Defences of the channel between shim and agent: limits on messages, and ends that are new for each sandbox."""

from __future__ import annotations

from threatmodel.dsl import Control, present

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
TTRPC_CRATE = r'name = "ttrpc"\nversion = "0\.(8\.[4-9]|9\.\d+)"'
PROTOBUF_CRATE = r'name = "protobuf"\nversion = "3\.(7\.[2-9]|[89]\.\d+)"'

agent_message_limit = Control(
    "agent-message-limit",
    "The agent refuses messages over 4 MiB and nesting without end",
    provides=["bounded-request-size", "bounded-allocation", "bounded-nesting"],
    description="MESSAGE_LENGTH_MAX of the pinned ttrpc crate is checked before memory is taken; the pinned protobuf "
    "crate limits recursion, unknown groups included. What a policy engine does with a request has no such limit",
    claims=[present("Cargo.lock", TTRPC_CRATE), present("Cargo.lock", PROTOBUF_CRATE)],
    references=[
        "https://github.com/containerd/ttrpc-rust",
        "https://rustsec.org/advisories/RUSTSEC-2024-0437.html",
    ],
)
reply_message_limit = Control(
    "reply-message-limit",
    "The shim refuses replies over 4 MiB and nesting without end",
    provides=["bounded-request-size", "bounded-allocation", "bounded-nesting"],
    description="By the pinned ttrpc and protobuf libraries of its language, before memory is taken",
    claims=[
        present("Cargo.lock", TTRPC_CRATE, when=RUST),
        present("Cargo.lock", PROTOBUF_CRATE, when=RUST),
        present("src/runtime/go.mod", r"github\.com/containerd/ttrpc v1\.[2-9]", when=GO),
        present("src/runtime/go.mod", r"google\.golang\.org/protobuf v1\.(3[3-9]|[4-9]\d)", when=GO),
    ],
    references=["https://github.com/containerd/ttrpc", "https://github.com/containerd/ttrpc-rust"],
)
fresh_context_id = Control(
    "fresh-context-id",
    "Each sandbox has a random vsock number that the host kernel reserves for it",
    provides=["fresh-endpoint"],
    description="Drawn from the whole range and refused by the kernel while in use. Says nothing about other "
    "processes of the node, which may connect to any number",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/device/driver/virtio_vsock.rs",
            r"rng\.random_range\(first_usable_cid\.\.=\(?u32::MAX|gen_range\(first_usable_cid\.\.=\(?u32::MAX",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/device/driver/virtio_vsock.rs", r"EADDRINUSE", when=RUST
        ),
        present(
            "src/runtime/virtcontainers/utils/utils_linux.go",
            r"(?s)rand\.Int\(rand\.Reader, big\.NewInt\(int64\(maxUInt\)\)\)\s*"
            r"if err == nil && n\.Int64\(\) >= int64\(firstContextID\) \{\s*contextID = uint64\(n\.Int64\(\)\)\s*\}"
            r".{0,600}for cid := contextID; cid <= maxUInt; cid\+\+ \{\s*"
            r"if err = ioctlFunc\(vsockFd\.Fd\(\), ioctlVhostVsockSetGuestCid, ",
            when=GO,
        ),
    ],
)
fresh_agent_socket = Control(
    "fresh-agent-socket",
    "The Unix socket in front of the agent lies in the folder of its sandbox, and none is left there of another",
    provides=["fresh-endpoint"],
    description="Told apart by path, not by a number that a later guest could get. It is removed with the sandbox; the "
    "driver of OpenVMM removes one that is left when it starts",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/inner.rs",
            r"remove_dir_all\(&self\.vm_path\)",
            when={"hypervisor": "dragonball"},
        ),
        *(
            present(
                "src/runtime-rs/crates/hypervisor/src/openvmm/inner_hypervisor.rs",
                pattern,
                when={"hypervisor": "openvmm"},
            )
            for pattern in (
                r'self\.run_dir = format!\("\{\}/\{\}", KATA_PATH, id\);',
                r'let vsock_socket_path = format!\("\{\}/vsock\.sock", self\.run_dir\);',
                r"^        let _ = std::fs::remove_file\(&vsock_socket_path\);",
            )
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r"vm_cleanup\(&self\.config, self\.vm_path|remove_dir_all\(&?self\.vm_path",
            when={**RUST, "hypervisor": "clh"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/fc_api.rs",
            r"remove_dir_all\(self\.vm_path\.as_str\(\)\)",
            when={**RUST, "hypervisor": "fc"},
        ),
        present(
            "src/runtime/virtcontainers/clh.go", r"os\.RemoveAll\(dir\)", when={**GO, "hypervisor": "clh"}
        ),
        present(
            "src/runtime/virtcontainers/fc.go",
            r"(?s)\) cleanupJail\(.{0,900}os\.RemoveAll\(fc\.vmPath\)",
            when={**GO, "hypervisor": "fc"},
        ),
        present(
            "src/runtime/virtcontainers/fc.go", r"^\tfc\.cleanupJail\(ctx\)$", when={**GO, "hypervisor": "fc"}
        ),
    ],
)
