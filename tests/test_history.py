"""The history of a product: every release, in order, from git and the files."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import testing
from krow_versions.errors import Unsupported
from krow_versions.history import _Reader, in_time
from krow_versions.snapshot import PastFile
from support import krow

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.history import History
    from support.repositories import Repo

SLUG = "krow-withus-client-mobile"
_ODD = ["v0.1.0", "0.1", "1.2.3-rc.1", "1.2.3+5.x", "01.2.3", "1.2.3.4"]
_LONG = ("1" * 18 + ".0.0", "1" * 30 + ".0.0+" + "2" * 25)
_WRITTEN = st.sampled_from(["0.1.0", "0.1.1+6", "1.0.0+007", "10.20.30", "", *_ODD, *_LONG])


def past(data: str | bytes, format: str = "pubspec") -> PastFile:  # noqa: A002
    raw = data if isinstance(data, bytes) else data.encode("utf-8")
    return PastFile("tag", "file", format, None, raw)


def read(file: PastFile) -> tuple[str | None, str | None]:
    """What a full parse says: the version, or the error."""
    try:
        return str(file.version()), None
    except kv.KrowVersionsError as error:
        return None, str(error)


def said(reader: _Reader, file: PastFile) -> tuple[str | None, str | None]:
    found = reader.read(file)
    return (str(found.version) if found.version else None, str(found.error) if found.error else None)


@settings(max_examples=60)
@given(
    testing.version_files(_WRITTEN) | testing.version_files(),
    st.lists(_WRITTEN | testing.version_texts(prereleases=True), min_size=1, max_size=5),
)
def test_the_short_cut_gives_what_a_parse_gives(sample: testing.Sample, versions: list[str]) -> None:
    """For files that differ in their version only, and are awkward otherwise, each is read as by a parser."""
    reader = _Reader()
    for version in (sample.written, *versions, sample.written):
        file = past(sample.with_version(version), sample.format)
        assert said(reader, file) == read(file)


@settings(max_examples=60)
@given(
    st.lists(testing.pubspecs(), min_size=2, max_size=5)
    | st.lists(testing.package_jsons(), min_size=2, max_size=5),
    st.data(),
)
def test_the_short_cut_mixes_nothing_up(samples: list[testing.Sample], data: st.DataObject) -> None:
    """Files of many shapes under one name are each read as by a parser, also when they are cut and joined."""
    reader = _Reader()
    pieces = [piece for sample in samples for piece in sample.pieces]
    for _ in range(6):
        sample = data.draw(st.sampled_from(samples))
        file = past(sample.with_version(data.draw(testing.version_texts())), sample.format)
        assert said(reader, file) == read(file)
        version = data.draw(_WRITTEN)
        torn = past(
            data.draw(st.sampled_from(pieces)) + version + data.draw(st.sampled_from(pieces)), sample.format
        )
        assert said(reader, torn) == read(torn)


@pytest.mark.parametrize(
    ("format", "first", "second"),
    [
        ("json", r'{"version": "0.1.\u0030", "x": "0.1.0"}', r'{"version": "0.1.\u0030", "x": "0.2.0"}'),
        ("json", r'{"version": "0.1.\u0030"}', r'{"version": "0.2.0u0030"}'),
        ("package-json", r'{"version": "\u0030.1.0"}', r'{"version": "\u0030.1.0"}'),
        ("pubspec", 'version: "0.1.\\x30"\nx: 0.1.0\n', 'version: "0.1.\\x30"\nx: 0.2.0\n'),
        ("pubspec", "version: 0.1.0\nx: 0.1.0\n", "version: 0.1.0\nx: 0.2.0\n"),
        ("pubspec", "version: 0.1.0\n", "version: 0.1.0\n\tx\n"),
        ("pubspec", "\ufeffversion: 0.1.0\n", "version: 0.1.0\n"),
        ("text", "x = 1.2.3.x # krow-versions\n", "x = 1.2.3+5.x # krow-versions\n"),
        ("text", "1.2.3\n", "1.2.3\n\n"),
    ],
)  # fmt: skip
def test_traps_of_the_short_cut(format: str, first: str, second: str) -> None:  # noqa: A002
    """A version that is written with escapes, or is elsewhere in the file too, is never read as another."""
    reader = _Reader()
    for text in (first, second, first):
        assert said(reader, past(text, format)) == read(past(text, format))


@pytest.mark.parametrize("text", ['{{"version": "0.1.0", "a": "{}"}}', '{{"a": "{}", "version": "0.1.0"}}'])
def test_what_is_remembered_does_not_grow_with_the_releases(text: str) -> None:
    """Of 300 releases with a large file that differs each time, no more than 32 beginnings are kept."""
    reader = _Reader()
    size = 100_000
    tracemalloc.start()
    try:
        for number in range(300):
            assert reader.read(past(text.format(str(number).zfill(size)), "package-json")).version
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 40 * size


def test_few_files_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 500 releases whose files differ in version and in one of three other places, three are parsed."""
    parsed = []
    whole = PastFile.located

    def counted(self: PastFile) -> object:
        parsed.append(self)
        return whole(self)

    monkeypatch.setattr(PastFile, "located", counted)
    reader = _Reader()
    for number in range(500):
        found = reader.read(past(f"name: x\nversion: 0.1.{number}+{number} # x\nother: {number % 3}\n"))
        assert found.version == kv.Version(0, 1, number, build=number)
    assert len(parsed) == 3


