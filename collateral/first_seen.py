"""When a finding or a contradicted claim was first seen: read from the bundle before, kept in a private edition."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from collateral.history import History
from scanners.sarif import FINGERPRINT
from threatmodel.claims import ClaimCheck
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput

PATH = "data/first-seen.json"
_MOST_BYTES = 64 * 1024 * 1024


def claim_id(check: ClaimCheck) -> str:
    """The name of a claim across releases: its control and its sentence."""
    return f"{check.control}#{check.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One finding (by fingerprint) or contradicted claim (`<control>#<text>`). `withheld`: from the public edition."""

    kind: Literal["finding", "claim"]
    id: str
    first_seen: str
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeenFile:
    """`first-seen.json` of a private edition, sorted by kind and id. Dates are ISO 8601."""

    format: Literal["threatmodel/first-seen"] = "threatmodel/first-seen"
    version: Literal[1] = 1
    project: str
    release: str
    date: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """What is known of the past. `otherwise` is the date of everything that is not named, None: the present build.

    A public bundle does not name what it withheld, so everything that it does not show may be as old as the oldest
    thing that it withheld: nothing stays withheld longer than the policy allows because nobody kept the dates.
    """

    dates: Mapping[str, datetime.date] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Ids that the public edition of the previous build withheld, as far as they are known."""
    otherwise: datetime.date | None = None

    def date(self, id_: str, as_of: datetime.date) -> datetime.date:
        """When it was first seen; never after the day of the build."""
        return min(as_of, self.dates.get(id_, self.otherwise or as_of))

    def following(self, history: History | None) -> FirstSeen:
        """The same, with the dates and the former names that a comparison with the previous bundle found."""
        dates, hidden = dict(self.dates), set(self.hidden)
        for change in history.changes if history else ():
            if change.kind == "threat":
                continue
            known = [dates[name] for name in (change.id, change.previous) if name in dates]
            if not known and self.otherwise:
                known.append(self.otherwise)  # what is new to a public bundle may have been withheld from it
            if change.first_seen:
                known.append(datetime.date.fromisoformat(change.first_seen))
            if known:
                dates[change.id] = min(known)
            if change.previous in hidden:
                hidden.add(change.id)
        return FirstSeen(dates=dates, hidden=frozenset(hidden), otherwise=self.otherwise)


NOTHING_KNOWN = FirstSeen()


def read_first_seen(bundle: Path) -> FirstSeen:
    """What a bundle that was verified before knows: a private one by its dates, a public one by what it shows.

    Raises:
        InvalidInput: V020, a file of the bundle is not what this program writes.
    """
    manifest = _read(bundle, "manifest.json")
    try:
        date = _date(manifest["date"][:10])
        if manifest["edition"] == "private":
            return _private(_read(bundle, PATH), date)
        withheld = manifest.get("withheld")
        oldest = _date(withheld["oldest"]) if withheld else None
        shown = {*_fingerprints(bundle), *_contradicted(bundle)}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _unusable("manifest.json") from error
    return FirstSeen(dates=dict.fromkeys(sorted(shown), date), otherwise=oldest)


def _private(value: Any, date: datetime.date) -> FirstSeen:
    try:
        items = value["sightings"]
        dates = {str(item["id"]): min(date, _date(item["first_seen"])) for item in items}
        hidden = frozenset(str(item["id"]) for item in items if item["withheld"] is True)
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(PATH) from error
    return FirstSeen(dates=dates, hidden=hidden)


def _fingerprints(bundle: Path) -> Iterable[str]:
    for run in _read(bundle, "data/findings.sarif")["runs"]:
        for result in run["results"]:
            # What is gone is in the file as absent, and says nothing about today.
            if result.get("baselineState") != "absent":
                yield str(result["partialFingerprints"][FINGERPRINT])


def _contradicted(bundle: Path) -> Iterable[str]:
    for check in _read(bundle, "data/claims.json")["checks"]:
        if check["state"] == "contradicted":
            yield f"{check['control']}#{check['text']}"


def _read(bundle: Path, path: str) -> Any:
    try:
        file = bundle / path
        if file.is_symlink() or file.stat().st_size > _MOST_BYTES:
            raise _unusable(path)
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path) from error


def _date(text: Any) -> datetime.date:
    return datetime.date.fromisoformat(str(text))


def _unusable(path: str) -> InvalidInput:
    hint = "name the folder of a bundle that `threatmodel verify` accepts"
    return InvalidInput(
        Diagnostic(
            code="V020",
            message="the previous bundle does not say when things were first seen",
            place=Place(path),
            hint=hint,
        )
    )
