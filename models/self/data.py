"""What the toolkit handles."""

from threatmodel.dsl import Data

MODEL_TEXT = Data(
    "model-text",
    name="Model files",
    integrity="high",
    origin=["contributor"],
    description="Python from a pull request.",
)
SYSTEM_VALUE = Data(
    "system-value",
    name="System value",
    integrity="high",
    origin=["contributor"],
    description="What the model's process answers.",
)
SOURCE_CODE = Data(
    "source-code",
    name="Source tree",
    integrity="medium",
    origin=["source-repository"],
    description="The release that claims and scanners look at.",
)
FINDINGS = Data(
    "findings",
    name="Findings",
    confidentiality="medium",
    integrity="high",
    origin=["source-repository"],
    description="Results of scanners; messages quote the source.",
)
BUNDLE = Data(
    "bundle-data",
    name="Collateral",
    integrity="high",
    availability="low",
    description="Documents and data of a release.",
)
