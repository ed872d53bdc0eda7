"""Effects on a local repository: each is refused before anything changes, or done and verified.

Real repositories, real hooks and filters, and gits that are killed by them.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krow_versions.errors import Busy, GitError, InputError, RefConflict, UsageError
from krow_versions.git import Reach
from krow_versions.git import validation as checked
from krow_versions.git.refs import committer, create_tag, read_ref, require_commit, resolve
from krow_versions.git.switching import create_branch, fast_forward, switch
from krow_versions.git.working_tree import ChangedPaths, changed_paths
from krow_versions.text.escaping import printable
from support.hang import no_hang
from support.repositories import hook, opened
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo
from support.story import BRANCH, KILL_PARENT, TAG

# --- names and ids from outside ------------------------------------------------------------------

BAD_NAMES = [
    *(
        "main",
        "-x",
        "--detach",
        "HEAD",
        "",
        "refs/heads/",
        "refs/heads/-x",
        "refs/heads/a/-b",
        "refs/heads/a..b",
    ),
    *(
        "refs/heads/a@{1}",
        "refs/heads/@",
        "refs/heads/a/@/b",
        "refs/heads/a b",
        "refs/heads/a\nb",
        "refs/heads/.a",
    ),
    *(
        "refs/heads/a.lock",
        "refs/heads/a/",
        "refs/heads//a",
        "refs/heads/a.",
        "refs/heads/a*",
        "refs/heads/a\\b",
    ),
    *("refs/heads/HEAD", f"refs/heads/{'a' * 251}", "refs/heads/a\0", "refs/heads/\ud800", "refs/heads/a~1"),
    *("refs/heads/a^", "refs/heads/a:b", "refs/heads/a\x1b"),
]
NO_BRANCHES = ["refs/tags/app", "refs/remotes/origin/x", f"refs/heads/{'a' * 40}"]
BAD_IDS = ["HEAD", "abc", "--force", "A" * 40, "0" * 40, "a" * 41, "refs/heads/main", "main^{}", ""]


@pytest.mark.fault(75, 76)
@pytest.mark.parametrize("name", [*BAD_NAMES, *NO_BRANCHES])
def test_a_name_that_is_no_full_name_of_a_branch_is_refused(story: Repo, base: str, name: str) -> None:
    """No text can become an option, a pattern, an expression or another kind of ref."""
    repository = opened(story.path)
    with untouched(story):
        for effect in (create_branch, fast_forward):
            with pytest.raises(UsageError):
                effect(repository, name, base)
        with pytest.raises(UsageError):
            switch(repository, name)
        if name in BAD_NAMES:
            with pytest.raises(UsageError):
                create_tag(repository, name.replace("refs/heads/", "refs/tags/"), base, "m\n")


@pytest.mark.parametrize("object_id", [*BAD_IDS, "f" * 40])
def test_an_id_that_is_no_commit_is_refused(story: Repo, object_id: str) -> None:
    """Only the full id of a commit of this repository is accepted: no expression, no other object."""
    repository = opened(story.path)
    tree = story.git("rev-parse", "HEAD^{tree}")
    with untouched(story):
        for bad in (object_id, tree, story.git("rev-parse", "refs/tags/app/prod-v0.1.0")):
            with pytest.raises(UsageError):
                require_commit(repository, bad)
            with pytest.raises(UsageError):
                create_branch(repository, BRANCH, bad)
            with pytest.raises(UsageError):
                fast_forward(repository, "refs/heads/main", bad)
            with pytest.raises(UsageError):
                create_tag(repository, TAG, bad, "m\n")


NAME_PARTS = st.sampled_from(
    [*"a.-@{/~^:?*[\\ \t\x7f\x01ä\u202e\udcff+", "v0.1.1", "..", "@{", "//", ".lock", "$(id)", "HEAD", "lock"]
)


@pytest.mark.fault(75)
@settings(max_examples=40)
@given(short=st.lists(NAME_PARTS, min_size=1, max_size=4).map("".join))
def test_every_name_that_passes_is_one_that_git_accepts(short: str) -> None:
    """Our validation is at least as strict as git's own for branches."""
    try:
        checked.branch(f"refs/heads/{short}")
    except UsageError:
        return
    done = subprocess.run(["git", "check-ref-format", "--branch", short], capture_output=True, check=False)
    assert (done.returncode, os.fsdecode(done.stdout)) == (0, f"{short}\n")