# --- releases -------------------------------------------------------------------------------


def release(repo: Repo, version: str, stage: str, *, annotated: bool = True) -> str:
    repo.write(krow.CLIENT, krow.pubspec(version))
    repo.commit()
    tag = f"{SLUG}/{stage}-v{version.partition('+')[0]}"
    repo.tag(tag, annotated=annotated)
    return tag


def history(repo: Repo) -> History:
    return kv.Workspace.open(repo.path).history("client-mobile")


def test_releases_of_every_stage_are_listed(repo: Repo) -> None:
    """Newest first: tag, stage, version, build, date and commit, with the days since the one before."""
    dev = release(repo, "0.1.0+3", "dev")
    first = repo.git("rev-parse", "HEAD")
    repo._minutes += 2 * 24 * 60
    staging = release(repo, "0.1.0+4", "staging", annotated=False)
    prod = release(repo, "0.1.1+5", "prod")
    repo.tag(f"{SLUG}/notes")
    found = history(repo).releases
    assert [(each.tag, each.stage, str(each.version), each.build) for each in found] == [
        (prod, "production", "0.1.1", 5),
        (staging, "staging", "0.1.0", 4),
        (dev, "development", "0.1.0", 3),
    ]
    assert found[2].commit == first
    assert found[2].days is None
    assert found[1].days == pytest.approx(2 + 1 / 1440)
    assert [each.subject for each in found] == [prod, "", dev]
    tagged = repo.git("for-each-ref", "--format=%(creatordate:iso8601-strict)", f"refs/tags/{dev}")
    assert found[2].date == dt.datetime.fromisoformat(tagged)
    assert found[2].date.tzinfo is not None


def test_a_lightweight_tag_has_the_date_of_its_commit(repo: Repo) -> None:
    """It has no date and no message of its own."""
    release(repo, "0.1.0+3", "prod", annotated=False)
    (found,) = history(repo).releases
    assert found.date == dt.datetime.fromisoformat(repo.git("log", "-1", "--format=%cI"))
    assert found.subject == ""


def test_releases_of_one_moment_are_in_order_of_versions(repo: Repo) -> None:
    """A script that tags within a second leaves the order to the versions."""
    repo.write(krow.CLIENT, krow.pubspec("0.1.0+1"))
    repo.commit()
    for version in ("0.10.0", "0.9.0", "0.9.0-rc.1"):
        repo.git("tag", "--annotate", "--message=x", f"{SLUG}/dev-v{version}")
    found = history(repo).releases
    assert [str(each.version) for each in found] == ["0.10.0", "0.9.0", "0.9.0-rc.1"]
    assert [each.days for each in found] == [0, 0, None]
    assert in_time(reversed(found)) == [*reversed(found)]


def test_zones_do_not_change_the_order(repo: Repo) -> None:
    """Dates are compared as moments."""
    repo.write(krow.CLIENT, krow.pubspec("0.1.0+1"))
    commit = repo.commit()
    for version, when in (("0.1.0", "1772668800 +1400"), ("0.2.0", "1772672400 -1200")):
        text = f"object {commit}\ntype commit\ntag x\ntagger A <a@b> {when}\n\nx\n"
        made = repo.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text)
        repo.git("update-ref", f"refs/tags/{SLUG}/prod-v{version}", made)
    found = history(repo).releases
    assert [str(each.version) for each in found] == ["0.2.0", "0.1.0"]
    assert found[0].days == pytest.approx(1 / 24)


