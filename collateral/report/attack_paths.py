"""Attack paths as the documents show them."""

from __future__ import annotations

from collateral.assessment import Assessment
from collateral.paths.shown import AttackPaths, PathPicture
from collateral.paths.words import (
    CELLS,
    NOBODY,
    NOTHING,
    UNCHECKED,
    Names,
    cell,
    controls,
    cost,
    gives,
    outcome,
    separated,
)
from collateral.report.facts import View
from collateral.report.front import fold_all
from threatmodel.analysis.paths import Pair, PathStep


def attack_paths_view(found: AttackPaths, a: Assessment) -> View:
    """The table of all pairs, one way of each adversary in full, and the pictures of these."""
    here = found.file.configurations[0]
    names = Names(a.project, a.system)
    pairs = {(pair.goal, pair.adversary): pair for pair in here.pairs}
    rows = [[pairs[goal, adversary] for adversary in here.adversaries] for goal in here.goals]
    view: View = fold_all(
        {
            "source": found.file.source,
            "unchecked": "" if found.file.source and a.ledger.checks else UNCHECKED,
            "unasked": "" if here.pairs else NOTHING if here.adversaries else NOBODY,
            "legend": CELLS,
            "adversaries": [
                {"mark": f"A{number}", "id": id_, "name": names.adversaries[id_]}
                for number, id_ in enumerate(here.adversaries, start=1)
            ],
            "count": len(here.pairs),
            "found": sum(pair.outcome == "path" for pair in here.pairs),
            "unsearched": sum(pair.outcome == "not-searched" for pair in here.pairs),
            "unproven": sum(bool(pair.weakest and not pair.weakest.proven) for pair in here.pairs),
            "goals": [
                {
                    "id": goal,
                    "name": names.assets[goal],
                    "secret": next(item.secret for item in a.project.data if item.id == goal),
                    "cells": [_cell(pair) for pair in row],
                }
                for goal, row in zip(here.goals, rows, strict=True)
            ],
            "shown": [_shown(pair, names) for pair in found.shown],
            "pictures": [_picture(picture) for picture in found.pictures],
        }
    )
    return view


def _cell(pair: Pair) -> View:
    """A pair in the table; `words` say it to whoever cannot see the table."""
    return {"sign": cell(pair), "words": cost(pair.weakest) if pair.weakest else outcome(pair)}


def _shown(pair: Pair, names: Names) -> View:
    path = pair.weakest
    steps = path.steps if path else ()
    return {
        "adversary": names.adversaries[pair.adversary],
        "adversary_id": pair.adversary,
        "goal": names.assets[pair.goal],
        "goal_id": pair.goal,
        "cost": cost(path) if path else "",
        "steps": [_step(step, number, names) for number, step in enumerate(steps, start=1)],
        "found": f"{path.found} at {names.elements[steps[-1].target]}" if path and path.found else "",
        "separated": separated(pair.separation) if pair.separation else [],
    }


def _step(step: PathStep, number: int, names: Names) -> View:
    places = {**names.assets, **names.elements}
    return {
        "number": number,
        "source": places.get(step.source, step.source),
        "target": places.get(step.target, step.target),
        "way": names.way(step),
        "gives": gives(step),
        "threat": step.threat,
        "title": step.title,
        "controls": controls(step),
        "flaw": step.needs_flaw,
    }


def _picture(picture: PathPicture) -> View:
    return {
        "id": picture.id,
        "title": picture.sketch.title,
        "alt": picture.sketch.alt,
        "path": f"diagrams/{picture.id}.svg",
        "width": picture.drawn.width_pt if picture.drawn else 0,
        "height": picture.drawn.height_pt if picture.drawn else 0,
        "failed": picture.failed,
    }
