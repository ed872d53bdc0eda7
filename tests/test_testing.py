"""What importers test themselves with: the laws hold here, and fail for what is deliberately wrong."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import testing
from krow_versions.changelog import find_table, insert_row, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.changelog import ChangelogRow, ReadRow
    from krow_versions.testing import ChangelogSample, EditSample, Sample, WorkspaceSample

# As many examples as it takes, none of them made smaller or kept.
WRONG = settings(max_examples=300, phases=[Phase.generate], database=None, report_multiple_bugs=False)
SLOW = settings(max_examples=15)
FEW = settings(WRONG, max_examples=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for workspaces; the laws clear up what they make in it."""
    return tmp_path_factory.mktemp("workspaces")


# --- the laws hold ------------------------------------------------------------------------------


@given(testing.changelogs(), testing.changelog_rows())
def test_rows_keep_their_laws(sample: ChangelogSample, row: ChangelogRow) -> None:
    """In any CHANGELOG the right rows are read, and a new one goes in once, in one line, and reads back."""
    testing.law_read_sees_the_rows(sample)
    testing.law_insert_adds_one_line(sample, row)
    testing.law_insert_is_idempotent(sample, row)
    testing.law_inserted_row_reads_back(sample, row)


@pytest.mark.parametrize("heading", [True, False])
@pytest.mark.parametrize("dated", [True, False])
def test_a_changelog_is_drawn_as_asked(heading: bool, dated: bool) -> None:
    """The knobs decide on the heading and on the dates, and a sample's table is where it says."""

    @given(testing.changelogs(heading=heading, dated=dated))
    def law(sample: ChangelogSample) -> None:
        assert (sample.heading is not None, sample.dated) == (heading, dated)
        assert all((row.date is not None) == dated for row in sample.rows)
        assert set(sample.lines[sample.table + 1].strip(" \r\n")) <= set("|-: ")
        assert "".join(sample.lines) == sample.text

    law()


@SLOW
@given(testing.workspaces())
def test_a_bump_keeps_its_laws(folder: Path, workspace: WorkspaceSample) -> None:
    """In any workspace, however far a first bump came, a second one ends it, and raises only PATCH."""
    testing.law_bump_converges(workspace, folder)
    testing.law_bump_is_patch_only(workspace, folder)
    assert list(folder.iterdir()) == []


@SLOW
@given(testing.workspaces(own_builds=True))
def test_a_bump_keeps_its_laws_wherever_builds_stand(folder: Path, workspace: WorkspaceSample) -> None:
    """The laws of a bump hold, too, where builds stand beside the version or in files without one."""
    testing.law_bump_converges(workspace, folder)
    testing.law_bump_is_patch_only(workspace, folder)


@given(testing.build_files(), testing.versions())
def test_builds_of_their_own_keep_the_laws(sample: Sample, new: kv.Version) -> None:
    """Wherever the build stands, what is read is what stands there, and only its places change."""
    testing.law_read_sees_the_version(sample)
    testing.law_set_is_exact(sample, new)
    testing.law_set_is_idempotent(sample, new)
    testing.law_set_can_be_undone(sample, new)


@given(testing.build_files(alone=True), testing.versions(builds=True))
def test_builds_alone_keep_the_laws(sample: Sample, new: kv.Version) -> None:
    """A file that has only a build is edited by the same laws."""
    assert sample.alone
    testing.law_set_is_exact(sample, new)
    testing.law_set_is_idempotent(sample, new)
    testing.law_set_can_be_undone(sample, new)


@given(testing.build_files() | testing.package_locks() | testing.pyprojects())
def test_places_that_disagree_are_refused(sample: Sample) -> None:
    """No place of several may have another value than the others."""
    testing.law_places_agree(sample)


@SLOW
@given(testing.workspaces() | testing.workspaces(own_builds=True))
def test_a_workspace_is_made_as_it_says(
    tmp_path_factory: pytest.TempPathFactory, workspace: WorkspaceSample
) -> None:
    """On disk are the files, the products and the tags of the sample, and git finds nothing amiss."""
    root = testing.make(workspace, tmp_path_factory.mktemp("made"))
    found = {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] != ".git"
    }
    assert found == workspace.files
    assert tuple(kv.Workspace.open(root)) == workspace.names
    names = git(root, "for-each-ref", "--format=%(refname:short)", "refs/tags").split()
    assert set(names) == {product.tag_name(tag) for product in workspace.products for tag in product.tags}
    changed = git(root, "-c", "core.quotePath=false", "status", "--porcelain").splitlines()
    uncommitted = {path for path in workspace.before if not workspace.committed and path in workspace.bumped}
    assert {line[3:] for line in changed} == {
        path for path in uncommitted if workspace.before[path] != workspace.after[path]
    }
    assert git(root, "fsck", "--strict") == ""


