"""A source tree, hostile by assumption: a directory or a git ref. Nothing that the tree holds is ever run."""

from threatmodel.source.directory import DirectoryTree
from threatmodel.source.git import last_commit_time
from threatmodel.source.gitref import GitRefTree
from threatmodel.source.log import Commit, Log, read_log
from threatmodel.source.pinned import open_pinned, stands_at
from threatmodel.source.spec import at_ref, open_source, public_address, valid_tag
from threatmodel.source.tree import MAX_FILE_BYTES, FileTooLarge, SourceTree

__all__ = [
    "MAX_FILE_BYTES",
    "Commit",
    "DirectoryTree",
    "FileTooLarge",
    "GitRefTree",
    "Log",
    "SourceTree",
    "at_ref",
    "last_commit_time",
    "open_pinned",
    "open_source",
    "public_address",
    "read_log",
    "stands_at",
    "valid_tag",
]
