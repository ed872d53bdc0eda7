"""The bump rule: PATCH only, idempotent, convergent from every mix, builds above everything shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from krow_versions import Outcome, Shipped, Version, bump
from krow_versions.bump_rule import raise_build
from krow_versions.errors import Conflict, InputError, PrereleaseVersion
from krow_versions.version import build_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.version import Held

small = st.integers(0, 12)
builds = st.integers(0, 40)
cores = st.builds(Version, small, small, small)
baselines = st.builds(Version, small, small, small, build=st.none() | builds)
shipments = st.lists(st.builds(Shipped, cores, builds), max_size=6)


@st.composite
def mixes(draw: st.DrawFn) -> tuple[Version, list[Held], list[Shipped]]:
    """A baseline, files that are each at it or at its target or have only a build, and what tags shipped."""
    baseline = draw(baselines)
    target = Version(baseline.major, baseline.minor, baseline.patch + 1)
    at = st.sampled_from([baseline.with_build(None), target])
    held = st.builds(lambda version, build: version.with_build(build), at, st.none() | builds)
    near = st.sampled_from([baseline.with_build(None), target]) | cores
    shipped = draw(st.lists(st.builds(Shipped, near, builds), max_size=6))
    return baseline, draw(st.lists(held | builds, min_size=1, max_size=5)), shipped


def versions(outcome: Outcome) -> list[Held]:
    assert not [each for each in outcome.files if isinstance(each, Conflict)]
    return [each for each in outcome.files if not isinstance(each, Conflict)]


def expected(baseline: Version, files: Sequence[Held], shipped: Sequence[Shipped]) -> list[tuple[int, ...]]:
    """Say again, from the design's words and in numbers only, what the rule must give."""
    target = (baseline.major, baseline.minor, baseline.patch + 1)
    others = [each.build for each in shipped if each.version is None or each.version.core != target]
    same = [each.build for each in shipped if each.version is not None and each.version.core == target]
    if baseline.build is not None:
        others.append(baseline.build)
    floor = max([*(build + 1 for build in others), *same], default=-1)
    whole = [file for file in files if isinstance(file, Version)]
    unbumped = [file.build + 1 for file in whole if file.build is not None and file.core == baseline.core]
    bumped = [file.build for file in whole if file.build is not None and file.core == target]
    alone = [file for file in files if isinstance(file, int)]
    build = max([floor, *unbumped, *bumped, *alone])
    wanted: list[tuple[int, ...]] = []
    for file in files:
        if isinstance(file, int):
            wanted.append((build,))
        elif file.build is None:
            wanted.append(target)
        elif file.core == target:
            wanted.append((*target, max(file.build, floor)))
        else:
            wanted.append((*target, build))
    return wanted


@given(mixes())
@example((Version(0, 1, 0, build=5), [Version(0, 1, 0, build=5)], []))
def test_the_rule_is_the_one_of_the_design(mix: tuple[Version, list[Held], list[Shipped]]) -> None:
    """Every file ends where the rule, written a second time, says."""
    baseline, files, shipped = mix
    got = versions(bump(baseline, files, shipped))
    numbers = [
        (each,) if isinstance(each, int) else each.core if each.build is None else (*each.core, each.build)
        for each in got
    ]
    assert numbers == expected(baseline, files, shipped)


@given(baselines, st.lists(st.builds(Version, small, small, small, build=st.none() | builds)), shipments)
def test_nothing_but_the_patch_is_ever_raised(
    baseline: Version, files: list[Version], shipped: list[Shipped]
) -> None:
    """MAJOR and MINOR of every file that is written are those of the baseline, PATCH is one more."""
    for held, after in zip(files, bump(baseline, files, shipped).files, strict=True):
        if isinstance(after, Version):
            assert after.core == (baseline.major, baseline.minor, baseline.patch + 1)
            assert held.core in {baseline.core, after.core}
        else:
            assert held.core not in {baseline.core, (baseline.major, baseline.minor, baseline.patch + 1)}


