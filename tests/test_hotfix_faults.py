"""Faults of git, of the environment and of texts that a hotfix must survive."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from krow_versions.cli.hotfix.moments import past_moment
from krow_versions.hotfix import Declaration, Record, read_record
from krow_versions.version import Version
from support.commands import RAW, approve, assert_refused, run, shell
from support.krow import STAFF, WEB, package
from support.releases import BASE, BRANCH, CHANGELOG, FINISH, FIX, FIXED, PRODUCT, START, TAG, Released
from support.repositories import Repo, hook, refs
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

RECORD = f".git/krow-versions/hotfix/{BRANCH.removeprefix('hotfix/')}.toml"


def recorded(world: Released) -> Record:
    """What is recorded of the hotfix here."""
    path = world.ours.path / RECORD
    return (
        read_record(path.read_text(encoding="utf-8")) if path.exists() else Record("", "", Version(0, 1, 1))
    )


def declaration(world: Released) -> Declaration:
    """What was declared here."""
    found = recorded(world).declaration
    assert found is not None
    return found


def declared(world: Released) -> bool:
    """Whether anything is declared here."""
    return recorded(world).declaration is not None


MAIN, TAG_REF = "refs/heads/main", f"refs/tags/{TAG}"


@pytest.fixture
def fresh(tmp_path: Path) -> Released:
    return Released.make(tmp_path)


@pytest.fixture
def ready(fresh: Released) -> Released:
    """On the branch, with a fix that passes its gates and is approved; made by hand, so without a record."""
    fresh.start_by_hand()
    fresh.fix()
    approve(fresh.ours.path, PRODUCT)
    return fresh


def hotfix(repo: Repo, *args: str, **env: str | None) -> Result:
    return run("hotfix", *args, cwd=repo.path, env=env)


def done(result: Result) -> Result:
    assert result.code == 0, result
    return result


def is_out(world: Released) -> bool:
    """Whether main and tag are on the remote, as they are here."""
    there, tip = refs(world.remote), refs(world.ours)[f"refs/heads/{BRANCH}"]
    return there[MAIN] == tip and there[TAG_REF] == refs(world.ours)[TAG_REF]


# --- names, remotes, tags ----------------------------------------------------------------------


@pytest.mark.fault(74)
def test_inside_a_hook(ready: Released, tmp_path: Path) -> None:
    """GIT_* variables that name another repository have no effect: tag and push happen in this one."""
    other = Repo(tmp_path / "other")
    other.commit()
    with untouched(other):
        git = str(other.path / ".git")
        env = {"GIT_DIR": git, "GIT_WORK_TREE": str(other.path), "GIT_INDEX_FILE": f"{git}/index"}
        done(hotfix(ready.ours, *FINISH, **env))
    assert is_out(ready)


@pytest.mark.fault(77)
@pytest.mark.parametrize(
    "remote", ["--upload-pack=touch canary", "ext::sh -c touch% canary", "../remote.git", "-x", ""]
)
def test_a_remote_that_is_no_name_reaches_no_program(ready: Released, remote: str) -> None:
    """A configured remote that is a URL or an option is refused or ignored; nothing runs."""
    ready.ours.write("krow-versions.toml", f"[hotfix]\nremote = {remote!r}\n[products.worker-mobile]\n")
    ready.ours.commit("chore: configuration")
    before = refs(ready.remote)
    for args in (START, FINISH, ("pr", PRODUCT, "--run", "--yes")):
        result = hotfix(ready.ours, *args)
        assert "Traceback" not in result.err
        assert "a bug in" not in result.err
    assert refs(ready.remote) == before
    assert [*ready.ours.path.parent.rglob("canary")] == []


@pytest.mark.fault(78)
@pytest.mark.parametrize("other", ["hotfix", f"{BRANCH}/x"])
def test_names_in_the_way(fresh: Released, other: str) -> None:
    """If an existing branch makes the hotfix's name impossible, start names it and changes nothing."""
    fresh.ours.git("branch", other)
    with as_before(fresh.ours):
        assert_refused(hotfix(fresh.ours, *START), f"refs/heads/{other}")
    assert not (fresh.ours.path / RECORD).exists()


