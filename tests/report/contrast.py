"""Contrast as WCAG 2.2 counts it, also as people see it who lack one kind of cone, and the colours that a page shows.

The matrices are those of Machado, Oliveira and Fernandes (2009) for a whole lack, applied to linear light.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1, as a screen gets them."""
Kind = Literal["text", "line"]
LEAST: Mapping[Kind, float] = {"text": 4.5, "line": 3.0}
"""WCAG 2.2: 1.4.3 for text of the usual size, 1.4.11 for lines and signs that tell something."""
EYES: Mapping[str, Sequence[Sequence[float]]] = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A colour on another one. `where` is one place that has it."""

    kind: Kind
    fore: Colour
    back: Colour
    where: str = ""


def colour(text: str) -> Colour:
    """`#rrggbb`."""
    found = re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", text)
    assert found is not None, text
    red, green, blue = (int(part, 16) / 255 for part in found.groups())
    return red, green, blue


def over(fore: Colour, alpha: float, back: Colour) -> Colour:
    """What is seen of a colour that lets `back` through."""
    red, green, blue = (f * alpha + b * (1 - alpha) for f, b in zip(fore, back, strict=True))
    return red, green, blue


def ratio(fore: Colour, back: Colour, eye: str = "all cones") -> float:
    """From 1 to 21."""
    high, low = sorted((_luminance(_seen(fore, eye)), _luminance(_seen(back, eye))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def too_faint(pairs: Iterable[Pair]) -> list[str]:
    """Every pair that is below its least contrast for some eye, the faintest first."""
    found = []
    for pair in pairs:
        for eye in EYES:
            value = ratio(pair.fore, pair.back, eye)
            if value < LEAST[pair.kind]:
                words = f"{pair.kind} {_hex(pair.fore)} on {_hex(pair.back)}, {eye}: {pair.where}"
                found.append((value, words))
    return [f"{value:.2f} {words}" for value, words in sorted(found)]


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _seen(shown: Colour, eye: str) -> Colour:
    """Linear light."""
    light = [_linear(value) for value in shown]
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in EYES[eye]
    )
    return red, green, blue


def _luminance(light: Colour) -> float:
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def _hex(shown: Colour) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in shown)


SHOWN = r"""() => {
  const parse = text => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+(?:e-?\d+)?%?/g) || []).map(Number);
    const unit = text.startsWith("color(") ? 1 : 255;
    return [r / unit, g / unit, b / unit, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, at) => value * a + under[at] * (1 - a));
  const faded = (colour, opacity) => [...colour.slice(0, 3), colour[3] * opacity];
  const through = element => {
    let value = 1;
    for (let at = element; at; at = at.parentElement) value *= Number(getComputedStyle(at).opacity);
    return value;
  };
  const canvas = getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ? [0, 0, 0] : [1, 1, 1];
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const fill = parse(getComputedStyle(at).backgroundColor);
      if (fill[3]) layers.unshift(fill);
      if (fill[3] === 1) break;
    }
    return layers.reduce((under, layer) => over(layer, under), canvas);
  };
  const seen = element => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
    && !element.closest(".sr, .skip:not(:focus)");
  const place = element => {
    const name = at => [at.tagName.toLowerCase(), ...at.classList].join(".");
    return [element.parentElement && name(element.parentElement), name(element)].filter(Boolean).join(" > ");
  };
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = "var(--line)";
  const hairline = getComputedStyle(probe).color;
  probe.remove();
  const found = new Map();
  const note = (kind, fore, back, where) => {
    const key = JSON.stringify([kind, fore.slice(0, 3).map(v => v.toFixed(4)), back.map(v => v.toFixed(4))]);
    if (!found.has(key)) found.set(key, [kind, fore.slice(0, 3), back, where]);
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg") || !seen(element) || element.matches("option, optgroup, script, style")) continue;
    const style = getComputedStyle(element);
    const back = ground(element);
    const shown = through(element);
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if ((own || element.matches("select, input")) && !element.matches(":disabled"))
      note("text", over(faded(parse(style.color), shown), back), back, place(element));
    if (element.placeholder && !element.value) {
      const hint = parse(getComputedStyle(element, "::placeholder").color);
      note("text", over(faded(hint, shown), back), back, place(element) + "::placeholder");
    }
    for (const pseudo of ["::before", "::after"]) {
      const sign = getComputedStyle(element, pseudo);
      if (!["none", "normal", '""'].includes(sign.content) && sign.display !== "none")
        note("line", over(faded(parse(sign.color), shown * Number(sign.opacity)), back), back, place(element) + pseudo);
    }
    if (element.matches(":disabled")) continue;
    for (const side of ["Top", "Right", "Bottom", "Left"]) {
      const line = style[`border${side}Color`];
      const width = parseFloat(style[`border${side}Width`]);
      if (!width || style[`border${side}Style`] === "none" || line === hairline || !parse(line)[3]) continue;
      const outside = element.parentElement ? ground(element.parentElement) : canvas;
      note("line", over(parse(line), outside), outside, place(element) + " border");
    }
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (!seen(svg)) continue;
    const base = svg === document.documentElement ? [1, 1, 1] : ground(svg);
    const shapes = [];
    const filled = (shape, x, y) => {
      const matrix = shape.node.getScreenCTM();
      const point = new DOMPoint(x, y).matrixTransform(matrix.inverse());
      return shape.node.isPointInFill(point);
    };
    const under = (x, y, until) => shapes.slice(0, until).filter(shape => shape.fill[3] && filled(shape, x, y))
      .reduce((below, shape) => over(shape.fill, below), base);
    for (const node of svg.querySelectorAll("path, polygon, polyline, rect, ellipse, circle, line, text")) {
      if (!seen(node) || node.closest("defs")) continue;
      const style = getComputedStyle(node);
      const shown = through(node);
      const fill = style.fill === "none" ? [0, 0, 0, 0] : faded(parse(style.fill), shown * Number(style.fillOpacity));
      if (node.tagName === "text") {
        if (!node.textContent.trim() || shown < 1) continue;
        const box = node.getBoundingClientRect();
        const back = under(box.x + box.width / 2, box.y + box.height / 2, shapes.length);
        note("text", over(fill, back), back, place(node));
        continue;
      }
      const drawn = style.stroke !== "none" && parseFloat(style.strokeWidth) ? style.stroke : "rgb(0 0 0 / 0)";
      const stroke = faded(parse(drawn), shown * Number(style.strokeOpacity));
      if (node.getTotalLength() && shown === 1) {
        const start = node.getPointAtLength(0).matrixTransform(node.getScreenCTM());
        const back = under(start.x, start.y, shapes.length);
        const told = over(stroke, back);
        if (stroke[3]) note("line", String(told) === String(back) ? over(fill, back) : told, back, place(node));
      }
      if (!node.closest(".edge")) shapes.push({ node, fill });
    }
  }
  return [...found.values()];
}"""
"""Pairs of a page as it is now: `[kind, colour, colour, where]`.

A shape of a picture is told by its line, or by its fill where it has no line but a gap in the colour of the ground. Left
out are hairlines in `--line`, which are decoration, what is disabled, and what a selection in a picture fades.
"""


def pairs_of(found: Iterable[tuple[Kind, Sequence[float], Sequence[float], str]]) -> set[Pair]:
    """What `SHOWN` gave."""
    return {Pair(kind, (*fore,), (*back,), where) for kind, fore, back, where in found}  # type: ignore[arg-type]
