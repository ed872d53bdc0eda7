"""The door to ``ssh-keygen`` and ``gpg``, which verify the signatures of tags.

``git verify-tag`` runs the programs, and reads the signers, that the configuration of the repository names,
and a stranger may have written that. So git is not asked. The programs are looked for in absolute folders of
``PATH`` outside of the checkout, get an environment of their own without any agent, and have a time limit.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, TypeAlias

from krow_versions.errors import FileSystemError
from krow_versions.evidence import OPENPGP, SSH, Standing, Verdict
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.regexes import regex
from krow_versions.signatures.openpgp import OpenPGP
from krow_versions.signatures.programs import Programs
from krow_versions.signatures.ssh import Ssh, Unlisted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from krow_versions.evidence import Signers, TagObject

__all__ = ["check_ssh", "verify"]


def verify(
    tags: Sequence[TagObject],
    signers: Signers,
    *,
    outside: Sequence[str] = (),
    progress: Progress = unseen,
) -> tuple[Verdict, ...]:
    """Verify the signatures of *tags*; one or two processes for each that is signed.

    As in git, a key of ssh must be valid on the date of the tag, which its maker chose.

    Args:
        tags: as git has them.
        signers: who may sign.
        outside: folders whose programs are not run, such as the checkout.
        progress: sees the steps.

    Raises:
        FileFormatError: an OpenPGP key of *signers* cannot be read.
        FileSystemError: no temporary folder can be made.
    """
    if not any(tag.signature for tag in tags):
        return tuple(Verdict(Standing.UNSIGNED) for _ in tags)
    with _programs(outside) as programs:
        verifiers: _Verifiers = {SSH: Ssh(programs, signers), OPENPGP: OpenPGP(programs, signers)}
        return tuple(_verdict(verifiers, tag) for tag in steps_of(tags, "verifying signatures", progress))


def check_ssh(tag: TagObject, *, outside: Sequence[str] = ()) -> Verdict:
    """Check that the signature of ssh of a tag fits its content, whoever has made it; one process.

    The verdict is ``UNKNOWN`` if it does: nothing says whose key it is.

    Raises:
        FileSystemError: no temporary folder can be made.
    """
    with _programs(outside) as programs:
        return _verdict({SSH: Unlisted(programs)}, tag)


@contextlib.contextmanager
def _programs(outside: Sequence[str]) -> Iterator[Programs]:
    try:
        with tempfile.TemporaryDirectory(prefix="krow-versions-") as home:
            yield Programs(home, tuple(outside))
    except OSError as error:
        raise FileSystemError(
            f"signatures cannot be verified: {error.strerror or error}",
            path=error.filename,
            hint="see whether the folder of temporary files can be written",
        ) from error


def _verdict(verifiers: _Verifiers, tag: TagObject) -> Verdict:
    if tag.signature is None:
        return Verdict(Standing.UNSIGNED)
    verifier = verifiers.get(tag.kind or "")
    if verifier is None:
        return Verdict(Standing.UNVERIFIED, said="signatures of X.509 are not supported")
    if not _WHOLE.fullmatch(tag.signature):
        return Verdict(Standing.UNFIT, said="it is not whole, or text follows it")
    return verifier.verdict(tag)


_Verifiers: TypeAlias = "Mapping[str, Ssh | Unlisted | OpenPGP]"
# The programs ignore what follows a signature, which nobody has signed.
_WHOLE = regex(rb"-----BEGIN ([A-Z ]+)-----\r?\n(?:(?!-----)[^\n]*\n)*-----END \1-----\s*")
