"""Verify signatures of ssh, as one of the principals of their key; git does the same.

Git asks for the principals of each key. Here that takes a process only if a key may be signed by another one.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.commits import moment
from krow_versions.evidence import Standing, Verdict, key_of
from krow_versions.regexes import regex
from krow_versions.signatures.programs import NotVerified, Programs, said
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.evidence import Signers, TagObject
    from krow_versions.git import Finished


@frozen
class Ssh:
    """Verifies with ``ssh-keygen -Y``.

    Attributes:
        programs: runs it.
        signers: who may sign.
    """

    programs: Programs
    signers: Signers

    def verdict(self, tag: TagObject) -> Verdict:
        """Judge the signature of a tag."""
        key = key_of(tag.signature or b"")
        if not key:
            return Verdict(Standing.UNFIT, said="it cannot be read")
        date = moment(tag.dated)
        try:
            when = date.astimezone().strftime("%Y%m%d%H%M%S") if date else ""
        except (ValueError, OverflowError, OSError):
            when = ""
        if not when:
            return Verdict(Standing.UNFIT, key=key, said="the tag has no date")
        try:
            return self._verdict(tag, key, when)
        except NotVerified as error:
            return Verdict(Standing.UNVERIFIED, key=key, said=str(error))

    def _verdict(self, tag: TagObject, key: str, when: str) -> Verdict:
        signature = self.programs.write("signature", tag.signature or b"")
        given = (f"-Overify-time={when}", "-f", self._allowed, "-s", signature)
        listed = self.signers.listed(key)
        principals = [name for each in listed for name in each.principals.split(",")]
        if not principals and any(each.is_authority for each in self.signers.ssh):
            found = self._run("find-principals", *given)
            principals = found.stdout.decode("utf-8", "replace").splitlines()
        if not principals:
            return Verdict(Standing.UNKNOWN, key=key)
        for principal in dict.fromkeys(principals[:_MOST]):
            verified = self._run("verify", *given, "-n", "git", "-I", principal, stdin=tag.payload)
            if not verified.returncode:
                return Verdict(Standing.GOOD, principal, key)
            if b"incorrect signature" in verified.stderr:
                return Verdict(Standing.UNFIT, principal, key)
        if _LIMITED.search(verified.stderr):
            limits = next((each.limits for each in listed), "")
            return Verdict(Standing.EXPIRED, principals[0], key, limits)
        if b"Could not verify signature" in verified.stdout:
            return Verdict(Standing.UNFIT, principals[0], key, said(verified))
        raise NotVerified(said(verified))

    @functools.cached_property
    def _allowed(self) -> str:
        return self.programs.write("signers", self.signers.text)

    def _run(self, mode: str, *arguments: str, stdin: bytes = b"") -> Finished:
        return self.programs.run("ssh-keygen", ["-Y", mode, *arguments], stdin)


@frozen
class Unlisted:
    """Checks with ``ssh-keygen -Y`` that a signature fits, whoever has made it.

    Attributes:
        programs: runs it.
    """

    programs: Programs

    def verdict(self, tag: TagObject) -> Verdict:
        """Judge the signature of a tag."""
        key, signature = key_of(tag.signature or b""), self.programs.write("signature", tag.signature or b"")
        arguments = ["-Y", "check-novalidate", "-n", "git", "-s", signature]
        try:
            checked = self.programs.run("ssh-keygen", arguments, tag.payload)
        except NotVerified as error:
            return Verdict(Standing.UNVERIFIED, key=key, said=str(error))
        fits = key and not checked.returncode
        return Verdict(Standing.UNKNOWN if fits else Standing.UNFIT, key=key)


_LIMITED = regex(rb"key has expired|not yet valid|namespace")
_MOST = 20  # Principals of one key that are tried.
