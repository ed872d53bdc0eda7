"""What a tag says of who made it, who may sign, and the verdict on a signature: values and their parsers."""

from krow_versions.evidence.signers import Signer, Signers, key_of, parse_signers
from krow_versions.evidence.tag_objects import OPENPGP, SSH, X509, TagObject, parse_person, parse_tag_object
from krow_versions.evidence.verdicts import Standing, Verdict

__all__ = [
    "OPENPGP",
    "SSH",
    "X509",
    "Signer",
    "Signers",
    "Standing",
    "TagObject",
    "Verdict",
    "key_of",
    "parse_person",
    "parse_signers",
    "parse_tag_object",
]
