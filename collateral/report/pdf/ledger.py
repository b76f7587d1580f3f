"""The claims ledger made ready for the page: what is not proven in full, the rest in compact tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]

_IN_FULL = ("contradicted", "not-found", "not-checked", "proposed")
_TABLES = ("undisclosed", "attested", "verified")


def ledger_part(view: Mapping[str, Any]) -> Row:
    """The data of the chapter. Of the claims that do not count in the configuration only those that are contradicted
    stand in it.

    `first` marks the first claim of a control: links to the claims of the control lead there.
    """
    ledger = view["ledger"]
    claims = [dict(claim) for claim in ledger["claims"]]
    here = [claim for claim in claims if claim["here"]]
    full = [
        {"state": state, "claims": [c for c in here if c["state"] == state and not c["absent"]]}
        for state in _IN_FULL
    ]
    unread = [
        {"source": row["source"], "claims": [c for c in here if c["absent"] and c["source"] == row["source"]]}
        for row in ledger["absent"]
    ]
    tables = {state: [c for c in here if c["state"] == state] for state in _TABLES}
    elsewhere = [c for c in claims if c["state"] == "contradicted" and not c["here"]]
    shown = [group for group in full if group["claims"]]
    order = (
        *_claims(shown),
        *elsewhere,
        *tables["undisclosed"],
        *_claims(unread),
        *tables["attested"],
        *tables["verified"],
    )
    _mark(order)
    rest = {key: value for key, value in ledger.items() if key != "claims"}
    return {
        **rest,
        "full": shown,
        "elsewhere": [_compact(claim) for claim in elsewhere],
        "unread": [group for group in unread if group["claims"]],
        "tables": {state: [_compact(claim) for claim in rows] for state, rows in tables.items()},
        "controls": sorted({claim["control"] for claim in order}),
    }


def _claims(groups: Iterable[Row]) -> list[Row]:
    return [claim for group in groups for claim in group["claims"]]


def _mark(claims: Sequence[Row]) -> None:
    seen: set[str] = set()
    for claim in claims:
        claim["first"] = claim["control"] not in seen
        seen.add(claim["control"])


def _compact(claim: Row) -> Row:
    """The claim with its place in few words: the path is left out where the sentence has it."""
    place = claim["path"] if claim["path"] and claim["path"] not in claim["text"] else ""
    if claim["line"]:
        at = f"{place}:{claim['line']}" if place else f"line {claim['line']}"
    else:
        read = f"read {claim['path']}"
        at = place or ("the whole file" if claim["detail"] == read else claim["detail"])
    return {**claim, "at": at or claim["seen"]}
