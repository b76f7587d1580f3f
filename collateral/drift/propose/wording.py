"""Which lines of a model name a fact."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from collateral.deployed.keys import KEYS
from collateral.drift.files import DriftRow
from collateral.drift.mentions import by_file, words_of
from collateral.drift.model import EXTRACTS, Source
from collateral.drift.propose.files import ModelFiles


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a model's files."""

    files: ModelFiles

    @staticmethod
    def name_of(row: DriftRow) -> str:
        """The name by which a model names a fact: that of its file where naming a file names its facts."""
        return row.places[0].path.rpartition("/")[2] if by_file(row.kind) else " ".join(row.name.split())

    def lines(self, row: DriftRow, wanted: Source) -> list[tuple[str, int]]:
        """Path and line of each text that names it, those that are its name and nothing else first."""
        name = self.name_of(row)
        last = name.rpartition(".")[2]
        names = {name} if by_file(row.kind) else {name, last}
        loose = {name, last} if "_" in last or "-" in last else {name}
        found: dict[tuple[str, int], int] = {}
        for path in self.files.python():
            tree = self.files.tree(path)
            for line, text, target in _texts(tree) if tree else ():
                rank = 0 if text in names and not target else 1 if target and text == last else -1
                if rank < 0 and not target and loose & words_of(text):
                    rank = 2 if name in words_of(text) else 3
                if rank == 0 and text == last and not wanted.operations_of:
                    rank = 2  # a plain word that is no operation may be another thing
                if rank >= 0 and (not target or f"option {last}" in row.where):
                    found[path, line] = min(rank, found.get((path, line), rank))
        for path in (KEYS, EXTRACTS):
            for number, text in enumerate(self.files.texts.get(path, "").split("\n"), start=1):
                here = words_of(text.partition("#")[0])
                told = (path == KEYS and KEYS in row.where) or (
                    path == EXTRACTS and f"note of {row.extract}" in row.where
                )
                keys = {name, ".".join(name.split(".")[-2:])}
                if told and keys & here:
                    found[path, number] = 1
        return [place for place, _ in sorted(found.items(), key=lambda item: (item[1], item[0]))]


def _texts(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Line and text of each literal that is no documentation, and of each name that an annotation declares."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value, False
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.lineno, node.target.id, True
