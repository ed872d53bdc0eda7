"""The merge of version files and CHANGELOG: main keeps its lines, production's builds stay below."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from krow_versions import testing
from krow_versions.bump_rule import Shipped
from krow_versions.changelog import ChangelogRow, insert_row, read_rows
from krow_versions.errors import Conflict, InputError, KrowVersionsError
from krow_versions.formats import format_named, read_version
from krow_versions.planning.merging import Sides, merge_changelog, merge_product, merge_versions
from krow_versions.text.three_way import three_way
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from krow_versions.planning.merging import MergeOutcome
    from krow_versions.testing.changelog import ChangelogSample
    from krow_versions.testing.sample import Sample

BUILDS = st.integers(0, 50)


def version(core: tuple[int, int, int], build: int | None = None) -> Version:
    return Version(*core, build=build)


cores = st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3))
shipped = st.lists(st.builds(Shipped, st.builds(version, cores), BUILDS), max_size=4)


# --- texts -----------------------------------------------------------------------------------------


@st.composite
def sides_of_lines(draw: st.DrawFn) -> tuple[str, str, str]:
    """A text of distinct lines, and two that edit it; some edits are the same on both sides."""
    base = [f"line {number}" for number in range(draw(st.integers(0, 8)))]
    texts = [base]
    for side in ("ours", "theirs"):
        lines = []
        for number, line in enumerate([*base, None]):
            word = draw(st.sampled_from([side, "both"]))
            lines += [f"{word} {number}"] if draw(st.integers(0, 5)) == 0 else []
            lines += [line] if line is not None and draw(st.integers(0, 5)) else []
        texts.append(lines)
    ends = draw(st.lists(st.sampled_from(["", "\n"]), min_size=3, max_size=3))
    base_text, ours, theirs = (
        "\n".join(lines) + (end if lines else "") for lines, end in zip(texts, ends, strict=True)
    )
    return base_text, ours, theirs


@given(sides_of_lines())
def test_texts_merge_as_git_merges_them(
    tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, str, str]
) -> None:
    """What is merged is what git gives; what git leaves in conflict is in conflict."""
    assert three_way(*texts) == merged_by_git(tmp_path_factory.mktemp("merge"), *texts)


def merged_by_git(folder: Path, base: str, ours: str, theirs: str) -> str | None:
    """Merge as git does; None if there are conflicts."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_text(text)
    command = ["git", "merge-file", "--stdout", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return None if done.returncode else done.stdout.decode()


REPEATED = {  # Base, ours and theirs, one letter a line; ours has more at both ends.
    "an insertion, and more before it": ("a{}zy", "+a{}+ir}zy+", "a{}ir}zy"),
    "an insertion, developed further": ("a{}zy", "+a{}IR}zy+", "a{}ir}zy"),
    "an insertion, of which a line was lost": ("a{}zy", "+a{}+irzy+", "a{}ir}zy"),
    "an insertion of the same lines": ("a}zy", "+a}-zy+", "a}}zy"),
    "an insertion beside others": ("a{}z}y", "+a{}z}-y+", "a{}ir}z}y"),
    "a removal, and an insertion behind it": ("a{}}zy", "+a{}}-zy+", "a{}zy"),
    "a removal of the first of two": ("a{}{}zy", "+a{}{}-zy+", "a{}zy"),
    "an insertion at the end": ("a}", "+a}-", "a}ir}"),
}


@pytest.mark.parametrize("texts", REPEATED.values(), ids=REPEATED)
def test_texts_with_repeated_lines_merge_as_in_git(tmp_path: Path, texts: tuple[str, str, str]) -> None:
    """A change that can stand at several places is taken at that of git, so it does not come twice."""
    base, ours, theirs = ("".join(f"{line}\n" for line in text) for text in texts)
    assert three_way(base, ours, theirs) == merged_by_git(tmp_path, base, ours, theirs)


@given(sides_of_lines())
def test_a_merge_of_texts_is_symmetric(texts: tuple[str, str, str]) -> None:
    """It does not matter which side is which."""
    base, ours, theirs = texts
    assert three_way(base, ours, theirs) == three_way(base, theirs, ours)
    assert three_way(base, ours, base) == three_way(base, ours, ours) == ours


# --- versions --------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(cores, BUILDS | st.none()), min_size=1, max_size=3), cores, BUILDS | st.none(), shipped
)
def test_versions_never_go_down(
    files: list[tuple[tuple[int, int, int], int | None]],
    core: tuple[int, int, int],
    build: int | None,
    released: list[Shipped],
) -> None:
    """The higher x.y.z stays, a build is above all that shipped under other versions, and equal in all files;
    merging again changes nothing."""
    pairs = [(version(*file), version(core, build)) for file in files]
    merged = merge_versions(pairs, released)
    whole = [after for after in merged if isinstance(after, Version)]
    assert len(whole) == len(merged)
    for (ours, theirs), after in zip(pairs, whole, strict=True):
        assert after >= ours
        assert after.core == max(ours.core, theirs.core)
        assert (after.build is None) == (ours.build is None)
    builds = {after.build for after in whole if after.build is not None}
    assert len(builds) <= 1
    everything = [*released, *([] if build is None else [Shipped(version(core), build)])]
    for number in builds:
        top = max(after.core for after in whole)
        others = [each for each in everything if each.version is None or each.version.core != top]
        assert all(number > each.build for each in others)
        assert all(number >= each.build for each in everything)
    again = [(after, theirs) for after, (_, theirs) in zip(whole, pairs, strict=True)]
    assert merge_versions(again, released) == merged
    assert merge_versions(pairs[::-1], released[::-1]) == merged[::-1]


