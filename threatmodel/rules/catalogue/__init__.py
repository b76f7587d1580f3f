"""The catalogue of traits and control classes that rules and models share."""

from __future__ import annotations

from importlib import resources

from threatmodel.core.yamlpos import as_mapping, load
from threatmodel.system.vocabulary import Vocabulary


def load_vocabulary() -> Vocabulary:
    """The words that ship with the rule packs.

    Raises:
        InvalidInput: a catalogue file is not YAML.
    """
    folder = resources.files(__name__)
    traits = load(folder.joinpath("traits.yaml").read_bytes(), "traits.yaml").value
    classes = load(folder.joinpath("control_classes.yaml").read_bytes(), "control_classes.yaml").value
    return Vocabulary(
        element_traits=as_mapping(as_mapping(traits).get("element")),
        flow_traits=as_mapping(as_mapping(traits).get("flow")),
        control_classes=as_mapping(classes),
    )