def test_ordinary_names_pass() -> None:
    """Usual names of branches and tags are accepted."""
    for short in (
        "main",
        "hotfix/krow-withus-web-v0.1.1",
        "ä/ü",
        "a.b-c_d",
        "a@b",
        "@a",
        "a+b",
        "{a}",
        "lock",
    ):
        assert checked.branch(f"refs/heads/{short}") == short
        assert checked.tag(f"refs/tags/{short}") == short


# --- refs ----------------------------------------------------------------------------------------


def test_a_ref_is_resolved_to_its_commit(story: Repo, base: str) -> None:
    """Branches, lightweight tags, tags and tags of tags lead to commits; what is not there is None."""
    story.tag("twice", "refs/tags/app/prod-v0.1.0")
    story.tag("light", base, annotated=False)
    repository = opened(story.path)
    for tag in ("twice", "light", "app/prod-v0.1.0"):
        assert resolve(repository, f"refs/tags/{tag}") == base
    assert resolve(repository, "refs/heads/main") == repository.head
    assert resolve(repository, "refs/heads/app") is None
    assert resolve(repository, "refs/tags/app") is None  # A folder of tags is no tag.


def test_no_other_ref_stands_in_for_a_missing_one(story: Repo, base: str) -> None:
    """Git's search for short names would find `refs/tags/refs/heads/x` for `refs/heads/x`."""
    story.git("update-ref", "refs/tags/refs/heads/x", base)
    assert story.git("rev-parse", "refs/heads/x") == base
    assert resolve(opened(story.path), "refs/heads/x") is None


def test_a_ref_that_leads_to_no_commit_is_an_error(story: Repo) -> None:
    """A tag on a file, and a ref that git cannot read, are errors, not missing refs."""
    story.tag("blob", "HEAD:VERSION")
    repository = opened(story.path)
    with pytest.raises(GitError, match="leads to no commit"):
        resolve(repository, "refs/tags/blob")
    (story.path / ".git/refs/tags/garbage").write_text("garbage\n")
    with pytest.raises(GitError, match="refs/tags/garbage"):
        resolve(repository, "refs/tags/garbage")


# --- what differs from HEAD ------------------------------------------------------------------------


def test_every_kind_of_difference_is_found(story: Repo) -> None:
    """Index and working tree, additions and deletions, and apart from them what git does not track."""
    story.write(".gitignore", "ignored\n")
    for name in ("staged", "edited", "deleted", "removed", "renamed", "same", "mode"):
        story.write(name, f"the content of {name}\n")
    story.commit()
    repository = opened(story.path)
    assert changed_paths(repository) == ChangedPaths((), ())
    story.write("staged", "1")
    story.git("add", "staged")
    story.write("staged", "the content of staged\n")  # As in HEAD, but the index is not.
    story.write("edited", "1")
    (story.path / "deleted").unlink()
    story.git("rm", "--quiet", "--cached", "removed")
    story.git("mv", "renamed", "to")
    (story.path / "mode").chmod(0o755)
    story.write("meant", "1")
    story.git("add", "--intent-to-add", "meant")
    os.utime(story.path / "same", (1, 1))
    story.write("ignored", "")
    story.write("folder/a", "")
    story.write("folder/b", "")
    with untouched(story):
        found = changed_paths(repository)
    assert sorted(found.tracked) == [
        "deleted", "edited", "meant", "mode", "removed", "renamed", "staged", "to",
    ]  # fmt: skip
    assert sorted(found.untracked) == ["folder/", "removed"]


ODD_NAMES = [
    "a b",
    "-x",
    "ä",
    "line\nbreak",
    "\x1b[2J",
    '"quoted"',
    "tab\there",
    "# x",
    "? x",
    "back\\slash",
    "\udcff",
]


@pytest.mark.fault(71)
def test_odd_names_come_back_exactly(repo: Repo) -> None:
    """Spaces, line breaks, quotes and undecodable bytes of a path are part of its name."""
    for name in ODD_NAMES:
        repo.write(f"tracked/{name}", "1")
    repo.commit()
    for name in ODD_NAMES:
        repo.write(f"tracked/{name}", "22")
        repo.write(name, "")
    found = changed_paths(opened(repo.path))
    assert sorted(found.tracked) == sorted(f"tracked/{name}" for name in ODD_NAMES)
    assert sorted(found.untracked) == sorted(ODD_NAMES)


def test_conflicts_are_tracked_differences(story: Repo, base: str) -> None:
    """A file with a merge conflict has a form of its own in git's answer."""
    story.git("switch", "--quiet", "-c", "other", base)
    story.write("VERSION", "0.3.0\n")
    story.commit()
    with pytest.raises(AssertionError):
        story.git("merge", "main")
    assert "VERSION" in changed_paths(opened(story.path)).tracked


