"""Defences of the emulated devices."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .jail import DOCS

VIRTIO = "src/vmm/src/devices/virtio"

ring_checks = Control(
    "virtqueue-checks",
    "Ring indices, chains and buffers are checked against queue and guest memory",
    provides=["bounds-checked-descriptors"],
    description="Kani proofs for queue.rs and iovec.rs are in the tree; that they were run is not claimed here",
    claims=[
        present(f"{VIRTIO}/queue.rs", r"(?s)if queue_size <= index \{\s*return None;"),
        present(f"{VIRTIO}/queue.rs", r"!self\.has_next\(\) \|\| self\.next < self\.queue_size"),
        present(f"{VIRTIO}/queue.rs", r"(?s)if self\.size < len \{\s*return Err\(InvalidAvailIdx"),
        present(f"{VIRTIO}/queue.rs", r"ttl: queue_size,"),
        present(f"{VIRTIO}/iovec.rs", r"(?s)\.get_slice\(desc\.addr, desc\.len as usize\)\?"),
        present(f"{VIRTIO}/iovec.rs", r"\.ok_or\(IoVecError::OverflowedDescriptor\)\?"),
    ],
    references=[f"{DOCS}/formal-verification.md"],
)
volatile_reads = Control(
    "volatile-reads",
    "A descriptor is read once, volatile, into a value of its own",
    provides=["volatile-access-checked"],
    claims=[
        present(f"{VIRTIO}/queue.rs", r"desc_table_ptr\.add\(usize::from\(index\)\)\.read_volatile\(\)"),
        present(f"{VIRTIO}/iovec.rs", r"\.ptr_guard_mut\(\)"),
    ],
)
copied_headers = Control(
    "headers-copied",
    "Headers of block and vsock requests are copied before they are checked",
    provides=["copies-before-use"],
    claims=[
        present(
            f"{VIRTIO}/block/virtio/request.rs",
            r"(?s)let request_header: RequestHeader = memory\s*\.read_obj\(addr\)",
        ),
        present(
            f"{VIRTIO}/vsock/packet.rs", r"self\.buffer\.read_exact_volatile_at\(hdr\.as_mut_slice\(\), 0\)"
        ),
    ],
)
block_bounds = Control(
    "block-bounds",
    "Requests beyond the end of the disk are refused",
    provides=["bounds-checked-descriptors", "input-validation"],
    claims=[
        present(
            f"{VIRTIO}/block/virtio/request.rs", r"(?s)if top_sector > num_disk_sectors \{\s*return Err\("
        ),
        present(f"{VIRTIO}/block/virtio/request.rs", r"\.ok_or\(VirtioBlockError::InvalidOffset\)\?"),
    ],
)
disk_opened_read_only = Control(
    "read-only-disks",
    "A disk that is declared read-only is opened for reading only",
    provides=["disk-read-only"],
    description="is_read_only is false unless the request says so",
    claims=[present(f"{VIRTIO}/block/virtio/device.rs", r"\.write\(!is_disk_read_only\)")],
)
ring_restrictions = Control(
    "io-uring-restrictions",
    "The asynchronous disk engine may read, write and flush one registered file",
    provides=["allow-list"],
    description="The engine is a developer preview and not the default",
    claims=[
        present(f"{VIRTIO}/block/virtio/io/async_io.rs", r"Restriction::RequireFixedFds,"),
        present(f"{VIRTIO}/block/virtio/io/async_io.rs", r"Restriction::AllowOpCode\(OpCode::Fsync\),"),
        present("src/vmm/src/io_uring/restriction.rs", r"IORING_RESTRICTION_SQE_FLAGS_REQUIRED"),
    ],
)
rng_cap = Control(
    "entropy-cap",
    "One request gets at most 64 KiB of entropy",
    provides=["bounded-allocation"],
    claims=[
        present(f"{VIRTIO}/rng/device.rs", r"const MAX_ENTROPY_BYTES: u32 = 64 \* 1024;"),
        present(f"{VIRTIO}/rng/device.rs", r"std::cmp::min\(self\.buffer\.len\(\), MAX_ENTROPY_BYTES\)"),
    ],
    references=[f"{DOCS}/entropy.md"],
)
balloon_bounds = Control(
    "balloon-bounds",
    "Pages that the balloon gives back lie in guest memory, and their number is limited",
    provides=["bounds-checked-descriptors", "bounded-allocation"],
    claims=[
        present(f"{VIRTIO}/balloon/device.rs", r"let max_len = MAX_PAGES_IN_DESC \* SIZE_OF_U32;"),
        present(f"{VIRTIO}/balloon/device.rs", r"mem\.discard_range\("),
        present("src/vmm/src/vstate/memory.rs", r"self\.try_for_each_region_in_range\(addr, range_len,"),
    ],
    references=[f"{DOCS}/ballooning.md"],
)
zeroed_memory = Control(
    "zeroed-memory",
    "Guest memory starts as zeroes and given back pages read as zeroes",
    provides=["zeroed-buffers"],
    claims=[
        present(
            "src/vmm/src/vstate/memory.rs",
            r"libc::MAP_PRIVATE \| libc::MAP_ANONYMOUS \| huge_pages\.mmap_flags\(\)",
        ),
        present(
            "src/vmm/src/vstate/memory.rs",
            r"libc::madvise\(phys_address\.cast\(\), len, libc::MADV_DONTNEED\)",
        ),
        present(f"{VIRTIO}/rng/device.rs", r"let mut rand_bytes = vec!\[0; len as usize\];"),
    ],
    references=[f"{DOCS}/ballooning.md"],
)
vsock_limits = Control(
    "vsock-limits",
    "Packets and connections over vsock have limits",
    provides=["bounded-allocation"],
    description="64 KiB for a packet, 1023 connections",
    claims=[
        present(f"{VIRTIO}/vsock/mod.rs", r"pub const MAX_PKT_BUF_SIZE: u32 = 64 \* 1024;"),
        present(f"{VIRTIO}/vsock/packet.rs", r"(?s)if hdr\.len > defs::MAX_PKT_BUF_SIZE \{\s*return Err\("),
        present(f"{VIRTIO}/vsock/unix/mod.rs", r"pub const MAX_CONNECTIONS: usize = 1023;"),
    ],
    references=[f"{DOCS}/vsock.md"],
)
vsock_names = Control(
    "vsock-socket-names",
    "A guest chooses the number at the end of a socket's name and nothing else of it",
    provides=["path-resolution-confined"],
    claims=[
        present(
            f"{VIRTIO}/vsock/unix/muxer.rs",
            r'let port_path = format!\("\{\}_\{\}", self\.host_sock_path, pkt\.hdr\.dst_port\(\)\);',
        )
    ],
    references=[f"{DOCS}/vsock.md"],
)
