"""Claims on options of a Linux kernel configuration and of its fragments."""

from __future__ import annotations

from dataclasses import replace

from threatmodel.claims.check import ClaimCheck, Reading, files_of, line_of, worst
from threatmodel.readers.content import Unusable
from threatmodel.readers.kconfig import KernelOptions, kernel_options
from threatmodel.system import KernelConfig


def kernel_config(
    blank: ClaimCheck, claim: KernelConfig, paths: tuple[str, ...], reading: Reading
) -> ClaimCheck:
    """Verified where a file sets the option, and each that does gives it the value."""
    found: list[ClaimCheck] = []
    unread: ClaimCheck | None = None
    for path in paths:
        at = replace(blank, path=path)
        content = reading.content(path)
        if isinstance(content, Unusable):
            unread = unread or replace(at, detail=content.reason)
            continue
        options = _options(reading, path, content.text)
        if option := options.options.get(claim.option):
            at = replace(at, line=option.line, seen=line_of(content.text, option.line))
            found.append(replace(at, state="verified" if option.value == claim.equals else "contradicted"))
        elif options.unread:
            unread = unread or replace(
                at, line=options.unread[0], detail="the line is no setting of an option"
            )
    if found:
        return worst(found)
    detail = f"CONFIG_{claim.option} is not set in {files_of(paths)}"
    return unread or replace(blank, state="not-found", path=paths[0], detail=detail)


def _options(reading: Reading, path: str, text: str) -> KernelOptions:
    return reading.once(("kernel-options", path), lambda: kernel_options(text))
