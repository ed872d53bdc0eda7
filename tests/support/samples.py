"""The facts and the record of a hotfix as it should be, for the tests that spoil them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.commits import Change, Commit
from krow_versions.hotfix import (
    FOLLOW_UP,
    HIGH,
    Approval,
    Declared,
    Deployment,
    Done,
    Entry,
    Facts,
    Gate,
    Record,
    Sent,
    check,
    status,
    tick,
)
from krow_versions.products import KROW, Catalog
from krow_versions.settings import Hotfix
from krow_versions.snapshot import ChangelogState, PastFile, ProductState, RepoState, TagState, read_file
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix import Status

NAME, SLUG = "worker-mobile", "krow-withus-worker-mobile"
PUBSPEC, CHANGELOG = "apps/mobile/apps/staff/pubspec.yaml", "apps/mobile/apps/staff/CHANGELOG.md"
BASE, TAG, BRANCH = f"{SLUG}/prod-v0.1.0", f"{SLUG}/prod-v0.1.1", f"hotfix/{SLUG}-v0.1.1"
TARGET = Version(0, 1, 1)
ZERO = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
BODY = "HOTFIX for production\n\nIssue: Crash on login\nSolution: Ask for the token first\nTested: By hand\n"
FIX = Commit("f" * 40, "fix: Crash on login", BODY, ZERO + dt.timedelta(minutes=14))
BUMP = Commit("b" * 40, "chore: version 0.1.1", "", ZERO + dt.timedelta(minutes=16))
SETTINGS = Hotfix(contacts={"Release Engineer": "+49 1"}, channel="#emergency-releases")


def minutes(count: float) -> dt.datetime:
    """The moment so many minutes after the detection."""
    return ZERO + dt.timedelta(minutes=count)


def past(version: str, revision: str = "HEAD", path: str = PUBSPEC) -> PastFile:
    """The pubspec in a commit."""
    return PastFile(revision, path, "pubspec", None, f"name: staff\nversion: {version}\n".encode())


def table(*versions: str) -> str:
    """A CHANGELOG with a row per version."""
    rows = "".join(f"| 2026-03-05 | {version} | HOTFIX: x |\n" for version in versions)
    return f"# Changes\n\n| Date | Version | Change |\n| --- | --- | --- |\n{rows}"


def production(version: str, *, reachable: bool = True) -> TagState:
    """The production tag of a version."""
    return TagState(f"{SLUG}/prod-v{version}", "production", Version.parse(version), reachable)


def state(version: str = "0.1.1+6", **changes: Any) -> ProductState:
    """Worker Mobile in the working tree of its hotfix."""
    file = read_file(".", PUBSPEC, past(version).data, "pubspec", None)
    made = ProductState(
        KROW.product(NAME),
        RepoState(".", "/repo", "b" * 40, BRANCH),
        (file,),
        tags=(production("0.1.0"),),
        committed=(past(version),),
        released=(past("0.1.0+5", BASE),),
        changelog=ChangelogState(".", CHANGELOG, text=table("0.1.1", "0.1.0")),
    )
    return attrs.evolve(made, **changes)


def facts(**changes: Any) -> Facts:
    """A hotfix that is fixed, bumped and committed, and not yet merged."""
    made = Facts(
        state=state(),
        version=TARGET,
        branch=BRANCH,
        tip="b" * 40,
        checked_out=True,
        base=production("0.1.0"),
        based=True,
        commits=(BUMP, FIX),
        changes=(
            Change(CHANGELOG, 1, 0),
            Change("apps/mobile/apps/staff/lib/login.dart", 3, 1),
            Change(PUBSPEC, 1, 1),
        ),
        at_tip=(past("0.1.1+6"),),
        changelog_at_tip=table("0.1.1", "0.1.0"),
        main="a" * 40,
        remote="origin",
        branch_pushed=False,
        main_pushed=False,
        tag_pushed=False,
    )
    return attrs.evolve(made, **changes)


def shipped(**changes: Any) -> Facts:
    """The same, merged, tagged and pushed."""
    done: dict[str, Any] = {
        "checked_out": False,
        "merged": True,
        "tag": production("0.1.1"),
        "tag_at": "b" * 40,
        "tag_annotated": True,
        "tagged": minutes(31),
        "branch_pushed": True,
        "main_pushed": True,
        "tag_pushed": True,
    }
    return facts(**(done | changes))


NOTHING_SAID = Record(NAME, SLUG, TARGET)
DECLARED = Declared(
    at=minutes(4),
    base=BASE,
    branch=BRANCH,
    issue="Crash on login",
    severity=HIGH,
    impact="Nobody can log in",
    detected=ZERO,
)


def record(
    *entries: Entry,
    ticks: Mapping[str, dt.datetime] | None = None,
    deployed: dt.datetime | None = None,
    exit_code: int | None = 0,
    **declared: Any,
) -> Record:
    """What was said when it was declared, then more entries, ticks, and a deployment that ended."""
    found = NOTHING_SAID.adding(attrs.evolve(DECLARED, **declared), *entries)
    return said(found, ticks=ticks, deployed=deployed, exit_code=exit_code)


def said(
    known: Record,
    *entries: Entry,
    ticks: Mapping[str, dt.datetime] | None = None,
    deployed: dt.datetime | None = None,
    exit_code: int | None = 0,
) -> Record:
    """A record with more entries, ticks, and a deployment that ended."""
    done: list[Entry] = [Done(at=when, box=box) for box, when in (ticks or {}).items()]
    if deployed:
        by_hand = exit_code is None
        done.append(Deployment(at=deployed, tag=TAG, ended=deployed, exit_code=exit_code, by_hand=by_hand))
    return known.adding(*entries, *done)


APPROVAL = Approval(tip="b" * 40, at=minutes(25), who="Ada")


def gates(of: Facts, catalog: Catalog = KROW, **options: Any) -> dict[str, Gate]:
    """The gates by id; the tip is approved."""
    return {gate.id: gate for gate in check(of, catalog, **{"approvals": (APPROVAL,)} | options)}


APPROVED = record(APPROVAL, ticks={"review": minutes(26)})
RELEASED = said(APPROVED, ticks={"github-release": minutes(33)})
DEPLOYED = said(RELEASED, deployed=minutes(44))


def ticked(*boxes: str) -> Record:
    """A deployed hotfix with more boxes ticked."""
    made = DEPLOYED
    for box in boxes:
        made = tick(made, box, minutes(60))
    return made


def of(known: Facts | None, said: Record | None, now: float = 60) -> Status:
    """The status of these facts and this record."""
    said = said or NOTHING_SAID
    found = check(known, KROW, approvals=said.approvals) if known else ()
    return status(NAME, known, said, found, minutes(now))


TELL = ticked("smoke-tests", "logs-watched", "users-notified")
FOLLOWED = TELL.adding(Sent(at=minutes(1500), text=FOLLOW_UP))
