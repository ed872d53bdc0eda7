"""Read the dates in a column of a table, and write one in the same style.

A style is a template of the letters ``Y M D`` (numbers), ``N`` (``March``) and ``n`` (``Mar``), such
as ``D.M.Y`` or ``N D, Y``. Month names are English in every locale.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.changelog.cells import bare

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ISO = "Y-M-D"

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})(\.? )([0-9]{1,2})(,? )([0-9]{4})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([ -])([A-Za-z]{3,9})(\.?,? |-)([0-9]{4})")
_ISO_WITHIN = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_LETTER = re.compile(r"[YMDNn]")


@attrs.frozen
class DateColumn:
    """The dates of a column.

    Args:
        dates: per cell its date, or None if it is unreadable or ambiguous.
        template: the common style of all readable cells, or ISO's if there is none.
        padded: whether days and months below 10 have a leading zero.
    """

    dates: tuple[dt.date | None, ...]
    template: str
    padded: bool

    def write(self, date: dt.date) -> str:
        """Write *date* in the style of the column.

        >>> DateColumn((), "N D, Y", padded=False).write(dt.date(2026, 3, 5))
        'March 5, 2026'
        """
        width = 2 if self.padded else 1
        values = {
            "Y": f"{date.year:04d}",
            "M": f"{date.month:0{width}d}",
            "D": f"{date.day:0{width}d}",
            "N": _MONTHS[date.month - 1],
            "n": _MONTHS[date.month - 1][:3],
        }
        return _LETTER.sub(lambda match: values[match[0]], self.template)


def read_dates(cells: Iterable[str]) -> DateColumn:
    """Read a column of dates; ``03/05/2026`` is a date only if another row shows which is the month.

    >>> read_dates(["3/5/2026", "2/28/2026"]).dates[0]
    datetime.date(2026, 3, 5)
    >>> read_dates(["03/05/2026"]).dates, read_dates(["03/05/2026"]).template
    ((None,), 'Y-M-D')
    """
    texts = [bare(cell) for cell in cells]
    readings = [_readings(text) for text in texts]
    orders = {separator: _order(readings, separator) for separator in "-/"}
    dates = tuple(
        _one_date(found, orders) or _date_within(text) for found, text in zip(readings, texts, strict=True)
    )
    shared = _shared(readings)
    if len(shared) > 1 and all(set(template) & set("Nn") for template in shared):
        shared = {template for template in shared if "N" in template}  # Every month is May.
    if len(shared) != 1:
        return DateColumn(dates, _ISO, padded=True)
    template = shared.pop()
    used = [text for text, found in zip(texts, readings, strict=True) if template in found]
    return DateColumn(dates, template, padded=_is_padded(template, used))


def _readings(text: str) -> dict[str, dt.date]:
    """Return the date of *text* in every style that it matches."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, separator, month, day = match.groups()
        return _possible({separator.join("YMD"): (year, month, day)})
    if match := _YEAR_LAST.fullmatch(text):
        first, separator, second, year = match.groups()
        styles = {separator.join("DMY"): (year, second, first)}
        if separator != ".":  # Month.day.year is not in use.
            styles[separator.join("MDY")] = (year, first, second)
        return _possible(styles)
    styles = {}
    if match := _MONTH_FIRST.fullmatch(text):
        name, gap, day, comma, year = match.groups()
        styles = {f"{letter}{gap}D{comma}Y": (year, month, day) for letter, month in _months(name).items()}
    elif match := _DAY_FIRST.fullmatch(text):
        day, gap, name, comma, year = match.groups()
        styles = {f"D{gap}{letter}{comma}Y": (year, month, day) for letter, month in _months(name).items()}
    return _possible(styles)


def _months(name: str) -> dict[str, str]:
    key = "sep" if name.casefold() == "sept" else name.casefold()
    found = {}
    for number, month in enumerate(_MONTHS, start=1):
        if month.casefold() == key:
            found["N"] = str(number)
        if month[:3].casefold() == key:
            found["n"] = str(number)
    return found


def _possible(styles: dict[str, tuple[str, str, str]]) -> dict[str, dt.date]:
    found = {}
    for template, (year, month, day) in styles.items():
        try:
            found[template] = dt.date(int(year), int(month), int(day))
        except ValueError:
            continue
    return found


def _shared(readings: Iterable[dict[str, dt.date]]) -> set[str]:
    """Return the styles that all readable cells match."""
    sets = [set(found) for found in readings if found]
    return set.intersection(*sets) if sets else set()


def _order(readings: Iterable[dict[str, dt.date]], separator: str) -> str | None:
    """Choose day-month or month-day for a separator, if the cells allow only one."""
    both = {separator.join("DMY"), separator.join("MDY")}
    shared = _shared(found for found in readings if found.keys() & both)
    return shared.pop() if len(shared) == 1 else None


def _one_date(found: dict[str, dt.date], orders: dict[str, str | None]) -> dt.date | None:
    dates = set(found.values())
    if len(dates) > 1:
        dates = {found[template] for template in orders.values() if template in found}
    return dates.pop() if len(dates) == 1 else None


def _date_within(text: str) -> dt.date | None:
    match = _ISO_WITHIN.search(text)
    found = _possible({_ISO: (match[1], match[2], match[3])}) if match else {}
    return found.get(_ISO)


def _is_padded(template: str, texts: Iterable[str]) -> bool:
    """Whether numbers below 10 are padded; if there are none, numeric months are."""
    days_and_months = [number for text in texts for number in re.findall(r"[0-9]+", text) if len(number) <= 2]
    if any(len(number) == 1 for number in days_and_months):
        return False
    if any(number[0] == "0" for number in days_and_months):
        return True
    return "M" in template
