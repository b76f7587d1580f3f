from __future__ import annotations

import json

import pytest

from threatmodel.diagrams.score import scores

_PLACES = {"a": "0,0", "b": "300,0", "c": "0,300", "d": "300,300", "m": "150,150"}


def _layout(edges: list[tuple[str, str]], *, nodes: str = "abcd") -> bytes:
    ids = {name: number for number, name in enumerate(nodes)}
    objects = [
        {"_gvid": ids[n], "name": n, "pos": _PLACES[n], "width": "0.5", "height": "0.5"} for n in nodes
    ]
    lines = []
    for tail, head in edges:
        (ax, ay), (bx, by) = (tuple(map(int, _PLACES[end].split(","))) for end in (tail, head))
        steps = " ".join(f"{ax + (bx - ax) * t / 3},{ay + (by - ay) * t / 3}" for t in range(4))
        lines.append({"tail": ids[tail], "head": ids[head], "pos": f"e,{bx},{by} {steps}"})
    return json.dumps({"bb": "0,0,300,300", "objects": objects, "edges": lines}).encode()


def test_crossing_lines_are_counted_once() -> None:
    # the lines meet where two of their pieces join
    crossing, apart = scores(_layout([("a", "d"), ("b", "c")]) + b"\n" + _layout([("a", "b"), ("c", "d")]))
    assert (crossing.crossings, apart.crossings) == (1, 0)
    assert crossing.value > apart.value


def test_lines_that_meet_at_a_node_do_not_cross() -> None:
    assert scores(_layout([("a", "d"), ("a", "b"), ("b", "d")]))[0].crossings == 0


def test_a_line_through_a_node_is_counted() -> None:
    assert scores(_layout([("a", "d")], nodes="abcdm"))[0].through_nodes == 1
    assert scores(_layout([("a", "m")], nodes="abcdm"))[0].through_nodes == 0


def test_length_is_in_points() -> None:
    assert scores(_layout([("a", "b"), ("c", "d")]))[0].length == pytest.approx(600)


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"bb": 3}', b"not json", b'{"bb":"0,0,1,1","edges":[{}]}'])
def test_what_is_no_layout_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"layout|Expecting"):
        scores(text)