@pytest.mark.parametrize(
    ("baseline", "files", "shipped", "options", "after"),
    [
        ("0.1.0", ["0.1.0+7"], [], {}, ["0.1.1+8"]),
        ("0.1.0", ["0.1.0+0"], [("0.1.1", 0)], {}, ["0.1.1+1"]),
        ("0.1.0", ["0.1.0", "0.1.1+0"], [], {}, ["0.1.1", "0.1.1+0"]),
        ("0.1.0", [0], [], {}, [0]),
        ("0.1.0+5", ["0.1.0+5"], [("0.1.1", 9)], {}, ["0.1.1+9"]),
        ("0.1.0+5", ["0.1.0+5"], [("0.1.2", 9)], {}, ["0.1.1+10"]),
        ("0.1.0+5", ["0.1.0+5"], [], {"build": 6}, ["0.1.1+6"]),
        ("0.1.0+5", ["0.1.0+5", "0.1.1+7"], [], {}, ["0.1.1+7", "0.1.1+7"]),
        ("0.1.0+5", ["0.1.1+6", 6], [], {"build": 9}, ["0.1.1+9", 9]),
        ("0.1.0+5", ["0.1.1+7"], [], {}, ["0.1.1+7"]),
        ("0.1.0+5", ["0.1.1+006"], [], {}, ["0.1.1+006"]),
        ("0.1.0+5", ["0.1.0+5"], [], {"above_build": 9}, ["0.1.1+10"]),
        ("0.1.0+5", ["0.1.0+20"], [], {"build": 8}, ["0.1.1+8"]),
        ("0.1.0+5", ["0.1.0+5"], [], {"build": 9, "max_build": 9}, ["0.1.1+9"]),
    ],
)  # fmt: skip
def test_each_clause_of_the_rule_decides_alone(
    baseline: str,
    files: list[str | int],
    shipped: list[tuple[str, int]],
    options: dict[str, int],
    after: list[Any],
) -> None:
    """Where only one clause of the rule speaks, the outcome is what that clause says."""
    held = [each if isinstance(each, int) else Version.parse(each) for each in files]
    releases = [Shipped(Version.parse(version), build) for version, build in shipped]
    found = versions(bump(Version.parse(baseline), held, releases, **options))
    assert [each if isinstance(each, int) else str(each) for each in found] == after


@pytest.mark.parametrize(
    ("files", "options", "message", "hint"),
    [
        (["0.1.0+5"], {"build": 5}, "build 5 is below 6", "give 6 or more"),
        (["0.1.1+9"], {"build": 8}, "build 8 would go back: a file is at build 9", "give 9 or more"),
        ([9], {"build": 8}, "build 8 would go back: a file is at build 9", "give 9 or more"),
        (["0.1.0"], {"build": 8}, "no build to set", "leave the build out"),
        (["0.1.0"], {"above_build": 8}, "no build to set", "leave the build out"),
        (["0.1.0+5"], {"build": 8, "max_build": 7}, "the limit of 7", "a new application id"),
        (["0.1.0+7"], {"max_build": 7}, "the limit of 7", "a new application id"),
    ],
)
def test_a_build_that_is_refused_has_a_reason_and_a_way_out(
    files: list[str | int], options: dict[str, Any], message: str, hint: str
) -> None:
    """The error has the numbers that decide, and the hint what can be given instead."""
    held = [each if isinstance(each, int) else Version.parse(each) for each in files]
    with pytest.raises(InputError) as refused:
        bump(Version.parse("0.1.0+5"), held, **options)
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


@given(mixes())
def test_a_second_run_changes_nothing(mix: tuple[Version, list[Held], list[Shipped]]) -> None:
    """The outcome, asked for again with what it wrote, is what it wrote."""
    baseline, files, shipped = mix
    once = versions(bump(baseline, files, shipped))
    assert [str(each) for each in versions(bump(baseline, once, shipped))] == [str(each) for each in once]


@given(mixes(), st.data())
def test_a_run_after_a_crash_ends_where_the_whole_run_would_have(
    mix: tuple[Version, list[Held], list[Shipped]], data: st.DataObject
) -> None:
    """Whatever part of the files was written before a crash, the next run ends in the same versions."""
    baseline, files, shipped = mix
    whole = versions(bump(baseline, files, shipped))
    half = [data.draw(st.sampled_from([before, after])) for before, after in zip(files, whole, strict=True)]
    assert versions(bump(baseline, half, shipped)) == whole