def git(root: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, text=True).stdout


def test_a_workspace_is_made_in_an_empty_folder_only(tmp_path: Path) -> None:
    """What stands in a folder already is not mixed with a workspace."""
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match="is not empty"):
        testing.make(testing.WorkspaceSample((), {}, {}), tmp_path)


# --- what is wrong is found ---------------------------------------------------------------------


def must_fail(law: Callable[..., object], *strategies: Any, wrong: Any, budget: settings = WRONG) -> None:
    """Show that *law* fails for the function *wrong* on some of what is drawn."""

    @budget
    @given(st.tuples(*strategies))
    def check(drawn: tuple[Any, ...]) -> None:
        law(*drawn, wrong)

    with pytest.raises(AssertionError) as caught:
        check()
    assert str(caught.value), "a broken law says what is wrong"


def dumped(text: str, version: kv.Version | str, *, format: str) -> str:  # noqa: A002
    """Set the version, and write the file anew."""
    return kv.set_version(text, version, format=format).replace("\r\n", "\n").rstrip("\n") + "\n"


def replaced_everywhere(text: str, version: kv.Version | str, *, format: str) -> str:  # noqa: A002
    return text.replace(str(kv.read_version(text, format=format)), str(version))


def counted_up(text: str, version: kv.Version | str, *, format: str) -> str:  # noqa: A002
    """Set the version; of one that is there already, raise the build."""
    wanted = kv.Version.parse(str(version))
    if kv.read_version(text, format=format) == wanted:
        wanted = wanted.with_build((wanted.build or 0) + 1)
    return kv.set_version(text, wanted, format=format)


def without_build(text: str, *, format: str) -> kv.Version:  # noqa: A002
    return kv.read_version(text, format=format).with_build(None)


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        (testing.law_set_is_exact, dumped),
        (testing.law_set_is_exact, replaced_everywhere),
        (testing.law_set_is_exact, lambda text, _version, **_format: text),
        (testing.law_set_is_idempotent, counted_up),
        (testing.law_set_is_idempotent, lambda text, _version, **_format: text + "\n"),
        (testing.law_set_can_be_undone, dumped),
    ],
)
def test_a_wrong_setter_is_found(law: Callable[..., object], wrong: Callable[..., str]) -> None:
    """Formatting anew, replacing decoys, doing nothing and counting up break the laws of setting."""
    must_fail(law, testing.version_files(), testing.versions(), wrong=wrong)


def leaves_builds(text: str, version: kv.Version | str, **named: Any) -> str:
    """Set the version, and leave places of builds as they are."""
    return kv.set_version(text, kv.Version.parse(str(version)).with_build(None), **named)


def test_a_setter_that_leaves_builds_is_found() -> None:
    """Raising a versionName without its versionCode breaks the law of setting."""
    texts = testing.versions(builds=True)
    must_fail(testing.law_set_is_exact, testing.build_files(), texts, wrong=leaves_builds)
    must_fail(testing.law_set_is_exact, testing.build_files(alone=True), texts, wrong=leaves_builds)


def test_a_wrong_reader_is_found() -> None:
    """A reader that drops the build breaks the law of reading, one that takes any place that of agreement."""
    must_fail(testing.law_read_sees_the_version, testing.version_files(), wrong=without_build)
    must_fail(testing.law_places_agree, testing.build_files(), wrong=lambda _text, **_named: "1.0.0")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda version: attrs.evolve(version, minor=version.minor + 1),
        lambda version: attrs.evolve(version, patch=version.patch + 2),
        lambda version: version.next_patch().with_build(version.build),
        lambda version: version.next_patch().with_build(1),
        lambda version: version,
    ],
)
def test_a_wrong_next_patch_is_found(wrong: Callable[[kv.Version], kv.Version]) -> None:
    """Another number than PATCH, two steps, and a build that is kept, invented or lost break the law."""
    must_fail(testing.law_next_patch_raises_only_patch, testing.versions(), wrong=wrong)


