"""Who made a production tag and signed it, as far as an audit was asked to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.errors import KrowVersionsError
    from krow_versions.evidence import Verdict


@frozen
class TagEvidence:
    """What the object of a tag proves.

    Attributes:
        tagger: who made it, as ``Name <mail>``; empty if it does not say so, as a lightweight tag.
        verdict: that on its signature; None if it was not asked for, or if there is no usable signers file.
    """

    tagger: str = ""
    verdict: Verdict | None = None


@frozen
class SignersState:
    """The signers file that signatures were verified with.

    Attributes:
        path: the file, as it was named; empty if none is.
        inside: whether it is in the checkout, where everybody who can push a commit can change it.
        error: why it cannot be used, or None.
    """

    path: str = ""
    inside: bool = False
    error: KrowVersionsError | None = None