@pytest.mark.parametrize(
    ("ours", "theirs", "released", "after"),
    [
        ("0.2.0+6", "0.1.1+6", [], "0.2.0+7"),
        ("0.2.0+9", "0.1.1+6", [], "0.2.0+9"),
        ("0.2.0+6", "0.1.1+6", [("0.1.0", 8)], "0.2.0+9"),
        ("0.2.0+6", "0.1.1+6", [("0.2.0", 8)], "0.2.0+9"),
        ("0.1.0+5", "0.1.1+6", [], "0.1.1+6"),
        ("0.1.0+5", "0.1.1+6", [("0.1.1", 6)], "0.1.1+6"),
        ("0.1.0+9", "0.1.1+6", [], "0.1.1+9"),
        ("0.1.1+6", "0.1.1+6", [], "0.1.1+6"),
        ("0.2.0", "0.1.1", [], "0.2.0"),
        ("0.2.0-rc.1+6", "0.1.1+6", [], "0.2.0-rc.1+7"),
        ("0.1.1-rc.1+6", "0.1.1+6", [], "0.1.1+6"),
        ("0.2.0+0006", "0.1.1+6", [], "0.2.0+0007"),
        ("0.2.0", "0.1.1+6", [], "0.2.0"),
    ],
)
def test_the_version_after_a_merge(
    ours: str, theirs: str, released: list[tuple[str, int]], after: str
) -> None:
    """Main's x.y.z with a build above what shipped, or the hotfix's version if main is below it."""
    builds = [Shipped(Version.parse(name), build) for name, build in released]
    (found,) = merge_versions([(Version.parse(ours), Version.parse(theirs))], builds)
    assert str(found) == after


# --- version files ---------------------------------------------------------------------------------


def in_conflict(base: str | None, ours: str, theirs: str, path: str = "VERSION") -> Sides:
    return Sides(path, base, ours, theirs, None)


def merge_one(sides: Sides, name: str) -> MergeOutcome:
    return merge_product([(sides, format_named(name))], None)


def text_of(outcome: MergeOutcome) -> str:
    assert outcome.errors == ()
    (file,) = outcome.files
    return file.after


@given(testing.version_files(st.just("0.1.0+5")))
def test_only_the_version_of_main_changes(sample: Sample) -> None:
    """Whatever format, quotes, line ends and decoys: main's text, with the merged version in its places."""
    sides = in_conflict(sample.text, sample.with_version("0.2.0+6"), sample.with_version("0.1.1+6"))
    outcome = merge_one(sides, sample.format)
    assert text_of(outcome) == sample.with_version("0.2.0+7")
    assert str(outcome.version) == "0.2.0+7"
    again = attrs.evolve(sides, base=sides.theirs, ours=text_of(outcome))
    assert text_of(merge_one(again, sample.format)) == again.ours
    assert merge_one(attrs.evolve(again, merged=again.ours), sample.format).files == ()


