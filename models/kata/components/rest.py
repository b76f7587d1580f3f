"""Tests and documents. They come before what they lie in."""

from __future__ import annotations

from threatmodel.dsl import CodeKind, Component


def tests() -> None:
    """Tests, and what is left of the libraries around them."""
    Component(
        "tests",
        "src/libs/test-utils/**",
        "src/runtime/virtcontainers/mock_*.go",
        "src/runtime/virtcontainers/pkg/{mock,vcmock}/**",
        "src/runtime/pkg/katatestutils/**",
        "src/runtime/pkg/katautils/mockhook/**",
        "src/runtime-rs/tests/**",
        "tests/**",
        role="test",
    )
    Component("libs-common", "src/libs/**", runs_in=["shim-rs", "agent"])


def kinds() -> None:
    """What does not run in a release although it lies beside what does, and what nobody wrote by hand."""
    CodeKind("go-tests", "test", "**/*_test.go")
    CodeKind("rust-tests", "test", "**/*.rs", symbols=["tests", "tests::*", "*::tests", "*::tests::*"])
    CodeKind("test-folders", "test", "**/{tests,testdata}/**")
    CodeKind("examples", "example", "**/examples/**")
    CodeKind(
        "generated-clients",
        "generated",
        "**/*.pb.go",
        "**/*_ttrpc.pb.go",
        "src/runtime/virtcontainers/pkg/cloud-hypervisor/client/**",
        "src/runtime/virtcontainers/pkg/firecracker/client/**",
    )


def documents() -> None:
    """Documents and helpers of developers."""
    Component("docs-threat-model", "docs/threat-model/**", role="docs")
    Component("dev-utils", "utils/**", role="tools")
    Component("governance", "{SECURITY.md,SECURITY_CONTACTS,CODEOWNERS}", role="docs")
    Component(
        "docs",
        "src/runtime/virtcontainers/documentation/**",
        "src/runtime-rs/{docs/**,README*}",
        "docs/**",
        ".claude/**",
        "{*.md,LICENSE,mkdocs.yaml,.cspell.yaml}",
        role="docs",
    )
