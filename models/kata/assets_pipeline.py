"""What the inner zones of the release pipeline protect."""

from __future__ import annotations

from threatmodel.dsl import Data

publishing_password = Data(
    "publishing-password",
    name="Password for the public registry",
    description="Pushes images that installations pull by tag",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["maintainer"],
)
module_key_pin = Data(
    "module-key-pin",
    name="Passphrase of the module signing key",
    description="Encrypts the key that the build of the NVIDIA kernel makes",
    confidentiality="high",
    secret=True,
    origin=["maintainer"],
)
cloud_identity = Data(
    "cloud-identity",
    name="Identity for the test clouds",
    confidentiality="high",
    integrity="medium",
    secret=True,
    origin=["maintainer"],
)
builder_images = Data(
    "builder-images-data",
    name="Images that builds run in",
    description="Compilers and tools; named by tag",
    integrity="high",
    origin=["builder-registry"],
)
packages = Data(
    "distribution-packages",
    name="Packages and base images of distributions",
    integrity="high",
    origin=["package-sources"],
)
crates = Data(
    "language-modules",
    name="Crates and Go modules",
    integrity="high",
    origin=["language-registries"],
)
foreign_artefacts = Data(
    "foreign-artefacts",
    name="Artefacts of own machines",
    description="Components for architectures that the forge has no machines for",
    integrity="high",
    origin=["own-runners"],
)
release_draft = Data(
    "release-draft",
    name="Draft of a release",
    description="Tag, notes and archives before they are public",
    integrity="high",
    availability="medium",
    origin=["release-workflow"],
)
provenance = Data(
    "provenance-statements",
    name="Statements of provenance",
    integrity="high",
    origin=["ci-workflows", "upstream-sources"],
)
verdicts = Data(
    "check-verdicts",
    name="Results of required checks",
    integrity="high",
    origin=["gatekeeper", "ci-workflows"],
)
scan_findings = Data(
    "scan-findings",
    name="Findings of scanners",
    description="May tell of weaknesses that are not fixed yet",
    confidentiality="medium",
    integrity="medium",
    origin=["code-scanning"],
)
update_proposals = Data(
    "update-proposals", name="Proposed updates of dependencies", integrity="medium", origin=["update-bot"]
)