@pytest.mark.fault(78)
def test_a_tag_in_the_way(ready: Released) -> None:
    """If an existing tag makes the release's name impossible, finish names it and changes nothing."""
    ready.ours.git("tag", f"{TAG}/x")
    with as_before(ready.ours), untouched(ready.remote):
        result = hotfix(ready.ours, *FINISH)
        assert (result.code, f"refs/tags/{TAG}/x" in result.err) == (3, True), result


@pytest.mark.fault(79)
@pytest.mark.parametrize(
    ("target", "annotated", "code"),
    [(BRANCH, True, 0), (BRANCH, False, 3), ("main", True, 3), (f"main:{STAFF}", True, 3)],
)
def test_a_tag_that_is_there(ready: Released, target: str, annotated: bool, code: int) -> None:
    """The same annotated tag is pushed; lightweight, elsewhere or on a file it is refused."""
    made = ready.ours.tag(TAG, target, annotated=annotated)
    before = refs(ready.remote)
    result = hotfix(ready.ours, *FINISH)
    assert (result.code, refs(ready.ours)[TAG_REF]) == (code, made), result
    if code:
        assert refs(ready.remote) == before
        assert TAG in result.err
    else:
        assert is_out(ready)


@pytest.mark.fault(80)
def test_branches_called_like_tags(ready: Released) -> None:
    """A branch with the name of the base or of the new tag changes nothing."""
    ready.ours.git("branch", BASE, "main")
    ready.ours.git("branch", TAG, "main")
    done(hotfix(ready.ours, *FINISH))
    assert is_out(ready)
    assert ready.ours.git("rev-parse", f"{TAG_REF}^{{commit}}") == ready.ours.git("rev-parse", BRANCH)


# --- the working tree --------------------------------------------------------------------------


def begin(repo: Repo, operation: str) -> None:
    """Leave a repository in the middle of a merge, a rebase or the like."""
    if operation == "bisect":
        repo.git("bisect", "start")
        return
    here = repo.git("symbolic-ref", "--short", "HEAD")
    repo.git("switch", "--quiet", "--create", "side", f"refs/tags/{BASE}")
    repo.write(FIXED, "side()\n")
    repo.commit("side")
    repo.git("switch", "--quiet", here)
    if here == "main":
        repo.write(FIXED, "main()\n")
        repo.commit("main")
    with pytest.raises(AssertionError):
        repo.git(operation, "side")


@pytest.mark.fault(84)
@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "bisect"])
@pytest.mark.parametrize("args", [START, FINISH], ids=["start", "finish"])
def test_in_the_middle_of_something(fresh: Released, operation: str, args: tuple[str, ...]) -> None:
    """In the middle of a merge and the like nothing is started and nothing finished."""
    if args == FINISH:
        fresh.start_by_hand()
        fresh.fix()
        approve(fresh.ours.path, PRODUCT)
    begin(fresh.ours, operation)
    with as_before(fresh.ours), untouched(fresh.remote):
        assert_refused(hotfix(fresh.ours, *args))
    assert not declared(fresh)


@pytest.mark.fault(85)
@pytest.mark.parametrize("how", ["changed", "staged", "deleted", "added"])
def test_changed_files_stand_in_the_way(fresh: Released, how: str) -> None:
    """With a tracked file that differs from HEAD nothing is started; the error names it."""
    path = "added.txt" if how == "added" else WEB
    if how == "deleted":
        (fresh.ours.path / WEB).unlink()
    else:
        fresh.ours.write(path, package("1.4.0") + "\n")
    if how in {"staged", "added"}:
        fresh.ours.git("add", path)
    with as_before(fresh.ours):
        assert_refused(hotfix(fresh.ours, *START), path)


