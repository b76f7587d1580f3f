"""What configuration files say, as options of a model; what no option stands for is told, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.deployed.keys import DeployedKeys, KeyRule
from collateral.deployed.read import Setting, Settings
from threatmodel.core.diagnostics import Place, nearest

Matcher = Callable[[Sequence[str], str], bool]
"""Says whether one of the expressions matches anywhere in a text, as the runtimes do it."""
Kind = Literal["unknown-key", "other-runtime", "other-value", "annotation", "not-a-setting"]
ENABLED = "hypervisor.enable_annotations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An option as the files say it. `origin`: the key, or the annotation, that decided."""

    option: str
    value: str
    origin: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in the files that no option stands for, or that has no effect."""

    kind: Kind
    text: str
    place: Place
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The options that the files decide, in the order of the rules, and what else is to be told."""

    choices: tuple[Choice, ...]
    notes: tuple[Note, ...]

    @property
    def options(self) -> dict[str, str]:
        """Option to value."""
        return {choice.option: choice.value for choice in self.choices}


def to_options(settings: Settings, keys: DeployedKeys, matches: Matcher) -> Deployed:
    """The options. An annotation of the pod counts after the files, where the runtime lets it."""
    runtime = _runtime(settings, keys)
    hypervisor = keys.hypervisors.get(settings.used, "")
    head = next(iter(settings.settings.values()), None)
    place = head.place if head else Place("")
    section = Place(place.path)
    chosen: dict[str, Choice] = {}
    if runtime:
        origin = "keys that this runtime alone has"
        chosen["runtime"] = Choice(option="runtime", value=runtime, origin=origin, place=section)
    notes: list[Note] = []
    if hypervisor:
        origin = f"[hypervisor.{settings.used}]"
        chosen["hypervisor"] = Choice(option="hypervisor", value=hypervisor, origin=origin, place=section)
    values = dict(settings.settings)
    _annotate(values, settings, runtime, matches, notes)
    _decide(chosen, keys.rules, values, notes)
    _decide(chosen, keys.snapshotters, settings.manager, notes)
    notes += _unknown(settings, keys, runtime)
    return Deployed(
        choices=tuple(chosen.values()), notes=tuple(sorted(notes, key=lambda n: (n.place.path, n.place.line)))
    )


def _runtime(settings: Settings, keys: DeployedKeys) -> str:
    """The runtime with most keys that no other has; the first one named where none has any; none without marks."""
    if not keys.marks:
        return ""
    counts = {name: sum(key in settings.settings for key in marks) for name, marks in keys.marks.items()}
    return max(counts, key=lambda name: counts[name])


def _decide(
    chosen: dict[str, Choice],
    rules: Sequence[KeyRule],
    values: Mapping[str, Setting],
    notes: list[Note],
) -> None:
    decided: set[str] = set()
    for rule in rules:
        found = values.get(rule.key)
        here = {option: choice.value for option, choice in chosen.items()}
        if (
            found is None
            or rule.option in decided
            or any(here.get(option, "") not in wanted for option, wanted in rule.when.items())
        ):
            continue
        value = rule.values.get(found.text, rule.other)
        if not value:
            if not any(other.key == rule.key and found.text in other.values for other in rules):
                known = ", ".join(sorted({*rule.values.values(), *([rule.other] if rule.other else ())}))
                text = f"{rule.key} = {found.text or 'empty'}: the model has no such value of {rule.option}"
                notes.append(Note(kind="other-value", text=text, place=found.place, hint=f"it knows {known}"))
            continue
        decided.add(rule.option)
        origin = found.key if rule.key == found.key else f"annotation {found.key}"
        chosen[rule.option] = Choice(option=rule.option, value=value, origin=origin, place=found.place)


def _annotate(
    values: dict[str, Setting], settings: Settings, runtime: str, matches: Matcher, notes: list[Note]
) -> None:
    """Put annotations that count over the keys that they stand for; say of each what becomes of it."""
    enabled = (
        [text for text in settings.settings[ENABLED].text.split(",") if text]
        if (ENABLED in settings.settings)
        else []
    )
    passed = settings.manager.get("pod_annotations")
    for setting in settings.annotations.values():
        section, _, name = setting.key.partition(".")
        if passed is not None and "katacontainers" not in passed.text:
            text = f"annotation {setting.key}: the container manager does not hand it to the runtime"
        elif section == "hypervisor" and not matches(enabled, name):
            fate = "refuses the pod" if runtime == "go" else "ignores it"
            text = f"annotation {setting.key}: enable_annotations does not admit it; the runtime {fate}"
        else:
            gate = "enable_annotations admits it" if section == "hypervisor" else "no list gates it"
            text = f"annotation {setting.key} counts: {gate}"
            values[setting.key] = setting
        notes.append(Note(kind="annotation", text=text, place=setting.place))


def _unknown(settings: Settings, keys: DeployedKeys, runtime: str) -> list[Note]:
    own = {word for text in keys.known.get(runtime, ()) for word in text.split()}
    others = {
        word: name
        for name, texts in keys.known.items()
        if name != runtime
        for text in texts
        for word in text.split()
    }
    out = []
    for key, setting in settings.settings.items():
        name = key.rpartition(".")[2]
        if name in own:
            continue
        if name in others:
            text = f"{key}: a key of the {others[name]} runtime, without an effect in this one"
            out.append(Note(kind="other-runtime", text=text, place=setting.place))
        else:
            text = f"{key}: no runtime has this key"
            out.append(
                Note(kind="unknown-key", text=text, place=setting.place, hint=nearest(name, sorted(own)))
            )
    unused = [name for name in settings.hypervisors if name != settings.used]
    if unused and settings.settings:
        first = next(iter(settings.settings.values())).place
        text = f"[hypervisor.{', hypervisor.'.join(unused)}] has no effect; {settings.used} is used"
        out.append(Note(kind="not-a-setting", text=text, place=Place(first.path)))
    return out
