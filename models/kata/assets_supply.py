"""What the release pipeline protects."""

from __future__ import annotations

from threatmodel.dsl import Data

source_code = Data(
    "source-code",
    name="Source of Kata Containers",
    description="Code, build scripts, workflows and pinned versions",
    integrity="high",
    availability="medium",
    origin=["maintainer", "contributor"],
)
pull_request = Data(
    "pull-request", name="Pull request", description="A proposed change and its text", origin=["contributor"]
)
build_inputs = Data(
    "build-inputs",
    name="Upstream sources and binaries",
    description="Kernel, hypervisors, virtiofsd, firmware, guest components and base images",
    integrity="high",
    origin=["upstream-sources"],
)
pipeline_secrets = Data(
    "pipeline-secrets",
    name="Secrets of the pipeline",
    description="Tokens for registries, clouds and the forge",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["maintainer"],
)
policy_log = Data(
    "policy-log-records", name="Requests in the policy log", confidentiality="medium", origin=["agent"]
)
