"""What differs between the sections `[risk]` of two states of a model."""

from __future__ import annotations

from collections.abc import Iterable

from threatmodel.analysis import RISK_LEVELS
from threatmodel.analysis.change import Edit, RecordChange
from threatmodel.load import Manifest
from threatmodel.system.risk import STEPS, RiskSettings

_Row = tuple[str, str, int]
"""What a number is of, the number or word as text, and its height: a lower one makes less risk."""


def compare_risk(base: Manifest, head: Manifest) -> list[RecordChange]:
    """One change for the matrix, one for each weight, one for each scale in words."""
    out = []
    for name, old in _rows(base.risk).items():
        pairs = [(was, now) for was, now in zip(old, _rows(head.risk)[name], strict=True) if was != now]
        if pairs:
            out.append(
                RecordChange(
                    kind="risk",
                    id=f"risk {name}",
                    state="changed",
                    edits=tuple(Edit(attribute=was[0], before=was[1], after=now[1]) for was, now in pairs),
                    weakens=any(now[2] < was[2] for was, now in pairs),
                    place=head.place("risk", name.split()[-1]),
                )
            )
    return out


def _rows(risk: RiskSettings) -> dict[str, list[_Row]]:
    steps = {"verified": risk.mitigation.verified, "attested": risk.mitigation.attested}
    return {
        "matrix": [
            (f"likelihood {row}, impact {column}", word, RISK_LEVELS.index(word))
            for row, words in enumerate(risk.matrix, 1)
            for column, word in enumerate(words, 1)
        ],
        "weight reach": _numbers(zip(_CROSSED, risk.reach, strict=True)),
        "weight privilege": _numbers(risk.privilege.items()),
        "weight mitigation": [(word, str(number), -number) for word, number in steps.items()],
        "scale likelihood": _words(risk.likelihood),
        "scale impact": _words(risk.impact),
    }


_CROSSED = (*(f"crossing {n}" for n in range(STEPS - 1)), f"crossing {STEPS - 1} or more")


def _numbers(items: Iterable[tuple[str, int]]) -> list[_Row]:
    return [(name, str(number), number) for name, number in items]


def _words(texts: tuple[str, ...]) -> list[_Row]:
    """Nothing is computed from words."""
    return [(str(number), text, 0) for number, text in enumerate(texts, 1)]
