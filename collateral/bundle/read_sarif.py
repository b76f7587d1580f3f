"""The findings of an earlier bundle, from its SARIF file."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from collateral.history_data import PreviousScan, Reported
from collateral.overlay.files import is_held
from scanners.baseline import Trace
from scanners.finding import SEVERITIES, Severity
from scanners.marks import Marks
from scanners.sarif_baseline import CONTEXT, FINGERPRINT, LINE, SCOPE
from threatmodel.core.text import fold

_MOST_ITEMS = 200_000


class _Sarif(BaseModel):
    """What is read of the file. Other keys are left alone; what is read has its shape."""

    model_config = ConfigDict(extra="ignore", strict=True, alias_generator=to_camel)


class _Artifact(_Sarif):
    uri: str = Field(max_length=8000)


class _Region(_Sarif):
    start_line: int = 0
    start_column: int = 0


class _Physical(_Sarif):
    artifact_location: _Artifact
    region: _Region = _Region()


class _Location(_Sarif):
    physical_location: _Physical


class _Text(_Sarif):
    text: str


class _Result(_Sarif):
    rule_id: str = Field(max_length=500)
    level: str = "warning"
    baseline_state: str = ""
    message: _Text
    locations: list[_Location] = Field(min_length=1, max_length=1)
    partial_fingerprints: dict[str, str]


class _Descriptor(_Sarif):
    id: str = ""


class _Notification(_Sarif):
    descriptor: _Descriptor = _Descriptor()
    locations: list[_Location] = []

    def paths(self) -> list[str]:
        return [_path(item) for item in self.locations]


class _Invocation(_Sarif):
    tool_execution_notifications: list[_Notification] = []


class _SarifRule(_Sarif):
    id: str
    properties: dict[str, Any] = {}


class _Driver(_Sarif):
    name: str = Field(max_length=200)
    version: str = ""
    rules: list[_SarifRule] = []


class _ToolOf(_Sarif):
    driver: _Driver


class _Run(_Sarif):
    tool: _ToolOf
    invocations: list[_Invocation] = []
    results: list[_Result] = Field(max_length=_MOST_ITEMS)
    properties: dict[str, Any] = {}


class _Log(_Sarif):
    runs: list[_Run] = Field(max_length=200)


def _path(location: _Location) -> str:
    return unquote(location.physical_location.artifact_location.uri, errors="surrogateescape")


def _reported(scanner: str, result: _Result) -> Reported:
    prints = result.partial_fingerprints
    region = result.locations[0].physical_location.region
    marks = None
    if LINE in prints:
        before, _, after = prints.get(CONTEXT, "").partition("/")
        marks = Marks(
            line=prints[LINE], scope=prints.get(SCOPE, ""), before=_words(before), after=_words(after)
        )
    trace = Trace(
        fingerprint=prints.get(FINGERPRINT, ""),
        scanner=scanner,
        rule=result.rule_id,
        path=_path(result.locations[0]),
        line=region.start_line,
        column=region.start_column,
        marks=marks,
    )
    return Reported(trace=trace, level=level_word(result.level), title=fold(result.message.text)[:400])


def level_word(word: str) -> Severity:
    """The level, or `warning` where it is none of ours."""
    return next((level for level in SEVERITIES if level == word), "warning")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(".") if word)[:8]


def read_findings(data: bytes) -> tuple[dict[str, PreviousScan], tuple[Reported, ...]]:
    """What each scanner did, and what it reported; results that are `absent` there are left out.

    Raises:
        ValidationError: the file is not SARIF as this program writes it.
    """
    scans: dict[str, PreviousScan] = {}
    found: list[Reported] = []
    for run in _Log.model_validate_json(data).runs:
        if is_held(run.properties):  # embargoed: no later bundle may learn of it from here
            continue
        name = fold(run.tool.driver.name)
        status = str(run.properties.get("status", ""))
        if not status:  # a run that says that no scanner was asked for
            continue
        notes = [note for item in run.invocations for note in item.tool_execution_notifications]
        left_out = [note for note in notes if note.descriptor.id == "not-scanned"]
        scans[name] = PreviousScan(
            version=fold(run.tool.driver.version),
            status=status,
            ruleset=str(run.properties.get("rulesetDigest", "")),
            rules={rule.id: str(rule.properties.get("digest", "")) for rule in run.tool.driver.rules},
            not_scanned=frozenset(path for note in left_out for path in note.paths()),
            degraded=any(note.descriptor.id == "note" for note in notes)
            or not all(note.paths() for note in left_out),
        )
        found += [_reported(name, result) for result in run.results if result.baseline_state != "absent"]
    return scans, tuple(found)
