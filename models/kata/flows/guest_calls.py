"""Every call of the agent: the rule of the policy that decides on it, and what the agent parses of the caller.

Names and rules follow agent.proto: the rule is the name of the request's message. Groups follow what a call acts on.
"""

from __future__ import annotations

from functools import cache

from threatmodel.dsl import Operation

IDS = "container and exec ids"
UNNAMED = "The policy of the image has no rule for it and so refuses it"

LIFECYCLE = (
    Operation(
        "CreateContainer",
        policy="CreateContainerRequest",
        parses="OCI specification, storages with driver options and mount options, devices, CDI annotations, image "
        "metadata, sealed secrets, shared mounts, stdio ports",
        note="The container id is checked for form",
    ),
    Operation("StartContainer", policy="StartContainerRequest", parses="container id"),
    Operation("RemoveContainer", policy="RemoveContainerRequest", parses="container id, timeout"),
    Operation("UpdateContainer", policy="UpdateContainerRequest", parses="limits of the cgroup"),
    Operation("PauseContainer", policy="PauseContainerRequest", parses="container id"),
    Operation("ResumeContainer", policy="ResumeContainerRequest", parses="container id"),
    Operation("StatsContainer", policy="StatsContainerRequest", parses="container id"),
    Operation("WaitProcess", policy="WaitProcessRequest", parses=IDS),
    Operation(
        "SignalProcess",
        policy="SignalProcessRequest",
        parses=f"{IDS}, signal number",
        note="Without an exec id SIGKILL goes to every process of the container",
    ),
    Operation("GetOOMEvent", policy="GetOOMEventRequest", note="Answers when a container ran out of memory"),
)
EXEC = (
    Operation(
        "ExecProcess",
        policy="ExecProcessRequest",
        parses="process: arguments, environment with PCI addresses, user, capabilities; stdio ports",
        note="Any program in any container, where the policy allows it",
    ),
)
STDIO = (
    Operation("WriteStdin", policy="WriteStreamRequest", parses=f"{IDS}, bytes for the process"),
    Operation(
        "ReadStdout",
        policy="ReadStreamRequest",
        parses=f"{IDS}, length",
        note="Read first; the data is taken out of the answer where the policy refuses",
    ),
    Operation(
        "ReadStderr",
        policy="ReadStreamRequest",
        parses=f"{IDS}, length",
        note="Read first; the data is taken out of the answer where the policy refuses",
    ),
    Operation("CloseStdin", policy="CloseStdinRequest", parses=IDS),
    Operation("TtyWinResize", policy="TtyWinResizeRequest", parses=f"{IDS}, rows and columns"),
)
NETWORK = (
    Operation(
        "UpdateInterface",
        policy="UpdateInterfaceRequest",
        parses="name, addresses, hardware address, MTU, device path (PCI or CCW)",
    ),
    Operation("UpdateRoutes", policy="UpdateRoutesRequest", parses="routes"),
    Operation("AddARPNeighbors", policy="AddARPNeighborsRequest", parses="neighbours"),
    Operation("ListInterfaces", policy="ListInterfacesRequest"),
    Operation("ListRoutes", policy="ListRoutesRequest"),
)
FIREWALL = (
    Operation("GetIPTables", policy="GetIPTablesRequest", parses="IPv4 or IPv6", note=UNNAMED),
    Operation(
        "SetIPTables",
        policy="SetIPTablesRequest",
        parses="rules as text for a program of the guest's root",
        note=f"The agent does not look into the text. {UNNAMED}",
    ),
)
HOTPLUG = (
    Operation(
        "OnlineCPUMem",
        policy="OnlineCPUMemRequest",
        parses="number of processors, processors only or not, wait or not",
    ),
    Operation("MemHotplugByProbe", policy="MemHotplugByProbeRequest", parses="physical addresses"),
)
MEMORY = (
    Operation("MemAgentMemcgSet", policy="MemAgentMemcgConfig", parses="periods, limits, swap and eviction"),
    Operation("MemAgentCompactSet", policy="MemAgentCompactConfig", parses="periods, limits, order"),
)
SANDBOX = (
    Operation(
        "CreateSandbox",
        policy="CreateSandboxRequest",
        parses="host name, name servers, storages, sandbox id, folder of hooks, kernel modules with parameters",
    ),
    Operation("DestroySandbox", policy="DestroySandboxRequest", note="The agent ends, and the guest with it"),
    Operation("GetGuestDetails", policy="GuestDetailsRequest", parses="which details are asked for"),
)
CLOCK = (
    Operation(
        "SetGuestDateTime", policy="SetGuestDateTimeRequest", parses="seconds and microseconds since 1970"
    ),
)
ENTROPY = (
    Operation("ReseedRandomDev", policy="ReseedRandomDevRequest", parses="bytes that count as random"),
)
FILES = (
    Operation(
        "CopyFile",
        policy="CopyFileRequest",
        parses="path, kind, mode, owner, target of a link, offset and content",
        note="The policy sees everything but the content; of a link it sees the target",
    ),
)
VOLUMES = (
    Operation(
        "UpdateEphemeralMounts", policy="UpdateEphemeralMountsRequest", parses="storages with mount options"
    ),
    Operation("GetVolumeStats", policy="VolumeStatsRequest", parses="path in the guest", note=UNNAMED),
    Operation(
        "ResizeVolume",
        policy="ResizeVolumeRequest",
        parses="path, size",
        note=f"Answers: not implemented. {UNNAMED}",
    ),
    Operation(
        "RemoveStaleVirtiofsShareMounts",
        policy="RemoveStaleVirtiofsShareMountsRequest",
        note="Looks at every mount of the shared folder",
    ),
)
SWAP = (
    Operation("AddSwap", policy="AddSwapRequest", parses="PCI path of a block device"),
    Operation("AddSwapPath", policy="AddSwapPathRequest", parses="path of a device or file", note=UNNAMED),
)
POLICY = (
    Operation(
        "SetPolicy",
        policy="SetPolicyRequest",
        parses="Rego",
        note="Replaces the whole policy and its state, where the policy in force allows it",
    ),
)
OBSERVATION = (
    Operation("GetMetrics", policy="GetMetricsRequest"),
    Operation(
        "GetDiagnosticData",
        policy="GetDiagnosticDataRequest",
        parses="kind of record, container id",
        note="Reads the termination message of a container",
    ),
)
ALL = (
    *LIFECYCLE, *EXEC, *STDIO, *NETWORK, *FIREWALL, *HOTPLUG, *MEMORY, *SANDBOX, *CLOCK, *ENTROPY, *FILES, *VOLUMES,
    *SWAP, *POLICY, *OBSERVATION,
)  # fmt: skip


