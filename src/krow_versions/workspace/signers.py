"""Find and read the signers file: the one that was given, or that of the configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files, git
from krow_versions.errors import FileSystemError, KrowVersionsError, UsageError
from krow_versions.evidence import parse_signers
from krow_versions.files import top_of
from krow_versions.formats import MIB
from krow_versions.snapshot import SignersState
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from krow_versions.evidence import Signers
    from krow_versions.workspace.protocols import Opened


def roots_of(workspace: Opened) -> tuple[str, ...]:
    """Return the folders of the checkout: the clones that the workspace is in."""
    own = [os.path.dirname(workspace.source)] if workspace.source else []
    folders = [*own, *workspace.repos.values()]
    return tuple(dict.fromkeys(top_of(each) or each for each in folders))


def find_signers(workspace: Opened, given: str | None = None) -> tuple[SignersState, Signers | None]:
    """Read the signers file.

    Args:
        workspace: its configuration may name one.
        given: the file that the caller names instead, absolute or relative to the current folder.

    Returns:
        Which file it is, and why it cannot be used; and its content, None if it cannot be used.

    Raises:
        UsageError: there is no file *given*.
        InputError: that file is not as it must be.
        FileSystemError: that file cannot be read.
    """
    if given is not None:
        return _given(workspace, given)
    named = workspace.config.tags.signers
    if named is None or workspace.source is None:
        return SignersState(error=_unnamed()), None
    try:
        data = _configured(workspace, os.path.dirname(workspace.source), named)
        return SignersState(named, inside=True), parse_signers(data, named)
    except KrowVersionsError as error:
        return SignersState(named, inside=True, error=error.in_file(named, "tags.signers")), None


def _given(workspace: Opened, given: str) -> tuple[SignersState, Signers]:
    path = files.real_path(given)
    if not given or files.status(path) is None:
        raise UsageError(
            f"signers: there is no file {quoted(given)}", hint="name a file with the keys of known signers"
        )
    folder, name = os.path.split(path)
    try:
        signers = parse_signers(files.read(folder, name, limit=MIB).data, given)
    except KrowVersionsError as error:
        error.path = given
        raise
    # Who can push a commit can lead a link in the checkout to another file.
    places = (path, *files.links_on(given))
    inside = any(files.below(root, each) is not None for root in roots_of(workspace) for each in places)
    return SignersState(given, inside=inside), signers


def signers_on_main(workspace: Opened) -> Signers | None:
    """Read the signers file of the configuration as the main branch has it, as last fetched.

    A hotfix branch has the file of its base, and may not change it: a new key is added on main.

    Returns:
        None if there is none.

    Raises:
        InputError: it is not as it must be.
        GitError: git failed.
    """
    named = workspace.config.tags.signers
    if named is None or workspace.source is None:
        return None
    data = _on_main(os.path.dirname(workspace.source), named)
    return None if data is None else parse_signers(data, f"{named} on main")


def _configured(workspace: Opened, folder: str, named: str) -> bytes:
    """Read the file of the configuration; where git has the configuration, git has the file."""
    if not files.exists(folder, named):
        is_elsewhere = workspace.source is not None and files.status(workspace.source) is None
        data = _on_main(folder, named) if is_elsewhere else None
        if data is not None:
            return data
        raise FileSystemError("there is no such file", hint="restore it, or name another one in [tags]")
    return files.read(folder, named, limit=MIB).data


def _on_main(folder: str, named: str) -> bytes | None:
    top = top_of(folder)
    below = files.below(top, files.absolute(os.path.join(folder, named))) if top else None
    found = git.read_on_main(top, ["/".join(below)]) if top and below else ()
    return found[0][2] if found else None


def _unnamed() -> UsageError:
    return UsageError(
        "no signers are named",
        hint="name the file with their keys, here or as signers in [tags]",
    )
