"""Options of a Linux kernel configuration or a fragment of one: `CONFIG_X=y`, `# CONFIG_X is not set`.

https://docs.kernel.org/kbuild/kconfig.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SET = re.compile(r"CONFIG_(\w+)=(.*)", re.ASCII)
_NOT_SET = re.compile(r"#[ \t]*CONFIG_(\w+) is not set", re.ASCII)
_VALUE = re.compile(r'[ymn]|-?\d{1,20}|0[xX][0-9a-fA-F]{1,16}|"(?:[^"\\]|\\.)*"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelOption:
    """An option, its value as text without quotes (`n` where it is not set) and its line."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelOptions:
    """The options of a file; where one stands twice, the last. `unread`: lines that are no setting and no comment."""

    options: dict[str, KernelOption]
    unread: tuple[int, ...]


def kernel_options(text: str) -> KernelOptions:
    """The options of a file, without the prefix `CONFIG_`."""
    options: dict[str, KernelOption] = {}
    unread: list[int] = []
    for line, raw in enumerate(text.split("\n"), 1):
        said = raw.strip()
        if found := _NOT_SET.fullmatch(said):
            options[found[1]] = KernelOption(name=found[1], value="n", line=line)
        elif said and not said.startswith("#"):
            found = _SET.fullmatch(said)
            if found is None or not _VALUE.fullmatch(found[2]):
                unread.append(line)
                if found is not None:  # what stood before holds no longer
                    options.pop(found[1], None)
                continue
            value = _ESCAPED.sub(r"\1", found[2][1:-1]) if found[2].startswith('"') else found[2]
            options[found[1]] = KernelOption(name=found[1], value=value, line=line)
    return KernelOptions(options=options, unread=tuple(unread))
