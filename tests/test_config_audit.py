"""The configuration of the audit: ids, severities, what is ignored and until when."""

from __future__ import annotations

import datetime as dt

import pytest

from krow_versions.config import load, render
from krow_versions.errors import ConfigError
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.settings import Audit, Config, Hotfix
from support.examples import FILE, IGNORE, UNTIL, told

EVERY = "[audit.severity]\n" + "".join(f'{code} = "note"\n' for code in FINDINGS)


def hint(text: str) -> str:
    """Give the hint of the only mistake in *text*."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE)
    return str(caught.value.hint)


def test_what_is_left_out_is_as_usual() -> None:
    """Without the tables, and with empty ones, severities are the findings' own and nothing is ignored."""
    usual = Config()
    assert usual.audit == Audit({}, (), 14)
    assert (usual.hotfix.max_lines, usual.hotfix.also, usual.hotfix.lines) == (200, (), ())
    assert load("[audit]\nignore = []\n[audit.severity]\n[hotfix]\nalso = []\n", path=FILE) == usual


def test_every_finding_can_have_every_severity() -> None:
    """All ids of findings are keys of the table, all severities values."""
    for severity in SEVERITIES:
        config = load(EVERY.replace("note", severity), path=FILE)
        assert config.audit.severity == dict.fromkeys(FINDINGS, severity)


def test_an_unknown_id_is_reported_with_the_nearest_and_what_that_is_about() -> None:
    """The hint asks for the id that was likely meant, in any case, and says what it is about."""
    listed = f"choose one of {', '.join(FINDINGS)}"
    near = f"did you mean KV205 ({FINDINGS['KV205'].title})? {listed}"
    for wrong in ("kv205", "KV2O5", "KV-205"):
        assert hint(UNTIL.replace("KV205", wrong)) == near
        assert hint(f'[audit.severity]\n{wrong} = "note"') == near
    assert hint('[audit.severity]\nlightweight = "note"') == listed


def test_an_unknown_severity_is_reported_with_the_three() -> None:
    """Whatever was written, the three that there are are named."""
    for wrong in ("off", "info", "fatal", "", "ERROR"):
        assert hint(f'[audit.severity]\nKV205 = "{wrong}"').endswith("choose one of error, warning, note")


def test_a_date_in_quotes_is_refused() -> None:
    """A text is no date, though it reads like one; a date with a time is none, either."""
    written = {
        '"2026-12-31"': ("'2026-12-31' is a date in quotes", "leave out the quotes: 2026-12-31"),
        '"2026-02-30"': ("'2026-02-30' is text, not a date", "without quotes, such as 2026-12-31"),
        '"20261231"': ("'20261231' is text, not a date", "without quotes, such as 2026-12-31"),
        "2026-12-31 10:00:00": (
            "'2026-12-31 10:00:00' is a date with a time, not a date",
            "such as 2026-12-31",
        ),
        "10:00:00": ("'10:00:00' is a time, not a date", "such as 2026-12-31"),
    }
    for value, (message, remedy) in written.items():
        text = f"{IGNORE}until = {value}"
        assert told(text) == [("audit.ignore[0].until", 4, message)]
        assert hint(text).endswith(remedy)
    assert load(UNTIL, path=FILE).audit.ignore[0].until == dt.date(2026, 12, 31)


def test_the_day_of_adoption_is_a_date_with_or_without_quotes() -> None:
    """Both are the same day, and it is written as a text, which editors complete by the schema."""
    for value in ("2026-03-01", '"2026-03-01"'):
        config = load(f"[audit]\nsince = {value}\n", path=FILE)
        assert config.audit.since == dt.date(2026, 3, 1)
        assert render(config) == '[audit]\nsince = "2026-03-01"\n'
    assert told('[audit]\nsince = "March"') == [("audit.since", 2, "'March' is no date")]


def test_all_mistakes_are_reported_at_once() -> None:
    """Of several entries, each mistake is reported at its own entry, also after entries that are left out."""
    text = """\
[audit]
stale_days = -1
[audit.severity]
KV999 = "note"
KV205 = "info"
[[audit.ignore]]
[[audit.ignore]]
code = "KV205"
reason = "known"
until = 2026-12-31
product = "wib"
[[audit.ignore]]
code = "KV2"
reason = " "
until = "2026-12-31"
product = "wob"
[[audit.ignore]]
code = "KV205"
reason = "known"
until = 2026-12-31
product = "web"
about = "fine"
[hotfix]
max_lines = 0
also = ["docs/**", "../x"]
"""
    assert [(key, line) for key, line, _ in told(text)] == [
        ("audit.stale_days", 2),
        ("audit.severity.KV999", 4),
        ("audit.severity.KV205", 5),
        *[("audit.ignore[0]", 6)] * 3,
        ("audit.ignore[1].product", 11),
        ("audit.ignore[2].code", 13),
        ("audit.ignore[2].reason", 14),
        ("audit.ignore[2].until", 15),
        ("hotfix.max_lines", 24),
        ("hotfix.also[1]", 25),
    ]


@pytest.mark.parametrize(
    ("products", "name", "key"),
    [
        ("[products.Shop]\nfiles = ['VERSION']\n", "Shop", "products.Shop"),
        ("[products.Shop]\nfiles = ['VERSION']\n", "shop", "products.Shop"),
        ("[products.web]\n[products.Shop]\nfiles = ['VERSION']\n", "Shop", "products.Shop"),
        ("products = 1\n", "shop", "products"),
        ("[products]\n", "shop", "products"),
        ("[products]\nshop = 1\n", "shop", "products.shop"),
        ("[products]\nshop = 1\n[products.web]\n", "shop", "products.shop"),
    ],
)
def test_a_product_that_was_refused_is_not_missed_again(products: str, name: str, key: str) -> None:
    """A mistake in the products themselves is reported once, not again where one of them is named."""
    assert [found for found, _, _ in told(f"{products}{UNTIL}product = '{name}'\n")] == [key]


def test_what_is_ignored_may_be_of_a_product_of_the_file() -> None:
    """The products are those that the file names, or KROW's where it names none."""
    shop = "[products.shop]\nfiles = ['VERSION']\n"
    ignored = f"{UNTIL}product = 'shop'\n"
    assert load(shop + ignored, path=FILE).audit.ignore[0].product == "shop"
    assert [message for _, _, message in told(ignored)] == ["there is no product 'shop'"]
    assert hint(f"{UNTIL}product = 'Web'").startswith("did you mean web? the products are ")


def test_it_is_shown_as_it_is_written() -> None:
    """``config show`` prints what is in force, the usual included; what is as usual is else left out."""
    text = f"""\
[hotfix]
max_lines = 120
also = ["docs/**", ".github/**"]

[audit]
stale_days = 7

[audit.severity]
KV305 = "error"
KV205 = "note"

{UNTIL}product = "web"
about = "krow-withus-web/prod-v1.0.0"

{UNTIL}"""
    config = load(text, path=FILE)
    assert render(config) == text
    whole = render(config, whole=True)
    assert load(whole, path=FILE).audit == config.audit
    assert whole.endswith(text.partition("\n\n")[2])
    assert render(Config(hotfix=Hotfix())) == ""
    usual = "max_lines = 200\nalso = []\ntexts = {}\n\n[audit]\nstale_days = 14\n"
    assert render(Config(), whole=True).endswith(usual)
