"""Real keys of ssh, and git configured to sign tags with them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo


@attrs.frozen
class Key:
    """A key of ssh without a passphrase.

    Attributes:
        path: the private key.
        mail: of whom it is.
    """

    path: Path
    mail: str

    @classmethod
    def make(cls, folder: Path, name: str) -> Key:
        """Make a key in *folder*; its owner is *name* at example.org. Without ssh-keygen the test skips."""
        if shutil.which("ssh-keygen") is None:
            pytest.skip("there is no ssh-keygen here")
        folder.mkdir(parents=True, exist_ok=True)
        key = cls(folder / name, f"{name}@example.org")
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key.mail, "-f", str(key.path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return key

    @property
    def public(self) -> str:
        """Type and key, as in a line of allowed signers."""
        return " ".join(self.path.with_name(f"{self.path.name}.pub").read_text().split()[:2])

    def line(self, *options: str) -> str:
        """A line of a file of allowed signers."""
        given = ",".join(('namespaces="git"', *options))
        return f"{self.mail} {given} {self.public}\n"

    def settings(self) -> dict[str, str]:
        """The configuration with which git signs tags by this key."""
        return {"gpg.format": "ssh", "user.signingKey": str(self.path), "tag.gpgSign": "true"}

    def signs(self, repo: Repo) -> None:
        """Let git sign tags in *repo* by this key."""
        for key, value in self.settings().items():
            repo.git("config", key, value)
