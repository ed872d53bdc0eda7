"""How commands of git are shown."""

from __future__ import annotations

import re

from krow_versions.text.escaping import shell_word


def git_in(root: str) -> str:
    """Give how people call git in the repository at *root*; where that is empty, they stand in it."""
    return f"git -C {shell_word(root)}" if root else "git"


def short_id(source: str) -> str:
    """Shorten an id for display; a name stays whole."""
    return source[:12] if _OBJECT_ID.fullmatch(source) else source


def pathspec(path: str) -> str:
    """Write a path so that git takes none of its characters for a pattern: gitglossary(7), "pathspec"."""
    return f":(literal){path}" if {*path} & {*"*?[\\:"} else path


_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