def test_settings_do_not_change_what_differs(story: Repo) -> None:
    """Stashes, renames, columns, ignored submodules and hidden files of the user's configuration."""
    story.write("VERSION", "stashed")
    story.git("stash")
    story.write("VERSION", "1")
    story.write("unknown", "")
    story.git("mv", "new", "moved")
    before = changed_paths(opened(story.path))
    assert (sorted(before.tracked), before.untracked) == (["VERSION", "moved", "new"], ("unknown",))
    for key, value in {
        "status.showStash": "true", "status.showUntrackedFiles": "no", "status.renames": "copies",
        "status.branch": "true", "status.short": "true", "status.relativePaths": "true",
        "color.status": "always", "column.status": "always", "core.quotePath": "true",
        "diff.ignoreSubmodules": "all",
    }.items():  # fmt: skip
        story.git("config", key, value)
    assert changed_paths(opened(story.path)) == before


@pytest.mark.fault(85)
def test_a_submodule_differs_by_its_commit_or_its_files(repo: Repo, new_repo: Callable[[], Repo]) -> None:
    """Another commit or changed files in a submodule are a difference; unknown files in it are unknown.

    Who only looks sees the commit alone: to see more, git would run the filters that the submodule names.
    """
    part = new_repo()
    part.write("file", "1")
    part.commit()
    repo.git("submodule", "--quiet", "add", part.path.as_uri(), "part")
    repo.git("config", "--file=.gitmodules", "submodule.part.ignore", "all")
    repo.commit()
    repository = opened(repo.path)
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths((), ())
    repo.write("part/unknown", "1")
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths((), ("part",))
    repo.write("part/file", "22")
    assert changed_paths(repository, reach=Reach.ACT) == ChangedPaths(("part",), ())
    assert changed_paths(repository) == ChangedPaths((), ())
    repo.git("-C", "part", "commit", "--quiet", "--all", "--message=x")
    assert changed_paths(repository, reach=Reach.ACT).tracked == ("part",)
    assert changed_paths(repository).tracked == ("part",)


# --- tags ------------------------------------------------------------------------------------------


def message_of(repo: Repo, tag: str) -> str:
    return repo.git("cat-file", "tag", tag).partition("\n\n")[2]


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "message",
    [
        "HOTFIX: crash\n\n# not a comment\n\n\n  indented  \ntrailing   \n",
        "# only\n",
        "no line break",
        "\n\nleading",
        "ESC \x1b[2J and \u202e bidi\r\n",
        "x" * 10_000,
        "ünïcödé 🚨\n",
        "-----BEGIN\n--cleanup=strip\n",
    ],
)
def test_a_message_is_kept_as_it_is(story: Repo, base: str, message: str) -> None:
    """No line is dropped, none is trimmed, and none becomes an option."""
    made = create_tag(opened(story.path), TAG, base, message)
    assert story.git("cat-file", "-t", TAG) == "tag"
    assert story.git("rev-parse", TAG) == made
    assert story.git("rev-parse", f"{TAG}^{{}}") == base
    assert f"{message_of(story, TAG)}\n" == message.removesuffix("\n") + "\n"


@pytest.mark.parametrize("message", ["", " \n", "a\0b", "lone \ud800"])
def test_a_message_that_no_tag_can_have_is_refused(story: Repo, base: str, message: str) -> None:
    """An empty message, NUL and lone surrogates are a UsageError, escaped."""
    with untouched(story), pytest.raises(UsageError) as caught:
        create_tag(opened(story.path), TAG, base, message)
    assert printable(str(caught.value)) == str(caught.value)


def test_the_same_tag_is_nothing_to_do(story: Repo, base: str) -> None:
    """An annotated tag at that commit is what was wanted, whatever its message."""
    first = create_tag(opened(story.path), TAG, base, "one\n")
    with untouched(story):
        assert create_tag(opened(story.path), TAG, base, "two\n") == first


