"""A source tree, hostile by assumption: a directory or a git ref. Nothing that the tree holds is ever run."""

from threatmodel.source.directory import DirectoryTree
from threatmodel.source.gitref import GitRefTree
from threatmodel.source.spec import open_source
from threatmodel.source.tree import MAX_FILE_BYTES, FileTooLarge, SourceTree

__all__ = ["MAX_FILE_BYTES", "DirectoryTree", "FileTooLarge", "GitRefTree", "SourceTree", "open_source"]
