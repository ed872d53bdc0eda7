"""The verdict on the signature of a tag."""

from __future__ import annotations

import enum

from krow_versions.values import frozen


class Standing(enum.Enum):
    """How a signature stands."""

    GOOD = "it is that of a known signer, and fits the content"
    UNSIGNED = "there is none"
    UNKNOWN = "it is by a key that the signers file does not list"
    UNFIT = "it does not fit the content, or cannot be read"
    EXPIRED = "it is by a listed key that was not valid on the day of the tag"
    REVOKED = "it is by a listed key that is revoked"
    UNVERIFIED = "the program that verifies it is not here, or failed"


@frozen
class Verdict:
    """The verdict on the signature of one tag.

    Attributes:
        standing: how it stands.
        signer: who signed, as the signers file calls them; empty if that is not known.
        key: the fingerprint of the key; empty if that is not known.
        said: more about the reason, in a few words.
    """

    standing: Standing
    signer: str = ""
    key: str = ""
    said: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the tag is signed by a known signer."""
        return self.standing is Standing.GOOD
