"""What is worth protecting, and who writes its content. Ids are those of the Kata Containers model where the thing is the
same."""

from __future__ import annotations

from threatmodel.dsl import Data

jail_arguments = Data(
    "jail-arguments",
    name="Arguments of jailer and VMM",
    description="Id, uid, gid, paths, cgroup values, network namespace",
    integrity="high",
    origin=["orchestrator"],
)
api_requests = Data(
    "api-requests",
    name="API requests",
    description="Machine, devices, paths on the host, actions, snapshots",
    confidentiality="medium",
    integrity="high",
    availability="medium",
    origin=["api-client"],
)
api_replies = Data("api-replies", name="API replies", integrity="medium", origin=["vmm-thread"])
metadata = Data(
    "vm-metadata",
    name="Metadata of the microVM",
    description="JSON that the operator writes; rotating a credential is the example of docs/mmds/mmds-user-guide.md",
    confidentiality="high",
    integrity="medium",
    secret=True,
    origin=["api-client"],
)
guest_image = Data(
    "guest-image-data",
    name="Guest kernel and initrd",
    integrity="high",
    availability="medium",
    origin=["image-supplier"],
)
disk_blocks = Data(
    "disk-blocks",
    name="Blocks of the disks",
    description="Root file system and further disks, written by supplier and guest",
    confidentiality="high",
    integrity="high",
    origin=["image-supplier", "guest-kernel"],
)
snapshot = Data(
    "snapshot-data",
    name="Snapshot",
    description="State of vCPUs and devices, and the whole guest memory",
    confidentiality="high",
    integrity="high",
    origin=["image-supplier", "vmm-thread"],
)
guest_memory = Data(
    "guest-memory",
    name="Guest memory",
    description="Code, secrets and data of the microVM",
    confidentiality="high",
    integrity="high",
    origin=["guest-kernel"],
)
workload_data = Data(
    "workload-data",
    name="Workload data",
    description="Files and memory of the workload",
    confidentiality="high",
    integrity="high",
    availability="medium",
    origin=["guest-workload"],
)
descriptors = Data(
    "virtio-descriptors",
    name="Virtio descriptors and buffers",
    description="Addresses, lengths and requests that the guest driver writes for a device",
    integrity="high",
    origin=["guest-kernel"],
)
packets = Data(
    "network-packets",
    name="Network packets",
    confidentiality="medium",
    integrity="medium",
    origin=["guest-workload", "network-peer"],
)
vsock_bytes = Data(
    "vsock-bytes",
    name="Bytes over vsock",
    confidentiality="medium",
    integrity="medium",
    origin=["guest-workload"],
)
host_bytes = Data(
    "host-bytes",
    name="Bytes from the host over vsock",
    confidentiality="medium",
    integrity="medium",
    origin=["vsock-peer"],
)
serial_output = Data(
    "serial-output",
    name="Output of the serial console",
    confidentiality="medium",
    origin=["guest-kernel"],
)
vmm_logs = Data(
    "vmm-logs",
    name="Log records of the VMM",
    description="The guest can cause records and so decides how many there are",
    confidentiality="low",
    integrity="low",
    origin=["vmm-thread", "guest-kernel"],
)
metrics = Data("metrics-data", name="Metrics", confidentiality="low", integrity="low", origin=["vmm-thread"])
host_files = Data(
    "host-files",
    name="Files of the host",
    description="Everything outside one jail, other microVMs included",
    confidentiality="high",
    integrity="high",
    availability="high",
    origin=["orchestrator"],
)
host_resources = Data(
    "host-resources",
    name="Processor time, memory and disk of the host",
    availability="high",
    origin=["host-kernel"],
)
release_artefacts = Data(
    "release-artefacts",
    name="Firecracker release artefacts",
    description="Static binaries of firecracker and jailer",
    integrity="high",
    origin=["firecracker-releases"],
)