@given(mixes(), st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(
    mix: tuple[Version, list[Held], list[Shipped]], random: object
) -> None:
    """Shuffled files get the same versions, each its own."""
    baseline, files, shipped = mix
    order = sorted(range(len(files)), key=lambda _: random.random())  # type: ignore[attr-defined]
    straight = versions(bump(baseline, files, shipped))
    shuffled = versions(bump(baseline, [files[index] for index in order], shipped))
    assert shuffled == [straight[index] for index in order]


@given(mixes())
def test_a_build_is_above_everything_shipped_before(
    mix: tuple[Version, list[Held], list[Shipped]],
) -> None:
    """Each build is above every build under another version, and not below one under the target."""
    baseline, files, shipped = mix
    target = (baseline.major, baseline.minor, baseline.patch + 1)
    for after in versions(bump(baseline, files, shipped)):
        for release in shipped:
            build = build_of(after)
            if build is not None:
                assert build >= release.build + (release.version is None or release.version.core != target)


@given(mixes())
@example((Version(0, 1, 0, build=5), [Version(0, 1, 0), Version(0, 1, 0, build=5)], []))
def test_what_is_shipped_has_the_highest_build(mix: tuple[Version, list[Held], list[Shipped]]) -> None:
    """The target carries the highest build of all files, whichever comes first, or none."""
    baseline, files, shipped = mix
    outcome = bump(baseline, files, shipped)
    builds = [build for each in versions(outcome) if (build := build_of(each)) is not None]
    assert outcome.target.core == (baseline.major, baseline.minor, baseline.patch + 1)
    assert outcome.target.build == max(builds, default=None)


@given(mixes())
def test_a_file_keeps_a_build_or_stays_without_one(
    mix: tuple[Version, list[Held], list[Shipped]],
) -> None:
    """A build is never added and never dropped."""
    baseline, files, shipped = mix
    after = versions(bump(baseline, files, shipped))
    assert [build_of(each) is None for each in after] == [build_of(each) is None for each in files]


@given(mixes())
def test_unbumped_files_of_one_product_get_one_build(
    mix: tuple[Version, list[Held], list[Shipped]],
) -> None:
    """All files that start at the baseline, or have only a build, end with the same build."""
    baseline, files, shipped = mix
    after = versions(bump(baseline, files, shipped))
    raised = [
        new
        for old, new in zip(files, after, strict=True)
        if isinstance(old, int) or old.core == baseline.core
    ]
    assert len({build_of(each) for each in raised} - {None}) <= 1


@given(mixes(), builds)
def test_a_given_build_is_taken_or_refused_below_the_floor(
    mix: tuple[Version, list[Held], list[Shipped]], build: int
) -> None:
    """``--build`` is written as given or refused: below the floor, going back, or without any build."""
    baseline, files, shipped = mix
    floor = bump(baseline, files, shipped).floor
    if floor is not None and build < floor:
        with pytest.raises(InputError, match=f"below {floor}"):
            bump(baseline, files, shipped, build=build)
        return
    target = (baseline.major, baseline.minor, baseline.patch + 1)
    bumped = [build_of(file) or 0 for file in files if isinstance(file, int) or file.core == target]
    if max(bumped, default=0) > build or all(build_of(file) is None for file in files):
        with pytest.raises(InputError):
            bump(baseline, files, shipped, build=build)
        return
    once = versions(bump(baseline, files, shipped, build=build))
    for old, new in zip(files, once, strict=True):
        if build_of(old) is not None and (isinstance(old, int) or old.core == baseline.core):
            assert build_of(new) == build
    assert versions(bump(baseline, once, shipped, build=build)) == once


@pytest.mark.fault(41)
@given(st.integers(1, 6), st.integers(1, 999))
def test_the_width_of_a_padded_build_is_kept(width: int, build: int) -> None:
    """``+002702`` becomes ``+002703``."""
    assume(len(str(build + 1)) <= width)
    held = Version.parse(f"0.27.2+{build:0{width}d}")
    assert str(bump(held, [held]).files[0]) == f"0.27.3+{build + 1:0{width}d}"


@pytest.mark.fault(42)
@pytest.mark.parametrize("build", [2_099_999_999, 2_100_000_000, 2_100_000_001, 2**31, 2**53])
def test_no_build_over_the_limit_is_written(build: int) -> None:
    """The limit itself may be written, one more may not."""
    held = Version(0, 1, 0, build=build)
    if build < 2_100_000_000:
        assert str(bump(held, [held], max_build=2_100_000_000).files[0]) == "0.1.1+2100000000"
    else:
        with pytest.raises(InputError, match="2100000000"):
            bump(held, [held], max_build=2_100_000_000)


def test_the_limit_is_for_what_is_written() -> None:
    """A file without a build goes on, however high the build that production carries."""
    baseline = Version(0, 1, 0, build=2_100_000_000)
    assert bump(baseline, [Version(0, 1, 0)], max_build=2_100_000_000).files == (Version(0, 1, 1),)


def test_without_files_nothing_is_refused() -> None:
    """A rule that is asked about no file gives the target, and takes any build above the floor."""
    assert bump(Version(0, 1, 0, build=5), [], build=9) == Outcome(Version(0, 1, 1), 6, ())


@pytest.mark.fault(47, 49)
@pytest.mark.parametrize("held", ["0.2.0", "1.1.0", "0.1.2", "0.0.9", "0.1.0-rc.1", "0.1.1-rc.1+6"])
def test_a_file_that_is_neither_here_nor_there_is_a_conflict(held: str) -> None:
    """The conflict names the three versions and a way out."""
    conflict = bump(Version.parse("0.1.0+5"), [Version.parse(held)]).files[0]
    assert isinstance(conflict, Conflict)
    named = conflict.baseline, conflict.target, conflict.found
    assert named == (Version.parse("0.1.0+5"), Version(0, 1, 1), Version.parse(held))
    for part in (held, "0.1.0+5", "0.1.1", "in production"):
        assert part in str(conflict)


@pytest.mark.parametrize(("held", "proposed"), [("0.2.0", True), ("0.2.0-rc.1", False), ("0.0.9", False)])
def test_the_way_out_can_be_gone(held: str, proposed: bool) -> None:
    """What is proposed as ``--from`` is no pre-release, which would be refused, and nothing below."""
    conflict = bump(Version.parse("0.1.0+5"), [Version.parse(held)]).files[0]
    assert (f"name it: {held}" in str(conflict)) is proposed


@pytest.mark.parametrize(
    ("held", "lower"),
    [("0.2.0", False), ("0.2.0-rc.1", False), ("0.1.1-dev.3", False), ("0.0.9", True), ("0.1.0-rc.1", True)],
)
def test_work_past_production_is_never_to_be_lowered(held: str, lower: bool) -> None:
    """Only a file below production is to be brought to the baseline; one above it belongs to later work."""
    conflict = bump(Version.parse("0.1.0+5"), [Version.parse(held)]).files[0]
    assert isinstance(conflict, Conflict)
    assert conflict.hint is not None
    assert ("by hand" in conflict.hint, "production tag" in conflict.hint) == (lower, not lower)


@pytest.mark.fault(47)
def test_a_prerelease_is_no_baseline() -> None:
    """A hotfix starts from a production version."""
    with pytest.raises(PrereleaseVersion):
        bump(Version.parse("0.1.0-rc.1"), [])


# --- --above-build, and raising the build alone ------------------------------------------------------


@given(mixes(), builds)
def test_a_store_s_build_counts_as_one_that_shipped_before(
    mix: tuple[Version, list[Held], list[Shipped]], seen: int
) -> None:
    """The highest build that a store has seen sets the floor as a release of another version does."""
    baseline, files, shipped = mix
    if all(build_of(held) is None for held in files):
        with pytest.raises(InputError, match="no build"):
            bump(baseline, files, shipped, above_build=seen)
        return
    once = bump(baseline, files, shipped, above_build=seen)
    assert once == bump(baseline, files, [*shipped, Shipped(None, seen)])
    assert once.floor is not None
    assert once.floor > seen
    assert bump(baseline, versions(once), shipped, above_build=seen).files == once.files


@given(mixes(), st.none() | builds)
def test_raising_the_build_raises_nothing_else(
    mix: tuple[Version, list[Held], list[Shipped]], seen: int | None
) -> None:
    """Versions stay, files without a build stay, and all others get one build, never a lower one."""
    _, files, shipped = mix
    after = raise_build(files, shipped, above_build=seen)
    for old, new in zip(files, after, strict=True):
        if isinstance(old, Version):
            assert isinstance(new, Version)
            assert new.with_build(None) == old.with_build(None)
        assert (build_of(old) is None) == (build_of(new) is None)
        assert (build_of(new) or 0) >= (build_of(old) or 0)
    assert len({build_of(each) for each in after} - {None}) <= 1


@given(mixes(), st.none() | builds)
@example((Version(0, 1, 0), [0], []), None)
def test_the_raised_build_is_the_lowest_that_may_ship(
    mix: tuple[Version, list[Held], list[Shipped]], seen: int | None
) -> None:
    """It is the highest of the files, or one above all that shipped under any version or was seen."""
    _, files, shipped = mix
    held = [build for each in files if (build := build_of(each)) is not None]
    wanted = max([*held, *(each.build + 1 for each in shipped), 0 if seen is None else seen + 1], default=0)
    after = raise_build(files, shipped, above_build=seen)
    assert {build_of(each) for each in after} - {None} == ({wanted} if held else set())


@given(mixes(), st.none() | builds, st.data())
def test_raising_the_build_converges(
    mix: tuple[Version, list[Held], list[Shipped]], seen: int | None, data: st.DataObject
) -> None:
    """A second run, one after a crash, and one over the files in another order end in the same builds."""
    _, files, shipped = mix
    whole = raise_build(files, shipped, above_build=seen)
    half = [data.draw(st.sampled_from([before, after])) for before, after in zip(files, whole, strict=True)]
    assert raise_build(half, shipped, above_build=seen) == whole
    order = data.draw(st.permutations(range(len(files))))
    shuffled = raise_build([files[index] for index in order], shipped, above_build=seen)
    assert shuffled == tuple(whole[index] for index in order)


@given(mixes())
def test_a_raised_build_is_not_raised_again_by_the_bump(
    mix: tuple[Version, list[Held], list[Shipped]],
) -> None:
    """A bump keeps the build of files that are at the target, if it was raised above all that shipped."""
    baseline, files, shipped = mix
    bumped = versions(bump(baseline, files, shipped))
    raised = raise_build(bumped, [*shipped, Shipped(baseline, baseline.build or 0)])
    assert versions(bump(baseline, raised, shipped)) == list(raised)
