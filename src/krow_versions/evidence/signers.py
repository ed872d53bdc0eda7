"""Parse a signers file: allowed signers of ssh, line by line, and OpenPGP keys in ASCII armor.

The lines are those of ``gpg.ssh.allowedSignersFile`` (ssh-keygen(1), "ALLOWED SIGNERS"). A program reads the
file later, and skips what it does not understand: a signer with a typing error would be an unknown one. So
everything is checked here first.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

from krow_versions.encoding import BOM, decode
from krow_versions.errors import FileFormatError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import field, frozen


@frozen
class Signer:
    """A line of allowed signers.

    Attributes:
        principals: who signs: mail addresses or patterns of them, with commas between.
        key: the fingerprint of the key.
        is_authority: whether the key signs the keys of others.
        limits: the other options, as they are written.
    """

    principals: str
    key: str
    is_authority: bool = False
    limits: str = ""


@frozen
class Signers:
    """A signers file.

    Attributes:
        path: the file, for messages.
        text: the lines of ssh, without those of OpenPGP keys.
        ssh: the allowed signers of ssh.
        openpgp: the OpenPGP keys, each with the line on which it begins.
    """

    path: str
    text: bytes = field(repr=False)
    ssh: tuple[Signer, ...] = ()
    openpgp: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)

    def listed(self, key: str) -> tuple[Signer, ...]:
        """Return the signers of ssh with the fingerprint *key*."""
        return tuple(each for each in self.ssh if each.key == key and not each.is_authority)


def parse_signers(data: bytes, path: str) -> Signers:
    """Parse the content of a signers file.

    Args:
        data: its bytes.
        path: the file, for messages.

    Raises:
        EncodingError: it is not UTF-8.
        FileFormatError: a line that neither ssh-keygen nor gpg could use, or no signer at all.
    """
    lines = decode(data).removeprefix(BOM).split("\n")
    kept: list[str] = []
    ssh: list[Signer] = []
    keys: list[tuple[int, bytes]] = []
    block: list[str] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(" \t\r")
        kept.append("")
        if block or line == _BEGIN:
            block.append(line)
            if line == _END:
                keys.append((number - len(block) + 1, "".join(f"{each}\n" for each in block).encode()))
                block = []
        elif line.startswith("-----"):
            raise _refused(path, number, f"{quoted(line)} begins no public key", _EXPORT)
        elif line and not line.startswith("#"):
            ssh.append(_signer(path, number, line))
            kept[-1] = line
    if block:
        raise _refused(path, len(lines) - len(block) + 1, f"this key has no line {_END}", _EXPORT)
    if not ssh and not keys:
        raise FileFormatError("it names no signer", path=path, hint=f"add lines such as: {_EXAMPLE}")
    text = "".join(f"{line}\n" for line in kept).encode()
    return Signers(path, text, tuple(ssh), tuple(keys))


def key_of(signature: bytes) -> str:
    """Return the fingerprint of the key that made a signature of ssh; empty if it cannot be read.

    The form is in PROTOCOL.sshsig of OpenSSH.
    """
    found = _ARMOR.match(signature)
    blob = _decoded(found[1]) if found else b""
    if not blob.startswith(_MAGIC):
        return ""
    key = _string(blob, len(_MAGIC) + 4)  # A version is between them.
    return _fingerprint(key) if key else ""


def _signer(path: str, number: int, line: str) -> Signer:
    """Parse a line as ``parse_principals_key_and_options`` in sshsig.c of OpenSSH does."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise _refused(path, number, f"{quoted(line)} is no allowed signer", f"write it like: {_EXAMPLE}")
    options = _OPTION.findall(found["options"] or "")
    for name, value in options:
        if name.lower().startswith("valid-") and not _is_moment(value):
            raise _refused(path, number, f"{name}={quoted(value)} is no date", "write it like 20261231")
    blob = _decoded(found["key"].encode())
    if not _is_key(blob, found["type"].encode()):
        raise _refused(
            path, number, f"this is no whole {quoted(found['type'])} key",
            "copy both words of the .pub file: the type, and all of the key",
        )  # fmt: skip
    limits = ", ".join(f'{name}="{value}"' for name, value in options if value)
    is_authority = any(name.lower() == _AUTHORITY for name, _ in options)
    return Signer(found["principals"].strip('"'), _fingerprint(blob), is_authority, limits)


def _is_moment(text: str) -> bool:
    """Whether *text* is a moment of ssh-keygen: ``YYYYMMDD`` with or without ``HHMM`` or ``HHMMSS``."""
    if not _MOMENT.fullmatch(text):
        return False
    digits = text.rstrip("Zz").ljust(14, "0")
    try:
        dt.datetime.strptime(f"{digits}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        return False
    return True


def _refused(path: str, line: int, message: str, hint: str) -> FileFormatError:
    return FileFormatError(message, path=path, line=line, hint=hint)


def _decoded(text: bytes) -> bytes:
    """Decode base64, line breaks included; empty if it is none."""
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except ValueError:
        return b""


def _is_key(blob: bytes, kind: bytes) -> bool:
    """Whether a blob is a whole public key, which is its kind and one or more other strings: RFC 4253."""
    at, strings = 0, 0
    while at < len(blob):
        at += 4 + int.from_bytes(blob[at : at + 4], "big")
        strings += 1
    return at == len(blob) and strings > 1 and _string(blob, 0) == kind


def _string(blob: bytes, at: int) -> bytes:
    """Return the string at an offset of a blob of ssh, RFC 4251 section 5; empty if it is cut off."""
    start = at + 4
    end = start + int.from_bytes(blob[at:start], "big")
    return blob[start:end] if end <= len(blob) else b""


def _fingerprint(blob: bytes) -> str:
    """Return what ``ssh-keygen -l`` shows of a key."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


_BEGIN, _END = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
_EXPORT = "export a key whole: gpg --armor --export MAIL"
_EXAMPLE = 'ada@example.org namespaces="git" ssh-ed25519 AAAA...'
_AUTHORITY = "cert-authority"
_MAGIC = b"SSHSIG"
_ARMOR = regex(rb"-----BEGIN SSH SIGNATURE-----\s([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----")
_MOMENT = regex(r"[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?[Zz]?")
_ONE = r'(?:cert-authority|(?:namespaces|valid-after|valid-before)="[^"]*")'
_OPTION = regex(r'(cert-authority|namespaces|valid-after|valid-before)(?:="([^"]*)")?', re.IGNORECASE)
_LINE = regex(
    rf'(?P<principals>"[^"]+"|[^\s"]+)[ \t]+(?:(?P<options>(?i:{_ONE}(?:,{_ONE})*))[ \t]+)?'
    r"(?P<type>[a-z0-9-]+(?:@openssh\.com)?)[ \t]+(?P<key>[A-Za-z0-9+/]+=*)(?:[ \t].*)?"
)
