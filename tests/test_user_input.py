"""What callers say of a hotfix or a change is checked once, for the library and for the command line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import krow_versions as kv
from support.releases import PRODUCT, Released
from support.untouched import untouched

NOW = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
SAID: dict[str, Any] = {"issue": "Crash", "severity": "HIGH", "impact": "All", "now": NOW}

WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"issue": " "}, kv.UsageError, "the issue is empty"),
    ({"impact": ""}, kv.UsageError, "the impact is empty"),
    ({"environment": ""}, kv.UsageError, "the environment is empty"),
    ({"issue": None}, TypeError, "the issue must be text, not None"),
    ({"impact": 3}, TypeError, "the impact must be text, not 3"),
    ({"severity": None}, TypeError, "the severity must be CRITICAL, HIGH or MEDIUM, not None"),
    ({"severity": 5}, TypeError, "not 5"),
    ({"severity": "critcal"}, kv.UsageError, "no severity 'critcal'"),
    ({"detected": NOW + dt.timedelta(seconds=1)}, kv.UsageError, "still to come"),
    ({"detected": NOW.replace(tzinfo=None)}, kv.UsageError, "detected: .* has no time zone"),
    ({"now": NOW.replace(tzinfo=None)}, kv.UsageError, "now: .* has no time zone"),
    ({"detected": "14:05"}, TypeError, "detected must be a datetime, not '14:05'"),
    ({"now": 5}, TypeError, "now must be a datetime, not 5"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A released product; nothing in it is changed."""
    return Released.make(tmp_path_factory.mktemp("given"))


@pytest.mark.parametrize(("change", "error", "words"), WRONG, ids=lambda case: str(case)[:40])
def test_a_declaration_is_checked(
    made: Released, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    """What makes no sense is refused in words of the library, before anything is asked or changed."""
    with untouched(made.ours, made.remote), pytest.raises(error, match=words) as caught:
        kv.Workspace.open(made.ours.path).plan_hotfix(PRODUCT, **(SAID | change))
    assert "--" not in str(caught.value)


def test_a_declaration_that_makes_sense(made: Released) -> None:
    """Several lines, any alphabet, and a fault that is seen at this moment are accepted."""
    said = SAID | {"issue": "Crash\r\n\ton login\n", "impact": "тест é 👩‍🚀", "detected": NOW}
    plan = kv.Workspace.open(made.ours.path).plan_hotfix(PRODUCT, **said, fetch=False)
    assert "Crash" in str(plan.to_json())


def test_arguments_are_decoded_for_the_library_too(made: Released) -> None:
    """Bytes of UTF-8 that a locale could not decode are decoded, whoever passes them."""
    text = "Größe".encode().decode("ascii", "surrogateescape")
    plan = kv.Workspace.open(made.ours.path).plan_row(PRODUCT, message=text, date=NOW.date())
    assert "HOTFIX: Größe" in str(plan)
