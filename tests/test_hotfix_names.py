"""Names, severities and boxes: each is parsed, or refused with the nearest known one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.errors import InputError, PrereleaseVersion, UsageError
from krow_versions.hotfix import BOXES, CRITICAL, HIGH, MEDIUM, SEVERITIES, Severity, box, tick
from krow_versions.names import BRANCH_PATTERN, HotfixBranch, is_slug
from krow_versions.version import Version
from support.samples import minutes, record

slugs = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True).filter(is_slug)
versions = st.builds(Version, *[st.integers(0, 999)] * 3)
NAMES = ["severity", "branch", "tested", "version", "changelog", "commit-message", "review", "approval"]
NAMES += ["merged", "tag-created", "tag-pushed", "deployed", "smoke-tests", "logs-watched"]
NAMES += ["users-notified", "github-release", "incident-documented", "total-time"]


@given(slugs, versions, st.none() | st.integers(0, 99))
@example("web-v1.0.0", Version(2, 0, 0), None)
def test_a_branch_parses_as_it_was_made(slug: str, version: Version, build: int | None) -> None:
    """parse(str(branch)) is the branch; the build of a version is in no name."""
    branch = HotfixBranch(slug, version.with_build(build))
    assert HotfixBranch.parse(str(branch)) == branch == HotfixBranch(slug, version)
    assert str(branch) == f"hotfix/{slug}-v{version}"


@given(st.text(max_size=40) | st.from_regex(r"hotfix/[a-z.-]{1,9}-v[0-9.+a-z-]{1,9}", fullmatch=True))
@example("hotfix/web-v1.0.0-rc.1")
@example("hotfix/web-v1.0.0-v2.0.0")
@example("hotfix/web-v1.0.0+5")
@example("hotfix/web-v01.0.0")
@example("hotfix/-web-v1.0.0")
@example("hotfix/web-v1.0.0\n")
def test_a_name_is_read_back_or_refused(name: str) -> None:
    """str(parse(name)) is the name, or the name is refused."""
    found = BRANCH_PATTERN.parse(name)
    if found is None or found[1].prerelease is not None or found[1].build is not None:
        with pytest.raises(InputError, match="is not a hotfix branch"):
            HotfixBranch.parse(name)
    else:
        assert str(HotfixBranch.parse(name)) == name


def test_a_branch_is_for_a_production_version_of_a_real_slug() -> None:
    """A pre-release, whose name would be read in two ways, and an unsafe slug make no branch."""
    with pytest.raises(PrereleaseVersion):
        HotfixBranch("web", Version(1, 0, 0, "x-v1.0.0"))
    for slug in ("", "-x", "a//b", "a/", "a..b", "@", "a\n", "a.lock", "a.lock/b"):
        with pytest.raises(InputError):
            HotfixBranch(slug, Version(1, 0, 0))


def test_severities_have_the_limits_of_the_process() -> None:
    """CRITICAL has less than 1 hour, HIGH less than 4; MEDIUM has none, and must be asked about."""
    assert [(s.name, s.limit, s.must_ask) for s in SEVERITIES] == [
        ("CRITICAL", dt.timedelta(hours=1), False),
        ("HIGH", dt.timedelta(hours=4), False),
        ("MEDIUM", None, True),
    ]


@pytest.mark.parametrize(("text", "found"), [("critical", CRITICAL), (" High\n", HIGH), ("MEDIUM", MEDIUM)])
def test_a_severity_is_read_in_any_case(text: str, found: Severity) -> None:
    """Case and spaces around a severity's name do not count."""
    assert Severity.parse(text) is found


@pytest.mark.parametrize(("text", "near"), [("hihg", "HIGH"), ("critcal", "CRITICAL"), ("meduim", "MEDIUM")])
def test_a_wrong_severity_names_the_nearest(text: str, near: str) -> None:
    """A typing mistake is refused with what was probably meant."""
    with pytest.raises(UsageError) as refused:
        Severity.parse(text)
    assert str(refused.value.hint).startswith(f"did you mean {near}?")


def test_the_checklist_has_its_18_boxes() -> None:
    """The boxes are those of the process, in its order; each that cannot be ticked says where it is seen."""
    assert [box.id for box in BOXES] == NAMES
    assert all(box.tickable or box.seen for box in BOXES)
    assert [b.id for b in BOXES if b.source == "git"] == [
        *["branch", "tested", "version", "changelog", "commit-message", "merged", "tag-created", "tag-pushed"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_people_tick_only_what_nothing_else_knows(name: str) -> None:
    """A box of the people's keeps the time of its first tick; any other is refused, untouched.

    So is the approval, which is of one commit and no tick.
    """
    if box(name).tickable and name != "approval":
        once = tick(record(), name, minutes(50))
        assert tick(once, name, minutes(60)) == once != record()
        assert minutes(50) in (once.deployed, *(each.at for each in once.ticks.values()))
    else:
        with pytest.raises(InputError) as refused:
            tick(record(), name, minutes(50))
        assert refused.value.hint == box(name).seen


def test_ticking_a_deployment_corrects_one_that_failed() -> None:
    """People may say that a failed deployment went well in the end: the time is then theirs."""
    failed = record(deployed=minutes(40), exit_code=3)
    assert not failed.is_deployed
    mended = tick(failed, "deployed", minutes(50))
    assert (mended.deployed, mended.is_deployed) == (minutes(50), True)
    assert [each.by_hand for each in mended.deployments] == [False, True]


def test_an_unknown_box_names_the_nearest() -> None:
    """A typing mistake in a box is refused with what was probably meant; spaces do no harm."""
    with pytest.raises(UsageError) as refused:
        tick(record(), "smoke-test", minutes(1))
    assert str(refused.value.hint).startswith("did you mean smoke-tests?")
    assert box("Smoke Tests").id == "smoke-tests"