@pytest.mark.fault(85)
def test_other_files_stay_exactly(fresh: Released) -> None:
    """Untracked, ignored and skip-worktree files are left as they are by start and finish.

    The untracked one is outside the product: in it, it would have to be added or ignored.
    """
    fresh.ours.write(".git/info/exclude", "ignored\n")
    fresh.ours.write("ignored", "mine\n")
    fresh.ours.write("apps/untracked", "mine\n")
    fresh.ours.git("update-index", "--skip-worktree", WEB)
    fresh.ours.write(WEB, "mine\n")
    done(hotfix(fresh.ours, *START))
    fresh.ours.write(FIXED, "fixed()\n")
    fresh.ours.git("add", FIXED)
    fresh.ours.git("commit", "--quiet", f"--message={FIX}")
    done(run("bump-patch", PRODUCT, "-m", "Crash on login", cwd=fresh.ours.path))
    fresh.ours.git("commit", "--quiet", "--message=chore: version", STAFF, CHANGELOG)
    approve(fresh.ours.path, PRODUCT)
    done(hotfix(fresh.ours, *FINISH))
    assert is_out(fresh)
    mine = ["ignored", "apps/untracked", WEB]
    assert [(fresh.ours.path / each).read_text() for each in mine] == ["mine\n"] * 3


@pytest.mark.fault(86)
def test_a_branch_of_another_working_tree(ready: Released, tmp_path: Path) -> None:
    """A branch checked out elsewhere is not moved; a linked working tree shares the record."""
    ready.ours.git("switch", "--quiet", "main")
    linked = tmp_path / "linked"
    ready.ours.git("worktree", "add", "--quiet", str(linked), BRANCH)
    with as_before(ready.ours):
        assert_refused(hotfix(ready.ours, *START), str(linked))
    elsewhere = Repo(linked)
    done(hotfix(elsewhere, *START))
    assert (ready.ours.path / RECORD).exists()
    main = refs(ready.ours)[MAIN]
    result = done(hotfix(elsewhere, *FINISH))
    assert "main here was not brought forward" in result.err
    assert is_out(ready)
    assert refs(ready.ours)[MAIN] == main
    assert ready.ours.git("status", "--porcelain") == ""


# --- hooks, people, locks, faults of git -------------------------------------------------------


def commits(repo: Repo) -> set[str]:
    objects = repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    return {line for line in objects if " commit " in line}


@pytest.mark.fault(87, 88)
def test_nothing_of_ours_commits(fresh: Released, tmp_path: Path) -> None:
    """No command but `hotfix next` makes a commit, so no commit hook runs, and none is left unfinished."""
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-merge-commit"):
        hook(fresh.ours, name, f"touch {tmp_path}/canary-{name}; exit 1")
    hooks = fresh.ours.path / ".git/hooks"
    before = commits(fresh.ours)
    done(hotfix(fresh.ours, *START))
    assert commits(fresh.ours) == before
    assert [*tmp_path.glob("canary-*")] == []
    hooks.rename(tmp_path / "hooks")
    fresh.fix()
    (tmp_path / "hooks").rename(hooks)
    before = commits(fresh.ours)
    said = [
        ("check", PRODUCT),
        ("pr", PRODUCT, "--run", "--yes"),
        ("status", PRODUCT, "--done", "approval"),
        FINISH,
        ("announce", PRODUCT, "--draft"),
        ("announce", PRODUCT, "--follow-up", "--draft"),
        ("report", PRODUCT, "-o", str(tmp_path / "report.md")),
        ("list",),
        FINISH,
    ]
    for args in said:
        done(hotfix(fresh.ours, *args))
    assert commits(fresh.ours) == commits(fresh.remote) == before
    assert [*tmp_path.glob("canary-*")] == []


