"""Rules that are gone, and what takes their place. An id that was retired never names another rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A rule that was taken out. `since` is the release without it; `successors` are ids of rules, none where nothing
    takes its place; `why` is a sentence without its full stop."""

    id: str
    since: str
    why: str
    successors: tuple[str, ...] = ()

    def hint(self, target: str) -> str:
        """What to do with a decision on a threat of this rule at an element or flow."""
        gone = f"rule {self.id} is retired since {self.since}: {self.why}"
        if not self.successors:
            return f"{gone}; remove the decision"
        return f"{gone}; decide anew on {', '.join(f'{rule}@{target}' for rule in self.successors)}"


RETIRED: tuple[Retired, ...] = ()


def retired_hint(threat: str, table: Iterable[Retired] = RETIRED) -> str:
    """The hint for a threat's id, empty where its rule is not a retired one."""
    rule, _, target = threat.partition("@")
    return next((entry.hint(target) for entry in table if entry.id == rule), "")
