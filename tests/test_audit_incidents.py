"""What `audit --incidents` finds in the records of hotfixes, and what it does not."""

from __future__ import annotations

import datetime as dt
import pickle
import shlex
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given

import krow_versions as kv
from krow_versions.hotfix import (
    Abandoned,
    ActionItem,
    Decision,
    Deployment,
    Done,
    Said,
    record_text,
)
from krow_versions.hotfix.incidents import incident_state
from krow_versions.hotfix.postmortem import QUESTIONS, action_id
from support.audits import clean
from support.commands import done, run
from support.records import records
from support.repositories import Repo
from support.samples import APPROVAL, BASE, NOTHING_SAID, TAG, minutes, record

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.audit import Finding
    from krow_versions.hotfix import Record

SLUG = "krow-withus-web"
FOLDER = ".git/krow-versions/hotfix"
RESOLVED = (Done(at=minutes(170), box="logs-watched"), Done(at=minutes(180), box="users-notified"))
OUT = Deployment(at=minutes(40), tag=TAG, ended=minutes(44), exit_code=0)
BACK = (
    Decision(at=minutes(50), decided_by="Pia", reason="worse", to=BASE),
    Deployment(at=minutes(51), tag=BASE, ended=minutes(55), exit_code=0, rollback=True),
)
DOCUMENTED = Done(at=minutes(200), box="incident-documented")
ITEM = ActionItem(
    at=minutes(190), id=action_id("Test it"), what="Test it", kind="prevent", area="tests",
    due=dt.date(2026, 3, 20),
)  # fmt: skip
DAY = 24 * 60
FIRST = """\
schema = 1
product = "web"
slug = "krow-withus-web"
version = "1.4.1"
base = "krow-withus-web/prod-v1.4.0"
branch = "hotfix/krow-withus-web-v1.4.1"
issue = "Blank page"
severity = "HIGH"
impact = "All"
started = 2026-03-05T14:00:00+00:00
[deploy]
at = 2026-03-05T14:44:00+00:00
exit_code = 0
"""


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """A repository in which everything agrees."""
    return clean(repo)


def keep(repo: Repo, said: Record) -> None:
    """Record a hotfix of the web."""
    version = kv.Version(1, 4, 1)
    text = record_text(attrs.evolve(said, product="web", slug=SLUG, version=version))
    repo.write(f"{FOLDER}/{SLUG}-v1.4.1.toml", text)


def found(repo: Repo, now: float, *, incidents: bool = True) -> list[Finding]:
    """What an audit of the web finds so many minutes after the fault was seen."""
    report = kv.Workspace.open(repo.path).audit("web", incidents=incidents, now=minutes(now))
    assert pickle.loads(pickle.dumps(report.findings)) == report.findings
    return [each for each in report.findings if each.code.startswith("KV7")]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (record(*RESOLVED), 180 + DAY),
        (record(OUT, *RESOLVED), 180 + DAY),
        (record(OUT), 44 + 120 + DAY),
        (record(OUT, *BACK), 55 + 120 + DAY),
        (record(*RESOLVED, DOCUMENTED), None),
        (record(OUT, Abandoned(at=minutes(60), reason="x")), None),
        (record(), None),
        (NOTHING_SAID.adding(APPROVAL, OUT), None),
    ],
    ids=[
        "resolved",
        "both",
        "deployed",
        "rolled back",
        "documented",
        "abandoned",
        "open",
        "declared elsewhere",
    ],
)
def test_a_post_mortem_is_due_a_day_after_the_resolution(shop: Repo, said: Record, due: int | None) -> None:
    """It is overdue in the minute after, and not before; where it is not due at all, never."""
    keep(shop, said)
    if due is None:
        assert found(shop, 400 * DAY) == []
        return
    assert found(shop, due) == []
    (late,) = found(shop, due + 1)
    assert (late.code, late.product, late.about) == ("KV701", "web", "1.4.1")
    assert f"{minutes(due):%Y-%m-%d %H:%M} +00:00" in late.message


def test_a_hotfix_of_long_ago_counts(shop: Repo) -> None:
    """A record of schema 1 counts, and so does a tag where nobody said that it was deployed."""
    shop.write(f"{FOLDER}/{SLUG}-v1.4.1.toml", FIRST)
    (late,) = found(shop, 400 * DAY)
    assert "it was deployed at 2026-03-05 14:44 +00:00" in late.message
    keep(shop, record())
    assert found(shop, 400 * DAY) == []
    shop.tag(f"{SLUG}/prod-v1.4.1")
    (late,) = found(shop, 400 * DAY)
    assert "its tag was made at " in late.message


def test_an_action_item_is_overdue_after_its_last_day(shop: Repo) -> None:
    """On its last day it is not late, on the next it is; done, or without a day, never."""
    items = (ITEM, attrs.evolve(ITEM, id="a-2", due=None), attrs.evolve(ITEM, id="a-3", done=True))
    keep(shop, record(DOCUMENTED, *items))
    midnight = (dt.datetime(2026, 3, 21, tzinfo=dt.UTC) - minutes(0)).total_seconds() / 60
    assert found(shop, midnight - 1) == []
    (late,) = found(shop, midnight)
    assert (late.code, late.about) == ("KV702", f"1.4.1 {ITEM.id}")


