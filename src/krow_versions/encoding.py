"""Strict UTF-8 decoding and encoding that keep every byte.

Files are decoded here, before any parser sees them, because parsers guess the encoding:
``json.loads(bytes)`` accepts UTF-16.
"""

from __future__ import annotations

from krow_versions.errors import EncodingError, FileTooLarge

BOM = "\ufeff"

CHANGELOG_LIMIT = 4 << 20
"""Size of the largest CHANGELOG that is read, in bytes."""

# Byte order marks of other encodings; UTF-32 first, because its little-endian mark begins like UTF-16's.
_FOREIGN_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_HINT = "save the file as UTF-8, then run this again"


def decode(data: bytes) -> str:
    r"""Decode the bytes of a version file or CHANGELOG; a leading BOM stays as ``\ufeff``.

    ``encode(decode(data)) == data`` for all *data* that decodes.

    Raises:
        EncodingError: *data* is not UTF-8, or contains a NUL byte. UTF-16, UTF-32 and binary property lists
            are named.
    """
    for mark, name in _FOREIGN_MARKS:
        if data.startswith(mark):
            raise EncodingError(f"the file is {name}, not UTF-8", line=1, hint=_HINT)
    if data.startswith(b"bplist"):
        raise EncodingError(
            "the file is a binary property list", line=1, hint="convert it: plutil -convert xml1 FILE"
        )
    if b"\x00" in data:
        offset = data.index(b"\x00")
        head = data[:512]
        if len(head) > 2 and head.count(b"\x00") * 3 >= len(head):
            raise EncodingError("the file looks like UTF-16 or UTF-32 without a mark", line=1, hint=_HINT)
        raise EncodingError(
            f"there is a NUL byte at offset {offset}",
            line=_line_of(data, offset),
            hint="the file is damaged or binary: restore it from git",
        )
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise EncodingError(
            f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8",
            line=_line_of(data, error.start),
            hint=_HINT,
        ) from None


def require_readable(text: str, limit: int, *, hint: str) -> str:
    """Return *text* if the file that gets it can be read again: a second run must see what the first wrote.

    Args:
        text: the new text of a file.
        limit: the size of the largest such file that is read, in bytes.
        hint: what to do if it is larger.

    Raises:
        FileTooLarge: it is.
    """
    longest = 4  # Bytes of one character.
    if len(text) > limit // longest and (size := len(encode(text))) > limit:
        raise FileTooLarge(f"it would have {size} bytes, and {limit} is the limit for such a file", hint=hint)
    return text


def encode(text: str) -> bytes:
    """Encode *text*, the inverse of :func:`decode`."""
    return text.encode("utf-8", "strict")


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