@given(testing.version_files(st.just("0.1.0+5")))
def test_a_file_that_git_merges_gets_the_version(sample: Sample) -> None:
    """Where main did not touch the file, git takes the hotfix's, whose build may have shipped since."""
    sides = Sides(
        "VERSION", None, sample.text, sample.with_version("0.1.1+6"), sample.with_version("0.1.1+6")
    )
    released = [Shipped(Version(0, 1, 0), 9)]
    outcome = merge_product([(sides, format_named(sample.format))], None, released)
    assert text_of(outcome) == sample.with_version("0.1.1+10")
    assert merge_product([(sides, format_named(sample.format))], None).files == ()


PACKAGE = """{
  "name": "web",
  "version": "1.4.0",
  "scripts": {
    "a": "1"
  },
  "license": "MIT",
  "dependencies": {
    "x": "1.0.0"
  }
}
"""


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_changes_of_both_sides_are_merged(end: str, mark: str) -> None:
    """The fix raised a dependency while main changed its scripts: both are in the result, byte for byte."""
    base = mark + PACKAGE.replace("\n", end)
    ours = edited(base, ("1.4.0", "1.5.0"), ('"a": "1"', '"a": "2"'))
    theirs = edited(base, ("1.4.0", "1.4.1"), ('"x": "1.0.0"', '"x": "1.0.1"'))
    merged = text_of(merge_one(in_conflict(base, ours, theirs), "package-json"))
    assert merged == edited(ours, ('"x": "1.0.0"', '"x": "1.0.1"'))


def test_a_version_beside_another_change_is_no_conflict() -> None:
    """The line below the version was changed on main: git's conflict is only about the version."""
    ours = edited(PACKAGE, ("1.4.0", "1.5.0"), ('"scripts"', '"tools"'))
    theirs = edited(PACKAGE, ("1.4.0", "1.4.1"))
    assert text_of(merge_one(in_conflict(PACKAGE, ours, theirs), "package-json")) == ours


def test_a_file_with_the_version_in_two_formats() -> None:
    """All its places get the version before its texts are merged."""
    chosen = [format_named("yaml", key) for key in ("version", "image.tag")]
    base = "version: 0.1.0\nimage:\n  tag: 0.1.0\nmore: 1\n"
    ours, theirs = base.replace("0.1.0", "0.2.0"), base.replace("0.1.0", "0.1.1").replace("1\n", "2\n")
    sides = in_conflict(base, ours, theirs.replace("0.1.2", "0.1.1"))
    outcome = merge_product([(sides, each) for each in chosen], None)
    assert text_of(outcome) == "version: 0.2.0\nimage:\n  tag: 0.2.0\nmore: 2\n"


def test_the_same_lines_changed_on_both_sides_need_a_person() -> None:
    """The error names the file, and no text is given for it."""
    ours = edited(PACKAGE, ("1.4.0", "1.5.0"), ('"x": "1.0.0"', '"x": "2.0.0"'))
    theirs = edited(PACKAGE, ("1.4.0", "1.4.1"), ('"x": "1.0.0"', '"x": "1.0.1"'))
    outcome = merge_one(in_conflict(PACKAGE, ours, theirs, "apps/web/package.json"), "package-json")
    assert outcome.files == ()
    (error,) = outcome.errors
    assert (type(error), error.path) == (Conflict, "apps/web/package.json")


@pytest.mark.parametrize("side", ["base", "ours", "theirs"])
def test_a_file_in_conflict_that_cannot_be_read_needs_a_person(side: str) -> None:
    """A side without a version is an error that names the file."""
    sides = in_conflict(PACKAGE, edited(PACKAGE, ("1.4.0", "1.5.0")), edited(PACKAGE, ("1.4.0", "1.4.1")))
    outcome = merge_one(attrs.evolve(sides, **{side: '{"name": "web"}\n'}), "package-json")
    assert outcome.files == ()
    assert [error.path for error in outcome.errors] == ["VERSION"]