@cache
def without_rules(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The same calls for an agent that is built without policies, which serves no SetPolicy."""
    return tuple(
        Operation(item.fact.name, parses=item.fact.parses, note=item.fact.note)
        for item in operations
        if item not in POLICY
    )


MEM_AGENT = [
    "enable", "memcg_disable", "memcg_swap", "memcg_swappiness_max", "memcg_period_secs",
    "memcg_period_psi_percent_limit", "memcg_eviction_psi_percent_limit", "memcg_eviction_run_aging_count_min",
    "compact_disable", "compact_period_secs", "compact_period_psi_percent_limit", "compact_psi_percent_limit",
    "compact_sec_max", "compact_order", "compact_threshold", "compact_force_times",
]  # fmt: skip
OPTIONS = (
    Operation("agent.debug_console", parses="presence", note="A root shell on the console or a vsock port"),
    Operation("agent.debug_console_vport", parses="port"),
    Operation("agent.devmode", parses="presence", note="Nothing reads it"),
    Operation("agent.trace", parses="presence or yes and no", note="Spans go to port 10240 of the host"),
    Operation("agent.log", parses="level", note="At debug level requests are written to a file"),
    Operation("agent.log_vport", parses="port", note="The log is readable on this port"),
    Operation("agent.server_addr", parses="address", note="Where the agent listens"),
    Operation("agent.passfd_listener_port", parses="port"),
    Operation("agent.hotplug_timeout", parses="seconds"),
    Operation("agent.cdh_api_timeout", parses="seconds"),
    Operation("agent.image_pull_timeout", parses="seconds"),
    Operation("agent.cdi_timeout", parses="seconds"),
    Operation("agent.launch_process_timeout", parses="seconds"),
    Operation(
        "agent.visible_cdi_devices", parses="yes or no", note="A container's environment may choose devices"
    ),
    Operation("agent.container_pipe_size", parses="bytes"),
    Operation(
        "agent.config_file",
        parses="path",
        note="Takes the place of every other option and of the environment",
    ),
    Operation("agent.guest_components_rest_api", parses="resource, attestation or all"),
    Operation("agent.guest_components_procs", parses="which attestation components start"),
    Operation("agent.secure_storage_integrity", parses="yes or no"),
    Operation("agent.https_proxy", parses="address"),
    Operation("agent.no_proxy", parses="addresses"),
    *(Operation(f"agent.mem_agent_{name}", parses="yes or no, or a number") for name in MEM_AGENT),
    Operation("cgroup_no_v1", parses="text"),
    Operation("systemd.unified_cgroup_hierarchy", parses="yes or no"),
)
"""What the agent takes from the kernel's command line."""
