"""People in a history: counted by the name that stands in public commits, bots told apart by their names."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from collateral.response.ownership import Author

_BOT = re.compile(
    r"\[bot\]$|(?:^|[\s_-])(?:ro)?bot$|^(?:dependabot|renovate|github-actions|pre-commit-ci)\b", re.IGNORECASE
)


def bot_names(words: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a name looks like that of a bot: by a built-in pattern, or one of the words in it."""
    folded = tuple(word.casefold() for word in words)
    return lambda name: bool(_BOT.search(name)) or any(word in name.casefold() for word in folded)


def authors(touches: Iterable[tuple[str, int]]) -> tuple[Author, ...]:
    """People with the number of their commits and the day of the last one; most commits first, then by name."""
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for name, time in touches:
        counts[name] += 1
        last[name] = max(time, last.get(name, 0))
    return tuple(
        Author(
            name=name,
            commits=count,
            last=datetime.datetime.fromtimestamp(last[name], datetime.UTC).date().isoformat(),
        )
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def bus_factor(people: Sequence[Author]) -> int:
    """The smallest number of people who made more than half of the commits; 0 where there are none."""
    total = sum(author.commits for author in people)
    made = 0
    for count, author in enumerate(people, 1):
        made += author.commits
        if 2 * made > total:
            return count
    return 0
