"""Tests and documents. They come before what they lie in."""

from __future__ import annotations

from threatmodel.dsl import Component


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