def test_a_file_that_git_merges_and_nobody_can_read_is_left_to_git() -> None:
    """A lock without a version of its own is no reason to refuse a merge."""
    sides = Sides("package-lock.json", None, "{}", "{}", "{}")
    assert merge_one(sides, "package-lock") == merge_product([], None)


@pytest.mark.parametrize("missing", ["ours", "theirs"])
def test_a_file_of_one_side_is_left_to_git(missing: str) -> None:
    """A version file that main has deleted is git's conflict, not ours."""
    sides = in_conflict(PACKAGE, PACKAGE, PACKAGE)
    sides = attrs.evolve(sides, ours=None) if missing == "ours" else attrs.evolve(sides, theirs=None)
    outcome = merge_one(sides, "package-json")
    assert (outcome.version, outcome.files, outcome.errors) == (None, (), ())


def test_a_build_over_the_limit_is_refused() -> None:
    """The stores' limit holds for a merge as for a bump."""
    sides = in_conflict("version: 0.1.0+5\n", "version: 0.2.0+6\n", "version: 0.1.1+6\n")
    outcome = merge_product([(sides, format_named("pubspec"))], None, max_build=6)
    assert [error.message for error in outcome.errors] == ["the build 7 would be over the limit of 6"]


@pytest.mark.parametrize(
    ("line", "fix", "after"),
    [("0.2.0+6", "0.1.1+6", "0.2.0+7"), ("0.1.0+5", "0.1.1+6", "0.1.1+6"), ("0.1.0+5", "0.2.1+6", None)],
)
def test_a_release_line_gets_no_other_minor(line: str, fix: str, after: str | None) -> None:
    """A line keeps its x.y.z, or PATCH rises; a hotfix of a newer line is refused."""
    sides = in_conflict("version: 0.0.9+4\n", f"version: {line}\n", f"version: {fix}\n")
    outcome = merge_product([(sides, format_named("pubspec"))], None, patch_only=True)
    if after is None:
        assert [type(error) for error in outcome.errors] == [Conflict]
    else:
        assert read_version(text_of(outcome), format="pubspec") == Version.parse(after)


@given(st.permutations(["a/pubspec.yaml", "b/pubspec.yaml", "c/package.json"]))
def test_the_order_of_files_does_not_matter(paths: list[str]) -> None:
    """Each file gets the same text, whichever comes first."""

    def sides(path: str) -> tuple[Sides, str]:
        lines = '{{"version": "{}"}}\n' if path.endswith("json") else "version: {}\n"
        numbers = ("0.1.0", "0.2.0", "0.1.1") if path.endswith("json") else ("0.1.0+5", "0.2.0+6", "0.1.1+6")
        base, ours, theirs = map(lines.format, numbers)
        return in_conflict(base, ours, theirs, path), path.rpartition("/")[2]

    def merged(order: list[str]) -> MergeOutcome:
        return merge_product([(each, format_named(name)) for each, name in map(sides, order)], None)

    outcome = merged(paths)
    assert {*outcome.files} == {*merged(sorted(paths)).files}
    assert {file.path: file.after for file in outcome.files}["a/pubspec.yaml"] == "version: 0.2.0+7\n"


# --- CHANGELOGs ------------------------------------------------------------------------------------


@given(testing.changelogs(), testing.changelog_rows(), testing.changelog_rows())
def test_both_rows_are_there_once(sample: ChangelogSample, feature: ChangelogRow, fix: ChangelogRow) -> None:
    """Whatever style and surroundings: main's text, and one more line, which is the hotfix's."""
    assume(feature.version.core != fix.version.core)
    ours, theirs = (insert_row(sample.text, row, heading=sample.heading) for row in (feature, fix))
    sides = in_conflict(sample.text, ours, theirs)
    merged = merge_changelog(sides, sample.heading)
    lines, own = (re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text) for text in (merged, theirs))
    left = [at for at in range(len(lines)) if same("".join(lines[:at] + lines[at + 1 :]), ours)]
    assert {lines[at].strip("\r\n") for at in left} & {line.strip("\r\n") for line in own}
    versions = [row.version for row in read_rows(merged, heading=sample.heading)]
    assert (
        versions.count(feature.version.with_build(None)) == versions.count(fix.version.with_build(None)) == 1
    )
    for base in (sample.text, theirs):
        again = in_conflict(base, merged, theirs)
        assert merge_changelog(again, sample.heading) == merged
    assert (
        merge_changelog(attrs.evolve(sides, base=theirs, ours=merged, merged=merged), sample.heading)
        == merged
    )


