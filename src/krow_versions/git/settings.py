"""The configuration of a repository as it stands, the user's included."""

from __future__ import annotations

import os

import attrs

from krow_versions.git.process import run, unexpected


@attrs.frozen
class Setting:
    """One line of configuration.

    Attributes:
        scope: whose it is, such as ``local``; an included file has the scope of what includes it.
        key: its name, as git writes it.
        value: what it says; empty also where nothing is said.
    """

    scope: str
    key: str
    value: str = attrs.field(repr=False)  # It can hold a password.


def read_settings(root: str) -> tuple[Setting, ...]:
    """Read all configuration that counts in a work tree, the user's included; one process.

    Raises:
        GitError: git failed.
    """
    arguments = ["config", "--list", "--show-scope", "--includes", "-z"]
    output = run(arguments, cwd=root)
    fields = output.split(b"\0")[:-1]
    if len(fields) % 2:
        raise unexpected(arguments, output, root)
    entries = (os.fsdecode(entry).partition("\n") for entry in fields[1::2])
    return tuple(
        Setting(scope.decode("ascii", "replace"), key, value)
        for scope, (key, _, value) in zip(fields[::2], entries, strict=True)
    )
