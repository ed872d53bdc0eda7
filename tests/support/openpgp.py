"""Real OpenPGP keys in a home of their own, and git configured to sign with them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING

import attrs

from support.repositories import executable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.repositories import Repo


@attrs.frozen
class Keyring:
    """Secret keys without passphrases, and a program that signs with them at a moment of the past."""

    home: str
    program: Path

    def gpg(self, *args: str, at: str = "20250101T000000", stdin: bytes = b"") -> bytes:
        """Run gpg at a moment; give its output."""
        command = ["gpg", "--batch", "--quiet", "--homedir", self.home, "--faked-system-time", at, *args]
        return subprocess.run(command, check=True, capture_output=True, input=stdin).stdout

    def make(self, mail: str, expires: str = "never") -> str:
        """Make a key at the beginning of 2025; give its fingerprint."""
        person = f"Somebody <{mail}>"
        self.gpg("--passphrase", "", "--quick-generate-key", person, "ed25519", "sign", expires)
        lines = self.gpg("--with-colons", "--list-keys", mail).decode().splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr"))

    def public(self, *mails: str) -> str:
        """The armored public keys, one block each."""
        return "".join(self.gpg("--armor", "--export", mail).decode() for mail in mails)

    def revoke(self, fingerprint: str) -> None:
        """Revoke a key, by the certificate that was made with it."""
        folder = os.path.join(self.home, "openpgp-revocs.d")
        with open(os.path.join(folder, f"{fingerprint}.rev"), encoding="utf-8") as file:
            certificate = file.read().replace(":-----BEGIN", "-----BEGIN")
        self.gpg("--import", stdin=certificate.encode())

    def signs(self, repo: Repo, mail: str) -> None:
        """Let git sign tags in *repo* by the key of *mail*."""
        settings = {"gpg.format": "openpgp", "gpg.program": str(self.program), "user.signingKey": mail}
        for key, value in settings.items():
            repo.git("config", key, value)


@contextlib.contextmanager
def keyring(folder: Path) -> Iterator[Keyring]:
    """Make a keyring; its agent ends with the block."""
    # The path of a socket may have 108 bytes: unix(7).
    with tempfile.TemporaryDirectory(prefix="kv-", ignore_cleanup_errors=True) as home:
        script = f'#!/bin/sh\nexec gpg --homedir {home} --faked-system-time 20250201T000000 "$@"\n'
        try:
            yield Keyring(home, executable(folder / "gpg-of-the-past", script))
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)
