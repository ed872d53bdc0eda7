"""The three severities of the process, and the time that each leaves."""

from __future__ import annotations

import datetime as dt

from krow_versions.errors import UsageError
from krow_versions.text.escaping import printable, quoted
from krow_versions.text.words import did_you_mean
from krow_versions.values import frozen


@frozen
class Severity:
    """One of the three severities of the process; ``str`` gives its name.

    Attributes:
        name: ``CRITICAL``, ``HIGH`` or ``MEDIUM``.
        limit: the time from detection to the end of the deployment, or None for no limit.
        meaning: a description of one line.
        must_ask: whether a hotfix of this severity is started only after a question.
    """

    name: str
    limit: dt.timedelta | None
    meaning: str
    must_ask: bool = False

    @staticmethod
    def parse(text: str) -> Severity:
        """Parse the name of a severity, in any case.

        Raises:
            UsageError: there is none of that name; the hint names the nearest.
            TypeError: it is no text.

        >>> str(Severity.parse("high"))
        'HIGH'
        """
        if not isinstance(text, str):
            raise TypeError(f"the severity must be CRITICAL, HIGH or MEDIUM, not {printable(repr(text))}")
        for known in SEVERITIES:
            if text.strip().upper() == known.name:
                return known
        names = [known.name for known in SEVERITIES]
        raise UsageError(
            f"there is no severity {quoted(text)}",
            hint=did_you_mean(text.strip().upper(), names, "severities"),
        )

    def __str__(self) -> str:
        return self.name


CRITICAL = Severity("CRITICAL", dt.timedelta(hours=1), "must be fixed in less than 1 hour")
HIGH = Severity("HIGH", dt.timedelta(hours=4), "must be fixed in less than 4 hours")
MEDIUM = Severity("MEDIUM", None, "may wait for the next release, which needs no hotfix", must_ask=True)
SEVERITIES = (CRITICAL, HIGH, MEDIUM)
