"""What follows from a scope, a format and its options: whole trees or the branch alone."""

import msgspec

from app.export.base import ExportOptions, Format
from app.export.scope import Scope, is_part


def wants_tree(scope: Scope, chosen: Format, options: ExportOptions) -> bool:
    """Whether the format is given other branches than the one that is shown."""
    return not is_part(scope) and (options.branches or chosen.keeps_trees)


def fitting(scope: Scope, options: ExportOptions) -> ExportOptions:
    """The options without those that mean nothing here: a part has no other branches."""
    return msgspec.structs.replace(options, branches=False) if is_part(scope) else options