@pytest.mark.parametrize(
    "values", [(float("nan"), 1.0, 2.0), ({1}, {2}, {1, 2}), (1.0, float("nan"), 1.0)], ids=repr
)
def test_a_wrong_order_is_found(values: tuple[Any, Any, Any]) -> None:
    """Values that are in no order, such as sets and NaN, break the law of the order."""
    with pytest.raises(AssertionError):
        testing.law_order_is_total(*values)


def one_by_one(text: str, edits: Any) -> str:
    """Apply edits from left to right, as if none of them moved what comes after it."""
    for edit in edits:
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_wrong_edits_are_found() -> None:
    """Edits that move each other break both laws."""
    must_fail(testing.law_apply_edits_is_exact, testing.edit_samples(), wrong=one_by_one)

    @st.composite
    def turned(draw: st.DrawFn) -> tuple[EditSample, tuple[kv.Edit, ...]]:
        sample = draw(testing.edit_samples())
        return sample, sample.edits[::-1]

    def law(pair: tuple[EditSample, tuple[kv.Edit, ...]], wrong: Any) -> None:
        testing.law_apply_edits_commutes(*pair, wrong)

    must_fail(law, turned(), wrong=lambda text, edits: one_by_one(text, sorted(edits, key=start)))


def start(edit: kv.Edit) -> int:
    return edit.span.start


# --- rows ---


