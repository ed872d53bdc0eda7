"""Verify signatures of OpenPGP by gpg, with the keys of the signers file in a home of their own."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.commits import moment
from krow_versions.errors import FileFormatError
from krow_versions.evidence import Standing, Verdict
from krow_versions.regexes import regex
from krow_versions.signatures.programs import NotVerified, Programs, said
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.evidence import Signers, TagObject
    from krow_versions.git import Finished


@frozen
class OpenPGP:
    """Verifies with ``gpg``: neither the user's keys nor their agent are used.

    Attributes:
        programs: runs it.
        signers: who may sign.
    """

    programs: Programs
    signers: Signers

    def verdict(self, tag: TagObject) -> Verdict:
        """Judge the signature of a tag.

        Raises:
            FileFormatError: a key of the signers file cannot be read.
        """
        try:
            self._imported  # noqa: B018 - Once, before the first verification.
            signature = self.programs.write("signature", tag.signature or b"")
            return _judged(tag, self._run("--verify", "--", signature, "-", stdin=tag.payload))
        except NotVerified as error:
            return Verdict(Standing.UNVERIFIED, said=str(error))

    @functools.cached_property
    def _imported(self) -> bool:
        for line, key in self.signers.openpgp:
            imported = self._run("--import", "--", self.programs.write("key", key))
            if b"\n[GNUPG:] IMPORT_OK " not in b"\n" + imported.stdout:
                raise FileFormatError(
                    f"gpg cannot read this key: {said(imported)}",
                    path=self.signers.path,
                    line=line,
                    hint="export it whole: gpg --armor --export MAIL",
                )
        return True

    def _run(self, *arguments: str, stdin: bytes = b"") -> Finished:
        return self.programs.run("gpg", [*_OPTIONS, *arguments], stdin)


def _judged(tag: TagObject, finished: Finished) -> Verdict:
    """Judge what gpg says on its status lines; doc/DETAILS of GnuPG.

    A signature of several keys is refused, as by git (CVE-2018-1000156 and others read one of them).
    """
    lines = [line.split(" ") for line in _STATUS.findall(finished.stdout.decode("utf-8", "replace"))]
    found = [line for line in lines if line[0] in _RESULTS]
    names = [line[0] for line in lines]
    if len(found) != 1 or names.count("NEWSIG") != 1 or "PLAINTEXT" in names:
        return Verdict(Standing.UNFIT, said="it is not one signature")
    result, key, *rest = found[0]
    valid = next((line[-1] for line in lines if line[0] == "VALIDSIG"), "")
    if result == "ERRSIG":
        full = rest[-1] if rest and _FINGERPRINT.fullmatch(rest[-1]) else key
        if "NO_PUBKEY" in names:
            return Verdict(Standing.UNKNOWN, key=full)
        return Verdict(Standing.UNVERIFIED, key=full, said=said(finished))
    standing = _RESULTS[result]
    if result == "EXPKEYSIG" and _was_valid(tag, lines):
        standing = Standing.GOOD
    if standing is Standing.GOOD and not valid:
        standing = Standing.UNFIT
    return Verdict(standing, " ".join(rest), valid or key)


def _was_valid(tag: TagObject, lines: list[list[str]]) -> bool:
    """Whether the tag was made before its key expired; gpg compares with the present."""
    ends = [int(line[1]) for line in lines if line[0] == "KEYEXPIRED" and line[1:2] and line[1].isdigit()]
    date = moment(tag.dated)
    return date is not None and bool(ends) and date.timestamp() < min(ends)


_OPTIONS = (
    "--batch", "--no-tty", "--no-options", "--no-autostart", "--no-auto-key-retrieve",
    "--no-auto-key-locate", "--trust-model=always", "--status-fd=1",
)  # fmt: skip
_RESULTS = {
    "GOODSIG": Standing.GOOD,
    "EXPSIG": Standing.EXPIRED,
    "EXPKEYSIG": Standing.EXPIRED,
    "REVKEYSIG": Standing.REVOKED,
    "BADSIG": Standing.UNFIT,
    "ERRSIG": Standing.UNVERIFIED,
}
_STATUS = regex(r"(?m)^\[GNUPG:\] (.*)$")
_FINGERPRINT = regex(r"[0-9A-F]{40,64}")
