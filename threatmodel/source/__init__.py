"""A source tree, hostile by assumption: a directory or a git ref. Nothing that the tree holds is ever run."""

from threatmodel.source.directory import DirectoryTree
from threatmodel.source.git import last_commit_time
from threatmodel.source.gitref import GitRefTree
from threatmodel.source.spec import open_source, public_address
from threatmodel.source.tree import MAX_FILE_BYTES, FileTooLarge, SourceTree

__all__ = [
    "MAX_FILE_BYTES",
    "DirectoryTree",
    "FileTooLarge",
    "GitRefTree",
    "SourceTree",
    "last_commit_time",
    "open_source",
    "public_address",
]
