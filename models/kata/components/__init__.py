"""Where the source of each element lies. The most specific component that matches a path wins."""

from __future__ import annotations

from .guest import guest, libraries
from .packaging import packaging, remainder
from .rest import documents, kinds, tests
from .runtime_go import runtime_go
from .runtime_rs import dragonball, runtime_rs
from .tools import tools

for declare in (
    guest,
    libraries,
    tests,
    documents,
    kinds,
    runtime_go,
    runtime_rs,
    dragonball,
    tools,
    packaging,
    remainder,
):
    declare()