def same(text: str, other: str) -> bool:
    """Whether two texts are equal, a line end at the end aside."""
    return text.rstrip("\r\n") == other.rstrip("\r\n")


HEAD = "# Changes\n\n| Date | Version | Change | Who |\n|---|---|---|---|\n"
FIRST = "| 2026-01-01 | 0.1.0 | First | me |\n"
FEATURE = "| 2026-02-01 | 0.2.0 | Second | me |\n"
FIXED = "|  2026-03-05  |  **0.1.1**  |  HOTFIX: Crash   | Ann |\n"


def test_a_row_is_copied_as_it_is_written() -> None:
    """Further cells and spaces of the hotfix's row are kept."""
    sides = in_conflict(HEAD + FIRST, HEAD + FEATURE + FIRST, HEAD + FIXED + FIRST)
    assert merge_changelog(sides) == HEAD + FIXED + FEATURE + FIRST


def test_a_table_with_other_columns_gets_the_row_in_its_style() -> None:
    """Where main has changed the columns, date, version and change go where they belong."""
    main = "# Changes\n\n| Version | Date | Change |\n|---|---|---|\n| 0.2.0 | 2026-02-01 | Second |\n"
    row = "| 0.1.1 | 2026-03-05 | HOTFIX: Crash |\n"
    merged = merge_changelog(in_conflict(HEAD + FIRST, main, HEAD + FIXED + FIRST))
    assert merged == main.replace("|---|---|---|\n", f"|---|---|---|\n{row}")


def test_a_renamed_column_gets_the_row_in_its_style() -> None:
    """What is in a column that main no longer calls so is not copied."""
    sides = in_conflict(HEAD + FIRST, HEAD + FEATURE + FIRST, HEAD + FIXED + FIRST)
    renamed = attrs.evolve(sides, ours=edited(HEAD + FEATURE + FIRST, ("Who", "Author")))
    merged = merge_changelog(renamed)
    assert "| 2026-03-05 | 0.1.1 | HOTFIX: Crash | |\n" in merged
    assert merged.count("0.1.1") == 1


def test_a_row_without_a_date_is_copied() -> None:
    """A date that nobody can read is copied where the columns are the same, and needs a person elsewhere."""
    soon = FIXED.replace("2026-03-05", "soon")
    sides = in_conflict(HEAD + FIRST, HEAD + FEATURE + FIRST, HEAD + soon + FIRST)
    assert merge_changelog(sides) == HEAD + soon + FEATURE + FIRST
    with pytest.raises(InputError, match=r"the row of 0\.1\.1 has no date"):
        merge_changelog(attrs.evolve(sides, ours=edited(HEAD + FEATURE + FIRST, ("Who", "Author"))))


def test_other_changes_are_merged_too() -> None:
    """A correction of an old row, and a note at the end, are both in the result."""
    end = "\nOlder ones are in the archive.\n\nThe end.\n"
    base = HEAD + FIRST + end
    ours = HEAD + FEATURE + FIRST + end + "\nMore.\n"
    theirs = edited(HEAD + FIXED + FIRST + end, ("the archive", "ARCHIVE.md"))
    assert merge_changelog(in_conflict(base, ours, theirs)) == edited(
        HEAD + FIXED + FEATURE + FIRST + end + "\nMore.\n", ("the archive", "ARCHIVE.md")
    )


def test_several_new_rows_keep_their_order() -> None:
    """A hotfix on a hotfix that main never got brings both rows."""
    second = "| 2026-03-06 | 0.1.2 | HOTFIX: Again | Ann |\n"
    sides = in_conflict(HEAD + FIRST, HEAD + FEATURE + FIRST, HEAD + second + FIXED + FIRST)
    assert merge_changelog(sides) == HEAD + second + FIXED + FEATURE + FIRST
    oldest = in_conflict(
        HEAD + FIRST + FEATURE, HEAD + FIRST + FEATURE, HEAD + FIRST + FEATURE + FIXED + second
    )
    assert merge_changelog(oldest) == oldest.theirs