@pytest.mark.fault(79)
@pytest.mark.parametrize(
    ("target", "annotated", "reason"),
    [
        ("main", True, "at {main}, not at"),
        ("main", False, "at {main}, not at"),
        ("base", False, "lightweight"),
        ("HEAD:VERSION", True, "a tag that leads to no commit"),
        ("HEAD:VERSION", False, "a blob that leads to no commit"),
    ],
)
def test_another_tag_is_never_moved(
    story: Repo, base: str, target: str, annotated: bool, reason: str
) -> None:
    """Elsewhere, lightweight or on a file: the error says which, and the tag stays."""
    story.tag(TAG.removeprefix("refs/tags/"), base if target == "base" else target, annotated=annotated)
    expected = reason.format(main=story.git("rev-parse", "main"))
    with untouched(story), pytest.raises(RefConflict, match=expected):
        create_tag(opened(story.path), TAG, base, "m\n")


@pytest.mark.fault(78)
@pytest.mark.parametrize("other", ["refs/tags/app/prod-v0.1.1/x", "refs/tags/web"])
def test_tags_that_exclude_each_other_are_refused(story: Repo, base: str, other: str) -> None:
    """`web` and `web/prod-v1` cannot both be tags."""
    story.git("update-ref", other, base)
    wanted = TAG if other.startswith(TAG) else "refs/tags/web/prod-v1"
    with untouched(story), pytest.raises(RefConflict, match=re.escape(f"'{other}' is there")):
        create_tag(opened(story.path), wanted, base, "m\n")


@pytest.mark.fault(91)
def test_without_an_identity_nothing_is_made(story: Repo, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tagger is checked first, and the error says how to configure one."""
    repository = opened(story.path)
    assert committer(repository) == "Release Engineer"
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{name}")
        monkeypatch.delenv(f"GIT_AUTHOR_{name}")
    story.git("config", "user.useConfigOnly", "true")
    with untouched(story), pytest.raises(InputError, match=r"git config user\.name"):
        create_tag(repository, TAG, base, "m\n")
    story.git("config", "user.name", "Ünï <x> Code")
    story.git("config", "user.email", "a@example.org")
    assert committer(repository) == "Ünï x Code"


def signer(repo: Repo, script: str) -> None:
    """Make the user's configuration sign tags with a program of ours."""
    file = repo.path / ".git/gpg"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    repo.git("config", "gpg.program", str(file))
    repo.git("config", "tag.gpgSign", "true")


def test_the_users_signature_is_on_the_tag(story: Repo, base: str) -> None:
    """`tag.gpgSign` works, and the signature begins a line of its own."""
    signer(
        story,
        "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2\n"
        "printf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'",
    )
    create_tag(opened(story.path), TAG, base, "no line break")
    assert message_of(story, TAG).split("\n")[:2] == ["no line break", "-----BEGIN PGP SIGNATURE-----"]


@pytest.mark.fault(91)
def test_a_signature_that_fails_changes_nothing(story: Repo, base: str) -> None:
    """Without a key there is no tag, and not an unsigned one."""
    signer(story, "echo 'no secret key' >&2; exit 2")
    with untouched(story), pytest.raises(GitError, match=r"no secret key|failed to sign"):
        create_tag(opened(story.path), TAG, base, "m\n")


@pytest.mark.fault(90)
def test_a_signature_that_hangs_is_stopped(story: Repo, base: str) -> None:
    """A pass phrase that nobody enters ends with the time limit."""
    signer(story, "sleep 600")
    with untouched(story), no_hang(), pytest.raises(GitError, match="stopped after 1 s"):
        create_tag(opened(story.path), TAG, base, "m\n", timeout=1)


@pytest.mark.fault(94)
def test_a_hook_that_declines_the_tag_changes_nothing(story: Repo, base: str) -> None:
    """`reference-transaction` declines: there is no tag."""
    hook(story, "reference-transaction", '[ "$1" != prepared ] || exit 1')
    with as_before(story), pytest.raises(GitError):
        create_tag(opened(story.path), TAG, base, "m\n")


@pytest.mark.fault(93)
def test_git_killed_after_the_tag_is_success(story: Repo, base: str) -> None:
    """The tag exists, so it is a success, whatever the exit of git."""
    hook(story, "reference-transaction", f'[ "$1" != committed ] || {{ {KILL_PARENT}; }}')
    made = create_tag(opened(story.path), TAG, base, "m\n")
    found = read_ref(opened(story.path), TAG)
    assert found is not None
    assert (found.object_id, found.object_type, found.commit) == (made, "tag", base)


@pytest.mark.fault(92)
def test_a_locked_tag_is_refused(story: Repo, base: str) -> None:
    """The lock of the tag is named and stays."""
    lock = story.path / ".git" / f"{TAG}.lock"
    lock.touch()
    with untouched(story), pytest.raises(Busy, match=re.escape(str(lock))):
        create_tag(opened(story.path), TAG, base, "m\n")
