"""The check fires on what is broken and is quiet on what is not."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from collateral.report.pictures import draw
from tests.diagrams.large import large
from tests.diagrams.systems import small
from threatmodel.diagrams.dfd import whole
from threatmodel.diagrams.labels import advance
from threatmodel.diagrams.layout import render
from threatmodel.diagrams.legible import problems
from threatmodel.diagrams.plan import coverage, plan
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary
from threatmodel.system import SystemModel, View

ROOT = Path(__file__).parents[2]


def _svg(*groups: str, width: int = 400, height: int = 300) -> bytes:
    return f'<svg width="{width}pt" height="{height}pt"><g>{"".join(groups)}</g></svg>'.encode()


def _node(name: str, x: int, y: int, *, text: str = "Node", half: int = 30, at: int = 0) -> str:
    left, right, top, bottom = x - half, x + half, y - 15, y + 15
    shape = f'<polygon points="{left},{top} {right},{top} {right},{bottom} {left},{bottom}"/>'
    label = f'<text x="{x + at}" y="{y + 4}" font-size="12" text-anchor="middle">{text}</text>'
    return f'<g id="n-{name}" class="node element process n-{name}">{shape}{label}</g>'


def _labels(*texts: str) -> str:
    return f'<g class="boundary-labels">{"".join(texts)}</g>'


def _boundary(x: int, y: int, text: str, size: float = 14) -> str:
    return f'<text class="boundary-label b-x" x="{x}" y="{y}" font-size="{size}" font-weight="bold">{text}</text>'


GOOD = (_node("a", 60, 60), _node("b", 200, 60), _labels(_boundary(40, 150, "Host")))
BOX = '<g id="b-x" class="cluster boundary b-x"><path d="M20,20 L60,20 60,170 20,170"/></g>'


@pytest.mark.parametrize(
    ("groups", "kinds"),
    [
        (GOOD, []),
        ((*GOOD, _labels(_boundary(300, 150, "Guest"))), []),
        ((_node("a", 60, 60, half=60, at=50), _node("b", 150, 60)), ["label-on-node", "label-outside"]),
        ((_node("a", 60, 60), _labels(_boundary(50, 68, "Host"))), ["labels-overlap", "label-on-node"]),
        ((_node("a", 60, 60, text="A name that is far too long"),), ["label-outside"]),
        ((BOX, _labels(_boundary(30, 150, "Host userspace"))), ["label-outside"]),
        ((_node("a", 60, 60), _labels(_boundary(40, 150, "Host", size=6))), ["small-type"]),
        (tuple(_node(f"n{n}", 60, 40 * n) for n in range(21)), ["many-nodes"]),
        (tuple(_node(f"n{n}", 60, 40 * n) for n in range(20)), []),
    ],
    ids=["good", "apart", "on node", "overlap", "long", "box", "small", "21", "20"],
)
def test_each_fault_is_found(groups: tuple[str, ...], kinds: list[str]) -> None:
    assert [problem.kind for problem in problems(_svg(*groups))] == kinds


def test_a_large_sheet_makes_small_type_only_where_it_is_printed() -> None:
    large_sheet = _svg(*GOOD, width=3000)
    assert [problem.kind for problem in problems(large_sheet)] == ["small-type"]
    assert "4.5 points" in problems(large_sheet)[0].text
    assert problems(large_sheet, printed=False) == ()


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b'<svg width="3pt" height="x"/>', b'<svg width="1pt" height="1pt"/>']
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        problems(data)


def test_a_picture_of_ours_is_quiet_and_fires_once_its_labels_are_moved() -> None:
    svg = render(whole(small()), starts=2).svg
    assert problems(svg) == ()
    moved = svg.replace(b'class="boundary-label b-host"', b'class="boundary-label b-vmm"')
    assert {problem.kind for problem in problems(moved)} == {"label-outside"}


@pytest.mark.slow
@pytest.mark.parametrize("weight", [400, 700])
def test_type_is_never_wider_than_the_check_takes_it_for(weight: int) -> None:
    files = importlib.metadata.files("fontpkg-ibm-plex-sans") or []
    path = next(file.locate() for file in files if file.name == "IBMPlexSans[wdth,wght].ttf")
    with TTFont(str(path)) as variable:
        font = instantiateVariableFont(variable, {"wdth": 100, "wght": weight})
        names, widths, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    for text in (
        "Host userspace (root)",
        "configuration.toml",
        "containerd / CRI-O",
        "Größe",
        "VMM process",
        "1,4-7",
    ):
        real = sum(widths[names[ord(char)]][0] for char in text) / unit * 12
        assert real <= advance(text, 12, bold=weight == 700) <= real * 1.25


def _models() -> Iterator[tuple[str, SystemModel, tuple[View, ...]]]:
    """Every configuration of the models here."""
    for name in ("self", "kata"):
        project = load_model(ROOT / "models" / name, f"models/{name}", load_vocabulary()).project
        for system in project.systems:
            yield f"{name}/{system.configuration.name}", system, project.views


def _unread(system: SystemModel, views: tuple[View, ...], folder: Path) -> list[str]:
    planned = plan(system, views, "Name")
    with ThreadPoolExecutor(2) as executor:
        plain = draw(planned, cache=folder, executor=executor)
        alone = draw(planned, cache=folder, executor=executor, standalone=True)
    assert all(picture.rendered is not None for picture in (*plain, *alone))
    return [f"{p.id}: {problem.text}" for p in (*plain, *alone) for problem in p.problems()]


@pytest.mark.slow
def test_the_pictures_of_every_configuration_leave_nothing_out() -> None:
    found = {name: coverage(system, plan(system, views, "Name")) for name, system, views in _models()}
    assert len(found) > 6
    assert {name: what for name, what in found.items() if not what.complete} == {}


@pytest.mark.slow
def test_the_models_of_this_repository_can_be_read(tmp_path: Path) -> None:
    """The first configuration, the one with the most flows and the one with the fewest."""
    models = {name: (system, views) for name, system, views in _models()}
    by_size = sorted(models, key=lambda name: len(models[name][0].flows))
    chosen = {next(name for name in models if name.startswith("kata/")), by_size[0], by_size[1], by_size[-1]}
    unread = {name: _unread(*models[name], tmp_path) for name in sorted(chosen)}
    assert {name: found for name, found in unread.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_large_systems_can_be_read(seed: int, tmp_path: Path) -> None:
    view = View(id="even", name="Even", elements=tuple(f"e{number}" for number in range(0, 60, 2)))
    assert _unread(large(seed), (view,), tmp_path) == []
