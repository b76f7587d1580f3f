"""What Firecracker's documents ask of whoever runs it. The source cannot show it: no control here has a claim."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .jail import DOCS

HOST = f"{DOCS}/prod-host-setup.md"

dedicated_user = Control(
    "dedicated-user",
    "Each microVM runs under a user of its own without rights on the host",
    provides=["least-privilege-user"],
    references=[HOST],
)
cgroup_limits = Control(
    "cgroup-limits",
    "The operator passes limits on processor time and memory to the jailer",
    provides=["cpu-quota", "memory-quota", "resource-accounting", "resource-quota"],
    description="The jailer writes what --cgroup says and sets no limit by itself",
    references=[HOST, f"{DOCS}/jailer.md"],
)
network_namespace = Control(
    "network-namespace",
    "The microVM's tap device lies in a network namespace of its own",
    provides=["network-isolation"],
    description="--netns is optional",
    references=[f"{DOCS}/jailer.md", f"{DOCS}/network-setup.md"],
)
egress_filter = Control(
    "egress-filter",
    "Rules of the host filter what the microVM sends",
    provides=["network-isolation"],
    description="Firecracker filters nothing. The example of its documents drops packets to the host's metadata address "
    "and checks no source address",
    references=[HOST],
)
rate_limiters = Control(
    "device-rate-limiters",
    "Token buckets limit bandwidth and operations of disks, network and entropy",
    provides=["rate-limit"],
    description="Off unless the request that makes the device carries one",
    references=[f"{DOCS}/design.md", f"{DOCS}/api_requests/patch-network-interface.md"],
)
bounded_output = Control(
    "bounded-output-files",
    "Console output, logs and metrics go to storage of fixed size",
    provides=["storage-quota"],
    references=[HOST],
)
host_hardening = Control(
    "host-hardening",
    "SMT and samepage merging are off; microcode and kernel are kept up to date",
    provides=["side-channel-mitigation", "update-process"],
    references=[HOST],
)
single_tenant = Control(
    "one-tenant-per-process",
    "Each Firecracker process runs the workload of one tenant",
    provides=["single-tenant-instance"],
    references=[HOST],
)
protected_paths = Control(
    "protected-paths",
    "What the jailer is given, and the folders above, can be written by root only",
    provides=["access-limited-to-host-root", "access-control-file-permissions"],
    references=[HOST, f"{DOCS}/jailer.md"],
)
protected_snapshots = Control(
    "protected-snapshots",
    "The operator authenticates and encrypts snapshot files",
    provides=["integrity-protection", "encryption-at-rest"],
    references=[f"{DOCS}/snapshotting/snapshot-support.md"],
)
page_fault_socket = Control(
    "page-fault-socket",
    "The socket of the page fault handler can be reached by Firecracker and the handler only",
    provides=["access-control-file-permissions"],
    references=[f"{DOCS}/snapshotting/handling-page-faults-on-snapshot-resume.md"],
)
release_checksums = Control(
    "release-checksums",
    "A release carries a list of SHA-256 sums",
    provides=["integrity-protection"],
    description="Made by the release script; it is not signed by it, and whether an operator compares it is not known",
    claims=[present("tools/release.sh", r"xargs sha256sum >SHA256SUMS")],
)
