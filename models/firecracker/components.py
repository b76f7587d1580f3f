"""Where the source of each element lies. The most specific component that matches a path wins."""

from __future__ import annotations

from threatmodel.dsl import Component

Component("integration-tests", "tests/**", role="test")
Component(
    "test-helpers", "src/vmm/{benches,tests}/**", "src/vmm/src/test_utils/**", "src/*/tests/**", role="test"
)
Component("documents", "docs/**", "*.md", ".buildkite/**", role="docs")
Component("jailer", "src/jailer/**", runs_in=["jailer"])
Component("api-server", "src/firecracker/src/api_server/**", runs_in=["api-thread"])
Component("metadata-service", "src/vmm/src/{mmds,dumbo}/**", runs_in=["mmds"])
Component("vcpu", "src/vmm/src/vstate/vcpu.rs", "src/vmm/src/arch/*/vcpu.rs", runs_in=["vcpu-threads"])
Component("devices", "src/vmm/src/devices/**", "src/vmm/src/io_uring/**", runs_in=["vmm-thread"])
Component("vmm", "src/{vmm,firecracker,acpi-tables,utils}/**", runs_in=["vmm-thread", "api-thread"])
Component("default-filters", "resources/seccomp/**", runs_in=["vmm-thread", "api-thread", "vcpu-threads"])
Component(
    "tools",
    "src/{clippy-tracing,cpu-template-helper,log-instrument,log-instrument-macros,rebase-snap,seccompiler,snapshot-editor}/**",
    role="tools",
)
Component("build", "tools/**", "resources/**", ".cargo/**", ".github/**", "*", role="build")