def test_a_row_that_main_has_already_is_kept() -> None:
    """The fix was picked to main by hand, with its own words for it."""
    picked = "| 2026-03-04 | 0.1.1 | Crash, picked | Bob |\n"
    sides = in_conflict(HEAD + FIRST, HEAD + picked + FEATURE + FIRST, HEAD + FIXED + FIRST)
    assert merge_changelog(sides) == sides.ours


def test_two_rows_that_git_would_keep_are_refused() -> None:
    """Git merges changes at different places; the same version twice is nothing that anybody wants."""
    picked = "| 2026-03-04 | 0.1.1 | Crash, picked | Bob |\n"
    ours, theirs = HEAD + FIRST + picked, HEAD + FIXED + FIRST
    with pytest.raises(Conflict, match=r"0\.1\.1 would have several rows"):
        merge_changelog(Sides("CHANGELOG.md", None, ours, theirs, HEAD + FIXED + FIRST + picked))


def test_the_table_of_another_product_is_left_alone() -> None:
    """One file with a table under a heading for each product: the row goes under the hotfix's heading."""
    table = "| Date | Version | Change |\n|---|---|---|\n"
    old = {"Web": "| 2026-01-01 | 1.4.0 | First |\n", "Worker": "| 2026-01-01 | 0.1.0 | First |\n"}
    new = {"Web": "| 2026-02-01 | 1.5.0 | Web |\n", "Worker": "| 2026-02-01 | 0.2.0 | Worker |\n"}
    fix = "| 2026-03-05 | 0.1.1 | HOTFIX: Crash |\n"

    def text(web: str, worker: str) -> str:
        return f"# Web\n\n{table}{web}\n# Worker\n\n{table}{worker}"

    sides = in_conflict(
        text(old["Web"], old["Worker"]),
        text(new["Web"] + old["Web"], new["Worker"] + old["Worker"]),
        text(old["Web"], fix + old["Worker"]),
    )
    merged = merge_changelog(sides, "Worker")
    assert merged == text(new["Web"] + old["Web"], fix + new["Worker"] + old["Worker"])


def test_a_changelog_that_one_side_changed_is_left_to_git() -> None:
    """A main without a table is no conflict if the hotfix wrote no row."""
    old, new = HEAD + FIRST, "# Changes\n\nSee the releases.\n"
    assert merge_changelog(Sides("CHANGELOG.md", None, new, old, new)) == new
    assert merge_changelog(Sides("CHANGELOG.md", None, old, HEAD + FIXED + FIRST, HEAD + FIXED + FIRST))


@pytest.mark.parametrize("clean", [True, False])
def test_a_changelog_without_a_table(clean: bool) -> None:
    """What git merges stays; what it does not needs a person."""
    sides = Sides("CHANGELOG.md", "One\n", "Two\nOne\n", "Three\nOne\n", "text" if clean else None)
    if clean:
        assert merge_changelog(sides) == "text"
    else:
        with pytest.raises(InputError):
            merge_changelog(sides)


@pytest.mark.parametrize(
    "change",
    [
        lambda sides: attrs.evolve(sides, base=None),
        lambda sides: attrs.evolve(sides, ours="# Changes\n"),
        lambda sides: attrs.evolve(sides, ours=sides.ours.replace("Crash", "x").replace("First", "Old")),
    ],
)
def test_what_cannot_be_merged_is_an_error_with_its_path(change: Callable[[Sides], Sides]) -> None:
    """A table that is missing on one side, or the same row changed on both, is left to a person."""
    theirs = edited(HEAD + FIXED + FIRST, ("First", "The first"))
    sides = change(in_conflict(HEAD + FIRST, HEAD + FEATURE + FIRST, theirs, "CHANGELOG.md"))
    outcome = merge_product([], sides)
    assert outcome.files == ()
    assert [error.path for error in outcome.errors] == ["CHANGELOG.md"]
    assert isinstance(outcome.errors[0], KrowVersionsError)
