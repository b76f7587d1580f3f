"""Defences and interfaces that an option switches and no other file has."""

from __future__ import annotations

from threatmodel.dsl import Control, file_exists, present

from .templates import default_in_each, each_template

SECCOMP = {"guest_seccomp": "on"}
SELINUX = {"guest_selinux": "on"}
JAIL = "src/agent/rustjail/src/container.rs"

container_seccomp = Control(
    "container-seccomp-profile",
    "The agent applies the seccomp profile of a container before it starts",
    provides=["syscall-filter"],
    description="Only where disable_guest_seccomp is false and the pod asks for a profile; every template says true, and "
    "an annotation of the pod decides otherwise either way",
    claims=[
        present(JAIL, r"(?s)if let Some\(ref scmp\) = linux\.seccomp\(\) \{", when=SECCOMP),
        file_exists("src/agent/rustjail/src/seccomp.rs", when=SECCOMP),
    ],
)
container_selinux = Control(
    "container-selinux-label",
    "The agent gives a container its SELinux label",
    provides=["mandatory-access-control"],
    description="Only where disable_guest_selinux is false and the guest image knows SELinux; every template says true",
    claims=[
        present(JAIL, r"(?s)selinux::set_exec_label\(", when=SELINUX),
        file_exists("src/agent/rustjail/src/selinux.rs", when=SELINUX),
    ],
)
tracing_off = Control(
    "tracing-off",
    "The shim makes no trace spans",
    provides=["interface-disabled"],
    description="An annotation of the pod asks the agent alone for them",
    claims=[*each_template("", unlike=r"^\s*enable_tracing = true")],
)
hooks_off = Control(
    "guest-hooks-off",
    "No folder of hooks in the guest is named",
    provides=["interface-disabled"],
    claims=[*default_in_each("hypervisor", "guest_hook_path", "")],
)
modules_off = Control(
    "configured-modules-off",
    "The configuration names no kernel module for the guest",
    provides=["secure-defaults"],
    description="No defence against a pod author: an annotation of the pod names some all the same, and no list of the "
    "configuration stands before it",
    claims=[*each_template("", unlike=r'^\s*kernel_modules = \["')],
)
mem_agent_off = Control(
    "memory-agent-off",
    "The memory agent does not run",
    provides=["interface-disabled"],
    description="Not where a pod may set kernel parameters, which switch it on",
    claims=[*each_template("", unlike=r"^\s*mem_agent_enable = true")],
)
pprof_off = Control(
    "profiling-off",
    "The shim serves no profiles unless the pod asks for it",
    provides=["debug-disabled-by-default"],
    description="The annotation enable_pprof is outside the list of enabled annotations",
    claims=[*each_template("", unlike=r"^\s*enable_pprof = true")],
)