@pytest.mark.fault(89)
def test_hooks_after_the_fact(fresh: Released) -> None:
    """A failing post-checkout or post-merge is reported, and everything is done all the same."""
    hook(fresh.ours, "post-checkout", "echo no thanks >&2; exit 1")
    hook(fresh.ours, "post-merge", "echo not this either >&2; exit 1")
    assert "no thanks" in done(hotfix(fresh.ours, *START)).err
    assert (fresh.ours.path / RECORD).exists()
    fresh.fix()
    approve(fresh.ours.path, PRODUCT)
    (fresh.ours.path / ".git/hooks/post-checkout").unlink()
    fresh.ours.git("switch", "--quiet", "main")
    assert "not this either" in done(hotfix(fresh.ours, *FINISH)).err
    assert is_out(fresh)


NOBODY = {f"GIT_{role}_{what}": None for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.mark.fault(91)
def test_nobody_who_tags(ready: Released) -> None:
    """Without an identity, or a key where tags are signed, start and finish change nothing."""
    ready.ours.git("config", "user.useConfigOnly", "true")
    ready.ours.git("switch", "--quiet", "main")
    for args in (START, FINISH):
        with as_before(ready.ours), untouched(ready.remote):
            result = hotfix(ready.ours, *args, **NOBODY)
            assert (result.code, "git config user.name" in result.err) == (3, True), result
    ready.ours.git("config", "tag.gpgSign", "true")
    ready.ours.git("config", "gpg.program", "/nonexistent/gpg")
    with as_before(ready.ours), untouched(ready.remote):
        assert hotfix(ready.ours, *FINISH).code == 4
    ready.ours.git("config", "tag.gpgSign", "false")
    done(hotfix(ready.ours, *FINISH))
    assert is_out(ready)


@pytest.mark.fault(93)
def test_a_git_that_dies_is_not_nobody(ready: Released, tmp_path: Path) -> None:
    """A git killed while it makes the tag is a failure, not a missing identity."""
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    found = ready.ours.git("--exec-path")
    program.write_text(f'#!/bin/sh\ncase " $* " in *" tag "*) kill -9 $$;; esac\nexec {found}/git "$@"\n')
    program.chmod(0o755)
    with as_before(ready.ours), untouched(ready.remote):
        result = hotfix(ready.ours, *FINISH, PATH=f"{program.parent}:/usr/bin:/bin")
    assert (result.code, "signal 9" in result.err) == (4, True), result
    done(hotfix(ready.ours, *FINISH))


@pytest.mark.fault(92)
@pytest.mark.parametrize(
    ("args", "lock"),
    [
        (START, "index.lock"),
        (START, "HEAD.lock"),
        (START, f"refs/heads/{BRANCH}.lock"),
        (FINISH, f"{TAG_REF}.lock"),
    ],
    ids=["index", "HEAD", "branch", "tag"],
)
def test_locks_are_named_and_stay(fresh: Released, args: tuple[str, ...], lock: str) -> None:
    """A lock file of git is named with its age and never removed; without it, the next run continues."""
    if args == FINISH:
        fresh.start_by_hand()
        fresh.fix()
        approve(fresh.ours.path, PRODUCT)
    file = fresh.ours.write(f".git/{lock}", "")
    with untouched(fresh.remote):
        result = hotfix(fresh.ours, *args)
    assert (result.code, str(file) in result.err, "UTC" in result.err) == (4, True, True), result
    assert file.exists()
    assert not declared(fresh)
    file.unlink()
    done(hotfix(fresh.ours, *args))


@pytest.mark.fault(94)
def test_a_hook_that_declines_refs(fresh: Released) -> None:
    """If a hook refuses them, there is no branch, record or tag; the next run continues."""
    said = 'while read -r a b ref; do case "$ref" in {}*) echo "not {}" >&2; exit 1;; esac; done'
    script = said.format("refs/heads/hotfix/", "this branch")
    declining = hook(fresh.ours, "reference-transaction", script)
    with as_before(fresh.ours):
        result = hotfix(fresh.ours, *START)
    assert (result.code, (fresh.ours.path / RECORD).exists()) == (4, False), result
    declining.unlink()
    done(hotfix(fresh.ours, *START))
    fresh.fix()
    approve(fresh.ours.path, PRODUCT)
    declining = hook(fresh.ours, "reference-transaction", said.format("refs/tags/", "this tag"))
    with as_before(fresh.ours), untouched(fresh.remote):
        assert hotfix(fresh.ours, *FINISH).code == 4
    declining.unlink()
    done(hotfix(fresh.ours, *FINISH))
    assert is_out(fresh)


@pytest.mark.fault(94)
def test_a_broken_tag(fresh: Released) -> None:
    """A broken staging tag changes nothing; a broken production tag is an error."""
    bad = fresh.ours.tag(BASE.replace("prod", "staging"))
    (fresh.ours.path / f".git/objects/{bad[:2]}/{bad[2:]}").unlink()
    done(hotfix(fresh.ours, *START, "--no-fetch"))
    fresh.ours.git("switch", "--quiet", "main")
    fresh.ours.git("branch", "--quiet", "--delete", "--force", BRANCH)
    bad = fresh.ours.git("rev-parse", f"refs/tags/{BASE}")
    (fresh.ours.path / f".git/objects/{bad[:2]}/{bad[2:]}").unlink()
    before = (fresh.ours.path / ".git/HEAD").read_bytes()
    result = hotfix(fresh.ours, *START, "--no-fetch")
    assert (result.code, BASE in result.err, "Traceback" in result.err) == (3, True, False), result
    assert (fresh.ours.path / ".git/HEAD").read_bytes() == before


# --- the remote --------------------------------------------------------------------------------


@pytest.mark.fault(95)
@pytest.mark.parametrize("ref", [MAIN, TAG_REF])
def test_a_remote_that_declines(ready: Released, ref: str) -> None:
    """If the remote declines one ref, it gets none, there is no tag here, and the next run succeeds.

    A branch that takes no pushes is a refusal of the process, with its way out: the pull request.
    """
    declining = hook(
        ready.remote, "update", f'[ "$1" = {ref} ] && echo "ask \x1b[1mops" >&2 && exit 1; exit 0'
    )
    with as_before(ready.ours), untouched(ready.remote):
        result = hotfix(ready.ours, *FINISH)
    assert (ref in result.err, "ask \\x1b[1mops" in result.err) == (True, True), result
    assert (result.code, "hotfix pr worker-mobile --run" in result.err) == (
        (3, True) if ref == MAIN else (4, False)
    )
    declining.unlink()
    done(hotfix(ready.ours, *FINISH))
    assert is_out(ready)


@pytest.mark.fault(95, 98)
def test_main_moves_after_the_tag_was_made(ready: Released) -> None:
    """Tagged, not pushed, and then main moves on: main gets a merge, and the tag is the same."""
    ready.ours.tag(TAG)  # As a run leaves it that is killed between the tag and the push.
    tag = refs(ready.ours)[TAG_REF]
    ready.move_main()
    ready.ours.git("fetch", "--quiet", "origin", "main")
    done(hotfix(ready.ours, *FINISH))
    assert refs(ready.remote)[TAG_REF] == refs(ready.ours)[TAG_REF] == tag
    ready.remote.git("merge-base", "--is-ancestor", TAG_REF, MAIN)


def test_main_moves_after_the_tag_was_made_without_a_remote(ready: Released) -> None:
    """Without a remote, a hotfix that is tagged but not merged is merged."""
    ready.ours.git("remote", "remove", "origin")
    ready.ours.tag(TAG)
    ready.ours.git("switch", "--quiet", "main")
    ready.ours.write(WEB, package("1.4.0") + "\n")
    ready.ours.commit("feat: more")
    main = ready.ours.git("rev-parse", "main")
    done(hotfix(ready.ours, *FINISH))
    tip = ready.ours.git("rev-parse", BRANCH)
    assert ready.ours.git("rev-list", "--parents", "-1", "main").split()[1:] == [main, tip]


@pytest.mark.fault(96)
def test_a_remote_without_transactions(ready: Released) -> None:
    """If the remote has no atomic pushes, nothing is pushed, not even one ref at a time."""
    ready.remote.git("config", "receive.advertiseAtomic", "false")
    with untouched(ready.remote):
        result = hotfix(ready.ours, *FINISH)
    assert (result.code, "atomic" in result.err) == (4, True), result
    ready.remote.git("config", "receive.advertiseAtomic", "true")
    done(hotfix(ready.ours, *FINISH))
    assert is_out(ready)


@pytest.mark.fault(97)
def test_tags_that_differ(fresh: Released) -> None:
    """A base that differs on the remote is refused, another such tag is reported; local tags stay."""
    staging = BASE.replace("prod", "staging")
    fresh.theirs.tag(staging)
    fresh.theirs.git("push", "--quiet", "origin", f"refs/tags/{staging}")
    fresh.ours.write("x", "x")
    fresh.ours.commit()
    ours = fresh.ours.tag(staging)
    result = done(hotfix(fresh.ours, *START))
    assert staging in result.err or refs(fresh.ours)[f"refs/tags/{staging}"] == ours
    assert refs(fresh.ours)[f"refs/tags/{staging}"] == ours
    fresh.ours.git("switch", "--quiet", "main")
    fresh.ours.git("branch", "--quiet", "--delete", BRANCH)
    fresh.ours.git("tag", "--force", "--annotate", "--message=mine", BASE, "main")
    with as_before(fresh.ours):
        assert_refused(hotfix(fresh.ours, *START), BASE, "not the same here and on")


# --- words, outputs, time ----------------------------------------------------------------------


@pytest.mark.fault(105)
def test_a_message_that_begins_with_a_number_sign(ready: Released) -> None:
    """Lines of the issue that begin with # stay in the tag's message."""
    said = ("start", PRODUCT, "--issue", "#42 crash\n# on login", "--severity", "HIGH", "--impact", "#all")
    done(hotfix(ready.ours, *said))
    done(hotfix(ready.ours, *FINISH))
    message = ready.ours.git("for-each-ref", "--format=%(contents)", TAG_REF)
    assert "#42 crash" in message
    assert "# on login" in message


HOSTILE = (
    "Crash\x1b]0;x\x07\x9b2J\u202e\u2066\r\n::set-output name=x::y\n##[error]forged\n"
    "</td><img src=x onerror=alert(1)> | $(touch canary) `touch canary` ${tag} # caf\u00e9 {tag}"
)


@pytest.mark.fault(109, 110, 111)
def test_words_of_people_are_harmless_everywhere(fresh: Released, tmp_path: Path) -> None:
    """Escapes, bidi marks, HTML, shell code and log lines in an issue are escaped everywhere."""
    log = tmp_path / "called"
    for name in ("gh", "deploy"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nprintf "%s\\0" {name} "$@" >> {log}\n')
        program.chmod(0o755)
    fresh.ours.write(
        "krow-versions.toml",
        '[products.worker-mobile]\ndeploy = ["deploy", "--tag={tag}", "$(id)", "{version}"]\n',
    )
    fresh.ours.commit("chore: configuration")
    fresh.ours.git("push", "--quiet", "origin", "main")
    fresh.ours.git("tag", "--force", "--annotate", "--message=x", BASE)
    fresh.ours.git("push", "--quiet", "--force", "origin", f"refs/tags/{BASE}")
    env: dict[str, str | None] = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    said = (
        "--issue",
        HOSTILE,
        "--severity",
        "HIGH",
        "--impact",
        HOSTILE,
        "--environment",
        "prod\x1b[2J\u202e",
    )
    shown = [done(hotfix(fresh.ours, "start", PRODUCT, *said, **env))]
    fresh.fix()
    commands: list[tuple[str, ...]] = [
        ("check", PRODUCT),
        ("pr", PRODUCT),
        ("pr", PRODUCT, "--run", "--yes"),
        ("status", PRODUCT, "--done", "approval"),
        (*FINISH, "--run"),
        ("deploy", PRODUCT),
        ("deploy", PRODUCT, "--run", "--yes"),
        ("announce", PRODUCT, "--draft"),
        ("announce", PRODUCT, "--follow-up", "--draft"),
        ("status", PRODUCT),
        ("status", PRODUCT, "--json"),
        ("report", PRODUCT),
        ("list",),
    ]
    shown += [done(hotfix(fresh.ours, *args, **env)) for args in commands]
    for result in shown:
        assert not RAW.search(result.out + result.err)
        lines = (result.out + result.err).splitlines()
        assert [line for line in lines if line.startswith(("::", "##[", "error:"))] == []
    report = done(hotfix(fresh.ours, "report", PRODUCT, **env)).out
    html = cmarkgfm.github_flavored_markdown_to_html(report)
    assert [tag for tag in ("<img", "HTML omitted", "<h2>forged") if tag in html] == []
    message = fresh.ours.git("for-each-ref", "--format=%(contents)", TAG_REF)
    assert not RAW.search(message)
    called = log.read_bytes().decode().split("\0")
    assert not RAW.search("".join(called))
    assert called[called.index("deploy") :][:4] == ["deploy", f"--tag={TAG}", "$(id)", "0.1.1"]
    assert [*fresh.ours.path.parent.rglob("canary")] == []
    kept = declaration(fresh)
    assert kept.issue == HOSTILE
    assert not RAW.search((fresh.ours.path / RECORD).read_text(encoding="utf-8"))


@pytest.mark.fault(107)
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_any_locale(fresh: Released, env: dict[str, str | None]) -> None:
    """Texts beyond ASCII are kept and pushed in any locale."""
    said = ("start", PRODUCT, "--issue", "Zażółć 漢 🚨", "--severity", "HIGH", "--impact", "alle")
    done(hotfix(fresh.ours, *said, **env))
    fresh.fix()
    approve(fresh.ours.path, PRODUCT)
    for args in (
        FINISH,
        ("announce", PRODUCT, "--draft"),
        ("status", PRODUCT),
        ("report", PRODUCT),
        ("list",),
    ):
        assert "Traceback" not in done(hotfix(fresh.ours, *args, **env)).err
    assert is_out(fresh)
    assert "Zażółć 漢 🚨" in fresh.ours.git("for-each-ref", "--format=%(contents)", TAG_REF)


@pytest.mark.fault(108)
@pytest.mark.parametrize("output", [">&-", ">/dev/full", ">&- 2>&-", "<&- >&- 2>&-", "| true"])
def test_output_that_fails(fresh: Released, output: str) -> None:
    """With a closed, full or broken output the work is done and its exit code kept."""
    result = shell(f'set -o pipefail; $KV hotfix "$@" {output}', *START, cwd=fresh.ours.path)
    assert (result.code, "Traceback" in result.err) == (0, False), result
    assert (fresh.ours.path / RECORD).exists()
    fresh.fix()
    approve(fresh.ours.path, PRODUCT)
    result = shell(f'set -o pipefail; $KV hotfix "$@" {output}', *FINISH, cwd=fresh.ours.path)
    assert (result.code, "Traceback" in result.err) == (0, False), result
    assert is_out(fresh)


@pytest.mark.fault(112)
def test_passwords_are_neither_shown_nor_kept(ready: Released) -> None:
    """User and password of the remote's URL are in no output, no record and no report."""
    ready.ours.git("remote", "set-url", "origin", "https://robot:p%40ss-word@localhost:1/krow.git")
    shown = []
    for args in (
        (*START, "--no-fetch"),
        START,
        ("status", PRODUCT),
        ("status", PRODUCT, "--json"),
        ("pr", PRODUCT, "--run", "--yes"),
        FINISH,
        (*FINISH, "--no-fetch"),
        ("report", PRODUCT),
        ("list", "--json"),
        ("--debug", *FINISH),
    ):
        result = hotfix(ready.ours, *args)
        assert result.code in {0, 2, 4}, result
        shown.append(result.out + result.err)
    folder = (ready.ours.path / RECORD).parent
    shown += [file.read_text() for file in folder.iterdir() if file.is_file()]
    assert [text for text in shown if "p%40ss" in text or "robot" in text or "p@ss" in text] == []


@pytest.mark.fault(113)
@pytest.mark.parametrize(
    ("zone", "offset"), [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11), ("UTC", 0)]
)
def test_times_carry_a_zone(ready: Released, zone: str, offset: int) -> None:
    """In any time zone, the record says the same moment, with its offset."""
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    done(hotfix(ready.ours, *START, "--detected", "2026-01-02T03:04", TZ=zone))
    kept = declaration(ready)
    started = kept.started
    assert started.utcoffset() == dt.timedelta(hours=offset)
    assert before <= started.astimezone(dt.UTC) <= dt.datetime.now(dt.UTC)
    assert kept.detected is not None
    assert kept.detected.isoformat().startswith("2026-01-02T03:04:00")
    assert kept.detected.utcoffset() == dt.timedelta(hours=offset)
    for other in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        listed = done(hotfix(ready.ours, "list", "--json", TZ=other)).data["hotfixes"]
        assert [dt.datetime.fromisoformat(each["declared"]) for each in listed] == [started]
        done(hotfix(ready.ours, "status", PRODUCT, "--done", "review", TZ=other))
    ticked = recorded(ready).ticks["review"].at
    assert ticked.utcoffset() == dt.timedelta(hours=14)


CHANGES = {
    "2026-03-29T02:30": ("was never", "2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00"),
    "2025-10-26T02:30": ("was twice", "2025-10-26T02:30+02:00", "2025-10-26T02:30+01:00"),
}


@pytest.mark.fault(113)
@pytest.mark.parametrize("moment", CHANGES)
def test_hours_that_are_missing_or_twice(ready: Released, moment: str) -> None:
    """A time in the gap or the fold of summer time is refused, and both that it can be are named."""
    why, *named = CHANGES[moment]
    with untouched(ready.ours):
        said = hotfix(ready.ours, *START, "--detected", moment, TZ="Europe/Berlin")
    assert_refused(said, f"--detected: in the time zone of this machine '{moment}' {why}", code=2)
    assert all(each in said.err for each in named)
    done(hotfix(ready.ours, *START, "--detected", named[1], TZ="Europe/Berlin"))
    assert declaration(ready).detected == dt.datetime.fromisoformat(named[1])
    with untouched(ready.ours):
        said = hotfix(ready.ours, "status", PRODUCT, "--done", "review", "--at", moment, TZ="Europe/Berlin")
    assert_refused(said, f"--at: in the time zone of this machine '{moment}' {why}", code=2)


MOMENTS = (
    ("2026-03-29 10:00+02:00", "2026-03-28T02:30", "2026-03-28 02:30+01:00"),
    ("2026-03-29 01:10+01:00", "02:30", "2026-03-28 02:30+01:00"),
    ("2026-10-25 02:40+02:00", "02:30", "2026-10-25 02:30+02:00"),
    ("2026-03-05 00:30+01:00", "23:20Z", "2026-03-04 23:20+00:00"),
    ("2026-03-04 20:00-05:00", "00:50Z", "2026-03-05 00:50+00:00"),
)


@pytest.mark.parametrize(("now", "text", "moment"), MOMENTS)
def test_a_time_is_the_last_such_one(
    monkeypatch: pytest.MonkeyPatch, now: str, text: str, moment: str
) -> None:
    """A time without a day is the last such moment; one that is to come is not in question."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        found = past_moment("--at", text, dt.datetime.fromisoformat(now))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == dt.datetime.fromisoformat(moment)
