"""The rules for the classes of published advisories, and the releases and files on which each is proved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from threatmodel.core.yamlpos import load

PACKS = (Path(__file__).parent / "rulepacks" / "kata-history",)
"""The folders of the rules. Beside each stands its table, with the same name and `.yaml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryCase:
    """A rule, the advisory that it is for, and its file in the releases without and with the fix. It gives `findings`
    results in the first one and none in the second; with `place` (RE2), only those count whose lines match it."""

    advisory: str
    rule: str
    affected: str
    fixed: str
    path: str
    fixed_path: str
    findings: int
    place: str = ""

    @property
    def before(self) -> str:
        """Release and path of the file without the fix."""
        return f"{self.affected}/{self.path}"

    @property
    def after(self) -> str:
        """Release and path of the file with the fix."""
        return f"{self.fixed}/{self.fixed_path}"


def history_cases(pack: Path) -> tuple[HistoryCase, ...]:
    """The table of a pack, in its order."""
    table = pack.with_suffix(".yaml")
    return tuple(
        HistoryCase(
            advisory=entry["id"],
            rule=row["rule"],
            affected=entry["affected"],
            fixed=entry["fixed"],
            path=row["path"],
            fixed_path=row.get("fixed_path", row["path"]),
            findings=row["findings"],
            place=row.get("place", ""),
        )
        for entry in load(table.read_bytes(), table.name).value["advisories"]
        for row in entry["rules"]
    )
