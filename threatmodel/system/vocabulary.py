"""The words that rules and models share: traits of elements and flows, and control classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Word to description. An unknown word is an error in a rule as well as in a model."""

    element_traits: Mapping[str, str]
    flow_traits: Mapping[str, str]
    control_classes: Mapping[str, str]
