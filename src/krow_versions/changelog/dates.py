"""Read the dates in a column of a table, and write one in the same style.

A style is a template of the letters ``Y M D`` (numbers), ``y`` (a year of two digits), ``N`` (``March``)
and ``n`` (``Mar``), such as ``D.M.Y`` or ``N D, Y``. A name in another language has its code: ``D. N:de Y``.
The names are part of this file, so that no locale matters.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING

from krow_versions.changelog.cells import bare
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The names of the months as they stand in a date; the short ones are the first three letters, if not given.
_NAMES = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "pl": "stycznia lutego marca kwietnia maja czerwca "
    "lipca sierpnia września października listopada grudnia",
}
_SHORT = {
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
_OTHER_SPELLINGS = {"sept": "sep", "mrz": "mär", "fevrier": "février", "aout": "août", "decembre": "décembre",
                    "marco": "março", "maerz": "märz"}  # fmt: skip
_ISO = "Y-M-D"

_YEAR_FIRST = regex(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_EAST_ASIAN = regex(r"([0-9]{4})( ?[年년] ?)([0-9]{1,2})( ?[月월] ?)([0-9]{1,2})( ?[日일])")
_YEAR_LAST = regex(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_MONTH_FIRST = regex(r"([^\W\d_]{3,12})(\.? )([0-9]{1,2})(,? )([0-9]{4}|[0-9]{2})")
_DAY_FIRST = regex(
    r"([0-9]{1,2})(?:er(?= ))?( |\. | de |-)([^\W\d_]{3,12})(\.?,? |\.? del? |-)([0-9]{4}|[0-9]{2})"
)
# What stands behind the day in some languages only.
_BEHIND_DAY = {". ": ("de",), " de ": ("es", "pt")}
_ISO_WITHIN = regex(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_LETTER = regex(r"[YyMD]|[Nn](?::[a-z]{2})?")
# Years of two digits, as POSIX and Python read them.
_CENTURY = range(1969, 2069)


@frozen
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
        template = _ISO if "y" in self.template and date.year not in _CENTURY else self.template
        width = 2 if self.padded or template is _ISO else 1
        values = {
            "Y": f"{date.year:04d}",
            "y": f"{date.year % 100:02d}",
            "M": f"{date.month:0{width}d}",
            "D": "1er" if date.day == width == 1 and "N:fr" in template else f"{date.day:0{width}d}",
        }
        return _LETTER.sub(
            lambda match: values.get(match[0]) or _names_of(match[0])[date.month - 1], template
        )


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
    # A month such as May is written alike in full and in short, and in several languages.
    shared = {template for template in shared if "N" in template} or shared
    shared = {template for template in shared if ":" not in template} or shared
    if len(shared) != 1:
        return DateColumn(dates, _ISO, padded=True)
    template = shared.pop()
    used = [text for text, found in zip(texts, readings, strict=True) if template in found]
    used = [text[:-2] for text in used] if "y" in template else used
    return DateColumn(dates, template, padded=_is_padded(template, used))


def _readings(text: str) -> dict[str, dt.date]:
    """Return the date of *text* in every style that it matches."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, separator, month, day = match.groups()
        return _possible({separator.join("YMD"): (year, month, day)})
    if match := _EAST_ASIAN.fullmatch(text):
        year, after_year, month, after_month, day, end = match.groups()
        return _possible({f"Y{after_year}M{after_month}D{end}": (year, month, day)})
    if match := _YEAR_LAST.fullmatch(text):
        first, separator, second, year = match.groups()
        letter = "Y" if len(year) == 4 else "y"
        styles = {separator.join(f"DM{letter}"): (year, second, first)}
        if separator != ".":  # Month.day.year is not in use.
            styles[separator.join(f"MD{letter}")] = (year, first, second)
        # 21-03-22 begins with the year in one country, and with the day in another.
        return {} if letter == "y" and separator == "-" else _possible(styles)
    if match := _MONTH_FIRST.fullmatch(text):
        name, gap, day, comma, year = match.groups()
        letter = "Y" if len(year) == 4 else "y"
        styles = {f"{code}{gap}D{comma}{letter}": (year, month, day) for code, month in _months(name)}
    elif match := _DAY_FIRST.fullmatch(text):
        day, gap, name, comma, year = match.groups()
        letter = "Y" if len(year) == 4 else "y"
        styles = {
            f"D{gap}{code}{comma}{letter}": (year, month, day)
            for code, month in _months(name)
            if code[2:] in _BEHIND_DAY.get(gap, (code[2:],))
        }
    else:
        styles = {}
    return _possible(styles)


def _months(name: str) -> Iterator[tuple[str, str]]:
    """Yield the letter, with its language, and the month of each name that is spelled like this."""
    key = name.casefold()
    key = _OTHER_SPELLINGS.get(key, key)
    for language in _NAMES:
        for letter in "Nn":
            code = letter if language == "en" else f"{letter}:{language}"
            names = [each.casefold() for each in _names_of(code)]
            if key in names:
                yield code, str(names.index(key) + 1)


@cache
def _names_of(code: str) -> tuple[str, ...]:
    letter, _, language = code.partition(":")
    names = _NAMES[language or "en"].split()
    if letter == "N":
        return tuple(names)
    return tuple(_SHORT[language].split() if language in _SHORT else (name[:3] for name in names))


def _possible(styles: dict[str, tuple[str, str, str]]) -> dict[str, dt.date]:
    found = {}
    for template, (year, month, day) in styles.items():
        try:
            found[template] = dt.date(_full_year(year), int(month), int(day))
        except ValueError:
            continue
    return found


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return next(full for full in _CENTURY if full % 100 == int(year))


def _shared(readings: Iterable[dict[str, dt.date]]) -> set[str]:
    """Return the styles that all readable cells match."""
    sets = [set(found) for found in readings if found]
    return set.intersection(*sets) if sets else set()


def _order(readings: Iterable[dict[str, dt.date]], separator: str) -> str | None:
    """Choose day-month or month-day for a separator, if the cells allow only one."""
    orders = ({template.upper(): date for template, date in found.items()} for found in readings)
    both = {separator.join("DMY"), separator.join("MDY")}
    shared = _shared(found for found in orders if found.keys() & both)
    return shared.pop() if len(shared) == 1 else None


def _one_date(found: dict[str, dt.date], orders: dict[str, str | None]) -> dt.date | None:
    dates = set(found.values())
    if len(dates) > 1:
        dates = {date for template, date in found.items() if template.upper() in orders.values()}
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
