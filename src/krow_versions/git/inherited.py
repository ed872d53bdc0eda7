"""Configuration that git resolves in a repository, for processes that run in a git folder of our own.

``includeIf "gitdir:/path/to/.git"`` and ``onbranch:`` do not match there: git-config(1), "Conditional
includes". Without them a tag or a merge could have another author, or be signed with another key.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files

if TYPE_CHECKING:
    from krow_versions.git.repository import Repository

_INHERITED = ("user.", "author.", "committer.", "gpg.", "tag.", "commit.", "merge.", "filter.")


def inherited(repository: Repository) -> dict[str, str]:
    """Give who commits, how it is signed, merged and filtered; of several values of a key, the last."""
    own = (each for each in repository.settings() if each.scope != "command")  # Those are ours.
    return {each.key: each.value for each in own if each.key.startswith(_INHERITED)}


def hooks_path(repository: Repository) -> str:
    """Give ``core.hooksPath`` as it is configured, or an empty text."""
    own = [each for each in repository.settings() if each.scope != "command"]
    return next((each.value for each in reversed(own) if each.key == "core.hookspath"), "")


def has_hook(repository: Repository, name: str) -> bool:
    """Whether git would run a hook of that name in the working tree."""
    folder = os.path.expanduser(hooks_path(repository)) or os.path.join(repository.common_dir, "hooks")
    found = files.status(os.path.join(repository.root, folder, name), follow=True)
    return found is not None and bool(found.st_mode & 0o111)
