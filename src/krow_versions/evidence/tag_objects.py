"""Parse a tag object: who made it and when, what is signed, and the signature."""

from __future__ import annotations

import re

from krow_versions.regexes import regex
from krow_versions.values import field, frozen

SSH, OPENPGP, X509 = "ssh", "openpgp", "x509"


@frozen
class TagObject:
    """A tag object, as it is stored.

    Attributes:
        object_id: its own full id.
        name: the name of the tag inside the object, which the name of a ref may contradict.
        target: the full id of the object that it tags.
        tagger: who made it, as ``Name <mail>``; empty if it does not say so.
        dated: when, in git's raw form; empty if it does not say so.
        payload: what a signature of it signs.
        signature: its signature with all that follows, or None.
        kind: of the signature: ``ssh``, ``openpgp`` or ``x509``; None without one.
    """

    object_id: str
    name: str
    target: str
    tagger: str
    dated: str
    payload: bytes = field(repr=False)
    signature: bytes | None = field(repr=False, default=None)
    kind: str | None = None


def parse_tag_object(object_id: str, data: bytes) -> TagObject:
    r"""Parse the content of a tag object; what it does not say is empty.

    Payload and signature are split as git does it: ``parse_signed_buffer`` and ``remove_signature``. The
    signature begins at the last line that can begin one. A header ``gpgsig``, which holds the signature for
    the other kind of object ids, is not signed.

    >>> tag = parse_tag_object("1" * 40, b"object 2\ntype commit\ntag v1\ntagger A <a@b> 3 +0000\n\nText\n")
    >>> tag.name, tag.tagger, tag.dated, tag.kind
    ('v1', 'A <a@b>', '3 +0000', None)
    """
    start = None
    for match in _BEGIN.finditer(data):
        start = match
    signed = data if start is None else data[: start.start()]
    head, gap, body = signed.partition(b"\n\n")
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        headers.setdefault(key, value)
    made = _MADE.fullmatch(headers.get(b"tagger", b""))
    tagger, dated = made.groups() if made else (headers.get(b"tagger", b""), b"")
    return TagObject(
        object_id,
        _text(headers.get(b"tag", b"")),
        _text(headers.get(b"object", b"")),
        _text(tagger),
        _text(dated),
        _OTHER.sub(b"", head + gap[:1]) + gap[1:] + body,
        None if start is None else data[start.start() :],
        None if start is None else _KINDS[start[1]],
    )


def parse_person(text: str) -> tuple[str, str] | None:
    """Split ``Name <mail>``; None if *text* has another form.

    >>> parse_person("Ada Lovelace <ada@example.org>")
    ('Ada Lovelace', 'ada@example.org')
    """
    found = _PERSON.fullmatch(text)
    return (found[1].strip(), found[2]) if found else None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


# gpg-interface.c of git: what begins the signatures of each kind.
_KINDS = {
    b"PGP SIGNATURE": OPENPGP,
    b"PGP MESSAGE": OPENPGP,
    b"SIGNED MESSAGE": X509,
    b"SSH SIGNATURE": SSH,
}
_BEGIN = regex(rb"^-----BEGIN (%s)-----" % b"|".join(_KINDS), re.MULTILINE)
_OTHER = regex(rb"^gpgsig(?:-sha256)? [^\n]*\n?(?:^ [^\n]*\n?)*", re.MULTILINE)
_MADE = regex(rb"(.*) (-?[0-9]{1,18} [+-][0-9]{4})")
_PERSON = regex(r"([^<>]*)<([^<>\s]+)>")