def always_at_the_top(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    """Put the row under the delimiter, even where the table runs oldest first."""
    at = find_table(text, heading=heading).delimiter.end
    return f"{text[:at]}| {row.date} | {row.version} | {row.text} |\n{text[at:]}"


def appended(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    return f"{text}\n| {row.date} | {row.version} | {row.text} |\n"


def printed_anew(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    return insert_row(text, row, heading=heading).replace("\r\n", "\n").removeprefix("\ufeff")


def twice(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    """Put in one more row each time, of a version that is free."""
    found = read_rows(text, heading=heading)
    free = attrs.evolve(row, version=attrs.evolve(row.version, major=row.version.major + len(found)))
    return insert_row(text, free, heading=heading)


def nothing(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    return text


def next_day(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    return insert_row(text, attrs.evolve(row, date=dt.date(2026, 3, 6)), heading=heading)


def without_pipes(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    return insert_row(text, attrs.evolve(row, text=row.text.replace("|", "/")), heading=heading)


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        (testing.law_insert_adds_one_line, always_at_the_top),
        (testing.law_insert_adds_one_line, appended),
        (testing.law_insert_adds_one_line, printed_anew),
        (testing.law_insert_adds_one_line, nothing),
        (testing.law_insert_is_idempotent, twice),
        (testing.law_insert_is_idempotent, appended),
        (testing.law_insert_is_idempotent, nothing),
        (testing.law_inserted_row_reads_back, next_day),
        (testing.law_inserted_row_reads_back, without_pipes),
        (testing.law_inserted_row_reads_back, nothing),
    ],
)
def test_a_wrong_row_is_found(law: Callable[..., object], wrong: Callable[..., str]) -> None:
    """A row in another place, a second one, none, a file printed anew and other words break the laws."""
    must_fail(law, testing.changelogs(), testing.changelog_rows(), wrong=wrong)


def test_wrong_rows_are_found() -> None:
    """A reader that begins at the other end breaks the law of reading."""

    def turned(text: str, *, heading: str | None = None) -> tuple[ReadRow, ...]:
        return read_rows(text, heading=heading)[::-1]

    must_fail(testing.law_read_sees_the_rows, testing.changelogs(), wrong=turned)


# --- bumps ---


def from_the_files(workspace: WorkspaceSample, root: Path) -> bool:
    """Raise the PATCH of whatever each file holds now."""
    for product in workspace.products:
        for file in product.files:
            path = root / file.path
            text = path.read_bytes().decode()
            held = kv.read_version(text, format=file.sample.format)
            path.write_bytes(kv.set_version(text, held.next_patch(), format=file.sample.format).encode())
    return True


def raises_minor(workspace: WorkspaceSample, root: Path) -> bool:
    for product in workspace.products:
        for file in product.files:
            major, minor, _ = product.core
            (root / file.path).write_bytes(file.at((major, minor + 1, 0), product.build).encode())
    return False


def old_build(workspace: WorkspaceSample, root: Path) -> bool:
    """Raise every file's own build by one, whatever tags have shipped."""
    for product in workspace.products:
        for file in product.files:
            build = None if file.build is None else file.build + 1
            (root / file.path).write_bytes(file.at(product.target, build).encode())
    return False


def never_done(workspace: WorkspaceSample, root: Path) -> bool:
    bumped(workspace, root)
    return True


def leaves_litter(workspace: WorkspaceSample, root: Path) -> bool:
    (root / "backup.orig").write_bytes(b"")
    return bumped(workspace, root)


def touches_others(workspace: WorkspaceSample, root: Path) -> bool:
    """Raise versions that are no product's, too."""
    for path in workspace.others:
        (root / path).write_bytes((root / path).read_bytes().replace(b"0.1.0", b"0.1.1"))
    return bumped(workspace, root)


def does_nothing(workspace: WorkspaceSample, root: Path) -> bool:
    return False


def bumped(workspace: WorkspaceSample, root: Path) -> bool:
    opened = kv.Workspace.open(root)
    plan = opened.plan_bump(*workspace.names, date=dt.date(2026, 3, 5))
    opened.apply(plan)
    return not plan.is_empty


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        (testing.law_bump_converges, from_the_files),
        (testing.law_bump_converges, never_done),
        (testing.law_bump_converges, does_nothing),
        (testing.law_bump_is_patch_only, from_the_files),
        (testing.law_bump_is_patch_only, raises_minor),
        (testing.law_bump_is_patch_only, old_build),
        (testing.law_bump_is_patch_only, leaves_litter),
        (testing.law_bump_is_patch_only, touches_others),
        (testing.law_bump_is_patch_only, does_nothing),
    ],
)
def test_a_wrong_bump_is_found(
    folder: Path, law: Callable[..., object], wrong: Callable[[WorkspaceSample, Path], bool]
) -> None:
    """Bumps of the file's own version, of MINOR, of other files, without end or effect break the laws."""
    must_fail(law, testing.workspaces(), st.just(folder), wrong=wrong, budget=FEW)


def without_builds(workspace: WorkspaceSample, root: Path) -> bool:
    """Raise versions, and leave builds as they are."""
    for product in workspace.products:
        for file in product.files:
            text = file.at(product.target, None if file.sample.alone else file.build)
            (root / file.path).write_bytes(text.encode())
    return False


def test_a_bump_that_leaves_builds_is_found(folder: Path) -> None:
    """A version whose build was shipped already breaks the law of a bump."""
    drawn = testing.workspaces(own_builds=True)
    must_fail(testing.law_bump_is_patch_only, drawn, st.just(folder), wrong=without_builds, budget=FEW)


# --- the module itself --------------------------------------------------------------------------


def test_the_names_are_sorted_and_complete() -> None:
    """``__all__`` is sorted, and holds every name that is there and is no module."""
    there = {
        name
        for name, value in vars(testing).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and name != "annotations"
    }
    assert testing.__all__ == sorted(testing.__all__)
    assert set(testing.__all__) == there


def test_only_what_importers_may_use_is_imported() -> None:
    """Strategies come from Hypothesis's public face, and everything else from our own."""
    root = Path(testing.__file__).parent
    used = {
        line.split()[1]
        for path in root.glob("*.py")
        for line in map(str.strip, path.read_text(encoding="utf-8").split("\n"))
        if line.startswith(("from ", "import "))
        and line.split()[1].startswith(("hypothesis", "krow_versions"))
    }
    ours = {name for name in used if name.startswith("krow_versions") and ".testing" not in name}
    assert {name for name in used if name.startswith("hypothesis")} == {"hypothesis", "hypothesis.strategies"}
    assert ours == {"krow_versions", "krow_versions.changelog", "krow_versions.encoding"}


def test_without_hypothesis_the_error_says_how_to_get_it() -> None:
    """Where Hypothesis is missing, importing says what to install; the library itself works."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import krow_versions; krow_versions.Version.parse('0.1.0')\n"
        "import krow_versions.testing.laws"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: krow_versions.testing needs hypothesis: pip install 'krow-versions[testing]'"
    )


@pytest.mark.fault(118)
@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_laws_hold_without_assert_statements_too(flags: list[str]) -> None:
    """Under ``python -O`` a broken law is an error as it is otherwise."""
    code = "from krow_versions import testing; testing.assert_only_version_changed('a1', 'b2', '1', '2')"
    done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1:] == ["AssertionError: something other than the version has changed"]