def test_nothing_is_said_of_incidents_unasked(shop: Repo) -> None:
    """Without the flag no record is read, whatever it holds."""
    keep(shop, record(*RESOLVED, ITEM))
    assert [each.code for each in found(shop, 400 * DAY)] == ["KV701", "KV702"]
    assert found(shop, 400 * DAY, incidents=False) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("1.4.1", "schema = 9\n", "newer schema"),
        ("1.4.1", 'schema = 2\nproduct = 1\nslug = "x"\nversion = "1"\n', "; "),
        ("1.4.1", "\udcff", "UTF-8"),
        ("1.4.1-rc.1", "", ""),
        ("next", "", ""),
    ],
)
def test_a_record_that_cannot_be_read_is_a_finding(shop: Repo, name: str, text: str, said: str) -> None:
    """Whatever is wrong with a record, the audit names its file, and goes on with the others."""
    keep(shop, record(ITEM))
    path = shop.path / FOLDER / f"{SLUG}-v{name}.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    unread, *others = [each for each in found(shop, 400 * DAY) if each.about.startswith(name)]
    assert unread.code == "KV703"
    assert str(path) in unread.hint
    assert said in unread.message
    assert others == []
    assert [each.code for each in found(shop, 400 * DAY)].count("KV702") == (name != "1.4.1")


def test_records_of_another_product_are_not_taken(shop: Repo) -> None:
    """A slug that begins like another one does not get its records."""
    shop.write(
        "krow-versions.toml",
        '[products.web]\nslug = "krow-withus-web"\nfiles = ["apps/web/package.json"]\n'
        '[products.second]\nslug = "krow-withus-web-v2"\nfiles = ["backend/core-api/package.json"]\n',
    )
    shop.write(f"{FOLDER}/krow-withus-web-v2-v1.4.1.toml", "damaged")
    assert found(shop, 0) == []
    report = kv.Workspace.open(shop.path).audit("second", incidents=True, now=minutes(0))
    assert "KV703" in {each.code for each in report.findings}


def test_the_hints_end_the_findings(shop: Repo) -> None:
    """What a hint says, typed as it is printed, is what ends the finding."""
    answers = [Said(at=minutes(185), field=each.field, text="x") for each in QUESTIONS if each.required]
    keep(shop, record(OUT, *RESOLVED, *answers, attrs.evolve(ITEM, owner="Ada")))
    late = found(shop, 400 * DAY)
    assert [each.code for each in late] == ["KV701", "KV702"]
    for each in late:
        program, *words = shlex.split(each.hint.removeprefix("when it is done: "))
        assert program == "krow-versions"
        done(run(*words, cwd=shop.path))
    assert found(shop, 400 * DAY) == []


def test_what_a_colleague_said_counts(shop: Repo, tmp_path: Path) -> None:
    """With shared records, an audit of another clone finds what is overdue as it was last seen there."""
    remote = Repo(tmp_path / "remote.git", bare=True)
    shop.write(
        "krow-versions.toml", '[products.web]\nfiles = ["apps/web/package.json"]\n[hotfix]\nshare = true\n'
    )
    shop.commit("chore: configuration")
    shop.git("remote", "add", "origin", remote.path.as_uri())
    shop.git("push", "--quiet", "--tags", "--set-upstream", "origin", "main")
    colleague = remote.clone(tmp_path / "colleague")
    keep(shop, record(*RESOLVED, attrs.evolve(ITEM, owner="Ada")))
    report = ("hotfix", "report", "web", "--version", "1.4.1", "--yes")
    done(run(*report, "--say", "summary=It broke", cwd=shop.path))
    assert found(colleague, 400 * DAY) == []
    done(run("hotfix", "list", cwd=colleague.path))
    assert [each.code for each in found(colleague, 400 * DAY)] == ["KV701", "KV702"]
    done(run(*report, "--close-action", ITEM.id, cwd=colleague.path))
    done(run("hotfix", "list", cwd=shop.path))
    assert [each.code for each in found(shop, 400 * DAY)] == ["KV701"]
    document = done(run(*report, "--json", cwd=colleague.path)).data
    assert document["facts"]["summary"]["text"] == "It broke"


def test_the_command_takes_the_flag(shop: Repo) -> None:
    """``audit --incidents`` prints the findings, and ends with exit code 1."""
    keep(shop, record(*RESOLVED))
    result = run("audit", "--incidents", "web", cwd=shop.path)
    assert (result.code, "[KV701]" in result.out) == (1, True)
    assert done(run("audit", "web", cwd=shop.path)).out == ""


@given(records)
def test_any_record_can_be_audited(said: Record) -> None:
    """Of any record the state is computed, and an incident that is documented is never due."""
    state = incident_state(said, "x", None)
    assert state.error is None
    assert state.due is None or not said.is_ticked("incident-documented")
    assert {each.id for each in state.actions} <= {each.id for each in said.actions if not each.done}
