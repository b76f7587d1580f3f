"""The six threat categories of STRIDE (Shostack, Threat Modeling, 2014, chapter 3)."""

from __future__ import annotations

from typing import Literal, get_args

Stride = Literal[
    "spoofing",
    "tampering",
    "repudiation",
    "information-disclosure",
    "denial-of-service",
    "elevation-of-privilege",
]
STRIDE: tuple[Stride, ...] = get_args(Stride)
