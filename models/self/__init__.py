"""The threat model of the toolkit itself."""

from typing import Literal

from threatmodel.dsl import (
    Actor,
    Adversary,
    Boundary,
    Component,
    Datastore,
    ExternalEntity,
    Flow,
    Model,
    Options,
    Process,
    View,
)

from . import controls as c
from .data import BUNDLE, FINDINGS, MODEL_TEXT, SOURCE_CODE, SYSTEM_VALUE


class SelfOptions(Options):
    """How strongly code from pull requests is confined on the machine."""

    confinement: Literal["bubblewrap", "landlock", "limits"] = "bubblewrap"


CONTRIBUTOR = Adversary(
    "model-contributor",
    name="Author of a pull request",
    description="Sends model files that run in the loader's child process.",
    family="supply-chain",
    controls=["contributor", "model-child"],
    goals=["Run code on the machine that checks the model", "Make the collateral say something untrue"],
)
SOURCE_AUTHOR = Adversary(
    "source-author",
    name="Author of the scanned source",
    description="Writes the source tree that scanners and the claims ledger read.",
    family="supply-chain",
    controls=["source-repository"],
    goals=["Hide a weakness from the collateral", "Attack a scanner or a reader of the reports"],
)
READER = Adversary(
    "bundle-tamperer",
    name="Somebody between publisher and reader",
    description="Can change a published bundle on its way.",
    family="distribution",
    controls=["mirror"],
    goals=["Change what a bundle says without being noticed"],
)

LOADER_PARTS = Component(
    "loader", "threatmodel/load/**", "threatmodel/dsl/**", runs_in=["model-child", "core"]
)
CONFINE_PARTS = Component(
    "confinement", "threatmodel/confine/**", runs_in=["core", "model-child", "scanner-process"]
)
RULE_CASES = Component(
    "rule-cases", "scanners/rulepacks/**/*.{go,rs,sh,py,test.yaml,txt,dockerfile}", role="test"
)
RULES = Component("rule-packs", "scanners/rulepacks/**", runs_in=["scanner-process"])
SCANNER_PARTS = Component("scanner-layer", "scanners/**", runs_in=["core"])
CORE_PARTS = Component("core", "threatmodel/**", runs_in=["core"])
REPORT_PARTS = Component("reports", "collateral/**", runs_in=["core"])
MODEL_PARTS = Component("models", "models/**", runs_in=["model-child"])
TEST_PARTS = Component("tests", "tests/**", role="test")
BUILD_PARTS = Component(
    "build", "{Makefile,pyproject.toml,.gitignore}", "requirements/**", ".ci/**", ".github/**", role="build"
)
DOC_PARTS = Component("docs", "docs/**", "{*.md,LICENSE,NOTICE}", role="docs")

VIEW_LOADING = View(
    "loading",
    name="Loading a model",
    description="From a model file to a validated value.",
    elements=["contributor", "model-child", "core"],
)
VIEW_SCANNING = View(
    "scanning",
    name="Scanning a source tree",
    description="From a source tree to findings.",
    elements=["source-repository", "scanner-process", "core"],
)


def build(o: SelfOptions) -> None:
    """The system in one configuration."""
    outside = Boundary("outside", name="Outside", privilege="none")
    machine = Boundary("machine", name="Machine of CI or maintainer", privilege="user")
    confined = Boundary(
        "confined",
        name="Confined children",
        privilege="restricted" if o.confinement != "limits" else "user",
        inside=machine,
        controls=[*c.of_confinement(o.confinement), c.CHILD_LIMITS],
    )
    contributor = Actor("contributor", inside=outside, name="Author of a pull request")
    source = ExternalEntity("source-repository", inside=outside, name="Scanned repository")
    mirror = ExternalEntity("mirror", inside=outside, name="Download mirror")
    reader = Actor("reader", inside=outside, name="Reader of a bundle")
    child = Process(
        "model-child",
        inside=confined,
        name="Model process",
        language="python",
        traits=["executes-supplied-code"],
        description="Runs a model file once per configuration and answers with one JSON value.",
    )
    scanner = Process(
        "scanner-process",
        inside=confined,
        name="Scanners",
        language="python",
        multiple=True,
        description="semgrep and bandit over a copy of the source tree.",
    )
    core = Process(
        "core",
        inside=machine,
        name="threatmodel",
        language="python",
        runs_as="the calling user",
        traits=["spawns-processes", "stores-state"],
        controls=[c.VALIDATED_ANSWER, c.SAFE_YAML, c.NO_SHELL, c.FOLDED_TEXT],
        description="Rules, claims ledger, joins and documents.",
    )
    bundle = Datastore(
        "bundle",
        inside=machine,
        name="Bundle",
        data=[BUNDLE],
        controls=[c.DIGESTS],
        description="What is published.",
    )
    Flow("S01", contributor, child, "Model files", protocol="Python", over="git", data=[MODEL_TEXT])
    Flow(
        "S02",
        child,
        core,
        "The system as JSON",
        protocol="JSON",
        over="pipe",
        authentication="in-process",
        traits=["serialized-objects", "length-prefixed"],
        data=[SYSTEM_VALUE],
        controls=[c.VALIDATED_ANSWER, c.CHILD_LIMITS],
    )
    Flow(
        "S03",
        source,
        core,
        "Source tree",
        protocol="git objects or files",
        over="git",
        traits=["path-names", "serialized-objects"],
        data=[SOURCE_CODE],
        controls=[c.SAFE_GIT, c.SAFE_PATHS],
    )
    Flow(
        "S04",
        core,
        scanner,
        "Copy of the source tree",
        protocol="files",
        over="read-only mount",
        data=[SOURCE_CODE],
    )
    Flow(
        "S05",
        scanner,
        core,
        "Scanner report",
        protocol="JSON",
        over="file",
        authentication="in-process",
        traits=["serialized-objects"],
        data=[FINDINGS],
        controls=[c.CAPPED_REPORTS],
    )
    Flow("S06", core, bundle, "Bundle files", protocol="files", over="rename", data=[BUNDLE])
    Flow(
        "S07",
        bundle,
        mirror,
        "Published bundle",
        protocol="HTTPS",
        over="network",
        encryption="tls",
        data=[BUNDLE],
    )
    Flow(
        "S08",
        mirror,
        reader,
        "Downloaded bundle",
        protocol="HTTPS",
        over="network",
        encryption="tls",
        traits=["remote"],
        data=[BUNDLE],
        controls=[c.DIGESTS, c.STRICT_PAGE],
    )


MODEL = Model(
    "threatmodel",
    name="threatmodel toolkit",
    options=SelfOptions,
    build=build,
    description="The toolkit that reads models and source trees and builds security collateral",
)
