from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.diagrams.large import large
from tests.diagrams.systems import small
from threatmodel.core.errors import Exit
from threatmodel.diagrams import dfd, layout, print_size
from threatmodel.diagrams.engine import LayoutFailed, find_engine
from threatmodel.diagrams.fold import Limits, fold
from threatmodel.diagrams.layout import MOST_STARTS, default_starts, render
from threatmodel.diagrams.plan import overview
from threatmodel.diagrams.print_size import Decision, NeedsSplit

ROOT = Path(__file__).parents[2]
STARTS = 9

Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a stand-in for an installed `dot`: it tells a version and then does what `body` says."""

    def make(body: str) -> Path:
        path = tmp_path / "dot"
        version = '[ "$1" = -V ] && { echo "dot - graphviz version 0" >&2; exit 0; }'
        path.write_text(f"#!/bin/sh\n{version}\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


def _processes(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:  # ended meanwhile, or not a process
            continue
        if marker.encode() in command:
            found.append(entry.name)
    return found


def test_a_picture_is_whole() -> None:
    diagram = dfd.whole(small())
    rendered = render(diagram, starts=2)
    root = ET.fromstring(rendered.svg)
    spaced = "{http://www.w3.org/2000/svg}"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {"n-shim", "n-state", "b-host", "b-vmm", "f-2", "f-4", "e-4-a", "e-4-b"} <= set(ids)
    assert root.findtext(f"{spaced}title") == diagram.title
    assert root.findtext(f"{spaced}desc") == diagram.alt
    assert root.findall(f"{spaced}g")[-1][-1].get("class") == "boundary-labels"
    assert rendered.png.startswith(b"\x89PNG")
    assert rendered.layout_engine.startswith("graphviz-pure")
    assert rendered.width_pt > 100 < rendered.height_pt


def test_the_svg_is_self_contained() -> None:
    svg = render(dfd.whole(small()), starts=1).svg.decode()
    for word in (
        "<!DOCTYPE",
        "<!--",
        "xlink",
        "href",
        "url(",
        "<script",
        "<style",
        "style=",
        "@import",
        "Generated",
    ):
        assert word not in svg
    assert svg.count("http") == 1  # the namespace


def test_names_stand_in_the_middle_of_their_shapes() -> None:
    root = ET.fromstring(render(dfd.whole(small()), starts=1).svg)
    texts = [t for group in root.iter() if "node" in group.get("class", "").split() for t in group]
    texts = [text for text in texts if text.tag.endswith("}text")]
    assert len(texts) >= 12
    assert {text.get("text-anchor") for text in texts} == {"middle"}


@pytest.mark.slow
def test_parts_of_a_line_are_one_text() -> None:
    system = large(1)
    told = overview(system, first=[system.elements[0].id])
    assert any(edge.says for edge in told.edges)
    groups = list(ET.fromstring(render(told).svg).iter("{http://www.w3.org/2000/svg}g"))
    lines = [[text.get("y") for text in group.findall("{*}text")] for group in groups]
    assert all(len(line) == len(set(line)) for line in lines)
    parts = [
        [part.text for part in text.findall("{*}tspan")]
        for group in groups
        for text in group.findall("{*}text")
    ]
    number, words = next(found for found in parts if found)
    assert re.fullmatch(r"\d+( \+\d+)?", number or "")
    assert (words or "").startswith(" ")


@pytest.mark.slow
def test_standalone_pictures_hold_the_table_of_flows() -> None:
    diagram = dfd.whole(small())
    plain, alone = (render(diagram, starts=2, standalone=flag) for flag in (False, True))
    assert b"Cluster user to Runtime shim" in alone.svg
    assert b">Cluster user to Runtime shim<" not in plain.svg
    assert alone.height_pt > plain.height_pt


@pytest.mark.slow
def test_the_order_of_finishing_does_not_matter() -> None:
    diagram = dfd.whole(small())
    with ThreadPoolExecutor(2) as executor:
        assert render(diagram, starts=STARTS, executor=executor) == render(diagram, starts=STARTS)


@pytest.mark.slow
def test_the_hash_seed_does_not_matter() -> None:
    script = (
        "import hashlib; from tests.diagrams.systems import small; from threatmodel.diagrams import dfd, layout;"
        f"r = layout.render(dfd.whole(small()), starts={STARTS}, standalone=True);"
        "print(hashlib.sha256(r.svg + r.png + r.dot.encode()).hexdigest(), r.score)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(said) == 1


@pytest.mark.slow
def test_more_starts_are_never_worse() -> None:
    diagram = dfd.whole(small())
    scores = [render(diagram, starts=count).score for count in (1, 4, 12)]
    assert scores == sorted(scores, reverse=True)


def test_starts_depend_on_size_alone() -> None:
    assert (
        default_starts(dfd.whole(small()))
        == default_starts(dfd.whole(small(shim="Other")))
        == MOST_STARTS
        == 12
    )
    assert default_starts(dfd.whole(large(1, elements=300, flows=400))) < MOST_STARTS


@pytest.mark.slow
def test_no_more_starts_are_made_than_the_most() -> None:
    diagram = dfd.whole(small())
    assert render(diagram, starts=500) == render(diagram, starts=MOST_STARTS)


def test_a_layout_that_does_not_end_fails_and_leaves_no_process(program: Program, tmp_path: Path) -> None:
    dot = program('tail -f "$0" & tail -f "$0"')
    with pytest.raises(LayoutFailed, match="wall time") as caught:
        render(dfd.whole(small()), dot=dot, starts=1, seconds=0.5)
    assert caught.value.exit is Exit.INCOMPLETE
    assert _processes(str(tmp_path)) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('echo "no luck" >&2; exit 1', "exit code 1: no luck"),
        ("echo nonsense", "something else than a layout"),
        ("echo '{}'", "something else than a layout"),
        ("cat >/dev/null", "wrote 0 layouts"),
        ("kill -9 $$", "signal 9"),
    ],
)
def test_an_engine_that_misbehaves_is_named(program: Program, body: str, reason: str) -> None:
    with pytest.raises(LayoutFailed, match=reason):
        render(dfd.whole(small()), dot=program(body), starts=1)


def test_an_engine_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutFailed):
        render(dfd.whole(small()), dot=tmp_path / "dot", starts=1)


def test_a_named_engine_is_used() -> None:
    embedded = find_engine()
    diagram = dfd.whole(small())
    assert render(diagram, dot=embedded.program, starts=2) == render(diagram, starts=2)


def test_a_cached_picture_is_read_and_a_broken_entry_is_made_anew(tmp_path: Path) -> None:
    diagram = dfd.whole(small())
    first = render(diagram, cache=tmp_path, starts=2)
    entries = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    kept = [path.read_bytes() for path in entries]
    assert render(diagram, cache=tmp_path, starts=2) == first
    for path, data in zip(entries, kept, strict=True):
        path.write_bytes(data[: len(data) // 2])
    assert render(diagram, cache=tmp_path, starts=2) == first
    assert [path.read_bytes() for path in entries] == kept
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == entries


def test_a_cached_picture_needs_no_layout(tmp_path: Path, program: Program) -> None:
    diagram = dfd.whole(small())
    real = find_engine().program
    counter = tmp_path / "engine"
    counter.mkdir()
    dot = program(f'exec "{real}" "$@"')
    first = render(diagram, cache=tmp_path / "cache", dot=dot, starts=2)
    dot.write_text(dot.read_text(encoding="utf-8").replace("exec", "exit 9 #"), encoding="utf-8")
    assert render(diagram, cache=tmp_path / "cache", dot=dot, starts=2) == first


def test_another_name_is_another_entry(tmp_path: Path) -> None:
    render(dfd.whole(small()), cache=tmp_path, starts=1)
    other = render(dfd.whole(small(F01="Begin")), cache=tmp_path, starts=1)
    assert b"Begin" in other.svg


@pytest.mark.slow
@pytest.mark.parametrize(
    ("letters", "tables", "kept"),
    [
        (1, ("flows", "lines", "none", "bare"), "flows"),
        (1, ("none", "bare"), "none"),
        (260, ("flows", "lines", "none", "bare"), "bare"),
        (260, ("flows",), "flows"),
    ],
)
def test_the_first_table_that_can_be_printed_is_kept_else_the_last(
    letters: int, tables: tuple[dfd.Table, ...], kept: str
) -> None:
    system = small(host=letters * "x")
    diagram = replace(dfd.whole(system), tables=tables)
    made = render(diagram, starts=1, standalone=True)
    assert ("Cluster user to Runtime shim" in made.dot) is (kept == "flows")
    assert ("sharp box" in made.dot) is (kept != "bare")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("too_large", "brief", "key"), [(0, False, False), (2, True, True), (3, True, False), (9, True, False)]
)
def test_what_cannot_be_printed_has_the_shortest_labels(
    too_large: int, brief: bool, key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`too_large`: so many forms do not fit; the last one is taken whether it fits or not."""
    diagram = fold(dfd.whole(small()), small(), limits=Limits(nodes=4, edges=9))
    assert diagram.stacks
    tried: list[float] = []

    def choose(width: float, height: float) -> Decision:
        tried.append(width)
        return NeedsSplit(type_pt=1.0) if len(tried) <= too_large else real(width, height)

    real = print_size.choose
    monkeypatch.setattr(layout, "choose", choose)
    made = render(replace(diagram, tables=("lines", "none")), starts=1, standalone=True)
    assert len(tried) == min(too_large + 1, 4)
    assert ("4 +2: flow 4 and two others" in made.dot) is key
    assert any(f"{edge.brief}</B>" in made.dot for edge in diagram.edges if len(edge.flows) > 1) is brief
