"""The claims ledger made ready for the page: what is not proven in full, the rest in compact tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]

_PROVEN = ("attested", "verified")


def ledger_part(view: Mapping[str, Any]) -> Row:
    """The data of the chapter. Of the claims that do not count in the configuration only those that are contradicted
    stand in it.

    `unproven` and `proven` are sections in their order, each with its claims in full or as a table whose last column is
    `at` or `when`. `first` marks the first claim of a control: links to the claims of the control lead there.
    """
    ledger = view["ledger"]
    claims = [_compact(claim) for claim in ledger["claims"]]
    here = [claim for claim in claims if claim["here"]]

    def full(state: str) -> Row:
        found = [c for c in here if c["state"] == state and not c["absent"]]
        return _section(state.capitalize().replace("-", " "), "full", found)

    def table(state: str, column: str) -> Row:
        return _section(state.capitalize(), column, [c for c in here if c["state"] == state])

    def unread(source: str) -> Row:
        name = source or "the project's own"
        found = [c for c in here if c["absent"] and c["source"] == source]
        return _section(f"Not checked: {name} source tree was not there", "when", found)

    elsewhere = [c for c in claims if c["state"] == "contradicted" and not c["here"]]
    unproven = (
        full("contradicted"),
        _section("Contradicted in other configurations", "at", elsewhere),
        full("not-found"),
        full("not-checked"),
        *(unread(row["source"]) for row in ledger["absent"]),
        full("proposed"),
        table("undisclosed", "when"),
    )
    proven = [table(state, "at") for state in _PROVEN]
    shown = [claim for section in (*unproven, *proven) for claim in section["claims"]]
    _mark(shown)
    rest = {key: value for key, value in ledger.items() if key != "claims"}
    return {
        **rest,
        "unproven": [section for section in unproven if section["claims"]],
        "proven": [section for section in proven if section["claims"]],
        "controls": sorted({claim["control"] for claim in shown}),
    }


def _section(title: str, form: str, claims: Sequence[Row]) -> Row:
    return {"title": title, "form": form, "claims": claims}


def _mark(claims: Iterable[Row]) -> None:
    seen: set[str] = set()
    for claim in claims:
        claim["first"] = claim["control"] not in seen
        seen.add(claim["control"])


def _compact(claim: Row) -> Row:
    """The claim with its place in few words: the path is left out where the sentence has it."""
    path, detail = claim["path"], claim["detail"]
    place = path if path and path not in claim["text"] else ""
    if claim["line"]:
        at = f"{place}:{claim['line']}" if place else f"line {claim['line']}"
    elif path and not place and detail in {f"read {path}", f"not in {path}"}:
        at = "the whole file" if detail.startswith("read") else "not in the file"
    else:
        at = place or detail if claim["state"] == "verified" else detail or place
    return {**claim, "at": at or claim["seen"]}