def test_undated_and_damaged_tags_stand_at_the_end(repo: Repo) -> None:
    """A tag without date, or one that cannot be read, is a release all the same."""
    kept = release(repo, "0.1.0+1", "prod")
    commit = repo.git("rev-parse", "HEAD")
    text = f"object {commit}\ntype commit\ntag x\n\nx\n"
    made = repo.git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=text)
    repo.git("update-ref", f"refs/tags/{SLUG}/prod-v0.0.9", made)
    found = history(repo).releases
    assert [(each.tag, each.date is None, each.build) for each in found] == [
        (kept, False, 1),
        (f"{SLUG}/prod-v0.0.9", True, 1),
    ]
    assert found[1].days is None
    (repo.path / f".git/refs/tags/{SLUG}/prod-v0.3.0").write_text("a" * 40 + "\n")
    broken = {each.tag: each for each in history(repo).releases}
    assert broken[f"{SLUG}/prod-v0.3.0"].commit == ""
    assert broken[f"{SLUG}/prod-v0.3.0"].date is None
    assert broken[f"{SLUG}/prod-v0.3.0"].build is None
    assert broken[kept].build == 1
    assert len(broken) == 3


def test_a_file_that_cannot_be_read_then_is_part_of_the_answer(repo: Repo) -> None:
    """The error names the tag, and no release is left out."""
    repo.write(krow.CLIENT, "version: [\n")
    repo.commit()
    repo.tag(f"{SLUG}/prod-v0.1.0")
    repo.write(krow.CLIENT, krow.pubspec("0.1.1+2"))
    (found,) = history(repo).releases
    assert found.build is None
    (file,) = found.files
    assert file.version is None
    assert file.error is not None
    assert file.error.path == f"{SLUG}/prod-v0.1.0:{krow.CLIENT}"


@pytest.mark.parametrize("head", [None, "garbage"], ids=["no git", "damaged"])
def test_without_git_no_product_is_said_to_have_no_releases(repo: Repo, head: str | None) -> None:
    """Releases that cannot be asked for are not the same as none."""
    krow.checkout(repo)
    if head is None:
        (repo.path / ".git").rename(repo.path.with_name("elsewhere"))
    else:
        (repo.path / ".git/HEAD").write_text(head)
    workspace = kv.Workspace.open(repo.path)
    with pytest.raises(Unsupported) as caught:
        workspace.history("web")
    assert caught.value.path == str(repo.path)
    assert caught.value.hint


def test_the_document_is_as_described(repo: Repo) -> None:
    """``to_json`` is plain data, newest first, and the table has a row per release."""
    release(repo, "0.1.0+1", "dev")
    release(repo, "0.1.1", "prod")
    found = history(repo)
    document = json.loads(json.dumps(found.to_json()))
    assert (document["schema"], document["product"]) == (1, "client-mobile")
    keys = {"tag", "stage", "version", "build", "date", "commit", "days_since"}
    assert [set(each) for each in document["releases"]] == [keys, keys]
    assert [each["build"] for each in document["releases"]] == [None, 1]
    assert len(found.to_table().rows) == 2
    assert repr(found) == "<History of client-mobile: 2 releases>"


@settings(max_examples=15)
@example([(0, 5), (0, 3), (60, 1)])
@given(st.lists(st.tuples(st.integers(-720, 840), st.integers(0, 10**6)), min_size=1, max_size=6))
def test_days_are_the_time_between_neighbours(
    new_repo: Callable[[], Repo], moments: list[tuple[int, int]]
) -> None:
    """Days are never negative and add up to the time from the first release to the last."""
    repo = new_repo()
    repo.write(krow.CLIENT, krow.pubspec("0.1.0+1"))
    commit = repo.commit()
    for number, (zone, seconds) in enumerate(moments):
        sign = "-" if zone < 0 else "+"
        when = f"{1772668800 + seconds} {sign}{abs(zone) // 60:02}{abs(zone) % 60:02}"
        text = f"object {commit}\ntype commit\ntag x\ntagger A <a@b> {when}\n\nx\n"
        made = repo.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text)
        repo.git("update-ref", f"refs/tags/{SLUG}/dev-v0.0.{number}", made)
    found = history(repo).releases
    days = [each.days for each in found if each.days is not None]
    when_made = [seconds for _, seconds in moments]
    assert all(each >= 0 for each in days)
    assert sum(days) == pytest.approx((max(when_made) - min(when_made)) / 86_400)
    assert len(days) == len(found) - 1
