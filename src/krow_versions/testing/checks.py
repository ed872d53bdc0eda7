"""What laws say when they are broken: an error that no ``python -O`` takes away."""

from __future__ import annotations


def must(condition: bool, message: str) -> None:
    """Raise an AssertionError with *message* unless *condition* holds."""
    if not condition:
        raise AssertionError(message)


def must_equal(actual: object, expected: object, what: str) -> None:
    """Raise an AssertionError that shows both values unless they are equal."""
    must(actual == expected, f"{what}:\n  it is      {actual!r}\n  it must be {expected!r}")
