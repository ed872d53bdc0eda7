"""The gates of the fix, in real repositories: what the branch holds, and what git itself wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.commands import assert_refused, done
from support.krow import STAFF, package, pubspec
from support.releases import BASE, CHANGELOG, FIX, FIXED, FOLDER, PRODUCT, Released
from support.repositories import Repo
from support.scenes import Scene
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORM = FIX.partition("\n\n")[2]
ROW = "| 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |\n"


@pytest.fixture
def world(tmp_path: Path) -> Released:
    """On a hotfix branch without a commit."""
    made = Released.make(tmp_path)
    made.start_by_hand()
    return made


def versions(world: Released, more: str = "", *, changelog: bool = True) -> None:
    """Commit version and CHANGELOG row, and *more* in the version file."""
    world.ours.write(STAFF, pubspec("0.1.1+6") + more)
    text = (world.ours.path / CHANGELOG).read_text()
    if changelog:
        world.ours.write(CHANGELOG, text.replace("|---|---|---|\n", f"|---|---|---|\n{ROW}"))
    world.ours.commit("chore: 0.1.1")


def code(world: Released, message: str = FIX) -> None:
    world.ours.write(FIXED, "if (ready) login()\n")
    world.ours.commit(message)


def gates(world: Released) -> dict[str, tuple[str, str, str]]:
    found = kv.Workspace.open(world.ours.path).hotfix(PRODUCT).gates()
    return {gate.id: (gate.verdict, gate.found, gate.todo) for gate in found}


def fix_never_added(world: Released) -> None:
    """The new file of the fix was never added: `git commit --all` leaves it out."""
    world.ours.git("commit", "--quiet", "--allow-empty", f"--message={FIX}")
    versions(world)


def only_layout(world: Released) -> None:
    world.ours.git("commit", "--quiet", "--allow-empty", f"--message={FIX}")
    versions(world, "\n# a comment\n")


def only_a_lock(world: Released) -> None:
    world.ours.write(f"{FOLDER}/pubspec.lock", "packages: {}\n")
    world.ours.commit(FIX)
    versions(world)


def a_dependency(world: Released) -> None:
    world.ours.git("commit", "--quiet", "--allow-empty", f"--message={FIX}")
    versions(world, "dependencies:\n  http: 1.2.1\n")


def a_binary(world: Released) -> None:
    world.ours.write(f"{FOLDER}/logo.png", b"\0\1")
    world.ours.commit(FIX)
    versions(world)


def a_mode(world: Released) -> None:
    (world.ours.path / FIXED).chmod(0o755)
    world.ours.commit(FIX)
    versions(world)


def a_deletion(world: Released) -> None:
    world.ours.git("rm", "--quiet", FIXED)
    world.ours.commit(FIX)
    versions(world)


def both(world: Released) -> None:
    code(world)
    versions(world)


@pytest.mark.parametrize(
    ("make", "verdict", "says"),
    [
        (fix_never_added, "failed", f"nothing is changed but versions and CHANGELOG: {CHANGELOG}, {STAFF}"),
        (only_layout, "failed", "nothing is changed but versions and CHANGELOG"),
        (only_a_lock, "warning", f"only locks are changed: {FOLDER}/pubspec.lock"),
        (a_dependency, "passed", STAFF),
        (a_binary, "passed", f"{FOLDER}/logo.png"),
        (a_mode, "passed", FIXED),
        (a_deletion, "passed", FIXED),
        (both, "passed", FIXED),
    ],
)
def test_a_fix_holds_more_than_versions(
    world: Released, make: Callable[[Released], None], verdict: str, says: str
) -> None:
    """What only raises versions and adds its row is no fix; a dependency beside the version is one."""
    make(world)
    found = gates(world)["holds-fix"]
    assert (found[0], says in found[1]) == (verdict, True), found


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [("", "failed"), (', "dependencies": {"x": "1"}', "passed")],
    ids=["version", "more"],
)
def test_a_package_json_and_its_lock(world: Released, lines: str, verdict: str) -> None:
    """Two version files, one of them a lock, hold a fix only if more than their versions differ."""
    base = "krow-withus-web/prod-v1.4.0"
    world.ours.git("switch", "--quiet", "--create", "hotfix/krow-withus-web-v1.4.1", f"refs/tags/{base}")
    text = json.loads(package("1.4.1")) | json.loads("{" + lines.lstrip(", ") + "}")
    world.ours.write("apps/web/package.json", json.dumps(text, indent=4))
    world.ours.commit(FIX)
    found = {gate.id: gate for gate in kv.Workspace.open(world.ours.path).hotfix("web").gates()}
    assert found["holds-fix"].verdict == verdict, found["holds-fix"]


def test_a_fix_that_was_never_added_stops_everything(world: Released) -> None:
    """`check` exits 1, `pr --run` and `finish` refuse, and nothing is changed; they say what was left out."""
    scene = Scene(world.ours, world.remote, world.ours.path)
    world.ours.write(f"{FOLDER}/lib/new.dart", "fixed()\n")
    world.ours.write(".git/info/exclude", "krow-versions.toml\n")
    world.ours.git("commit", "--quiet", "--allow-empty", f"--message={FIX}")
    world.ours.write(STAFF, pubspec("0.1.1+6"))
    text = (world.ours.path / CHANGELOG).read_text()
    world.ours.write(CHANGELOG, text.replace("|---|---|---|\n", f"|---|---|---|\n{ROW}"))
    world.ours.git("commit", "--quiet", "--all", "--message=chore: 0.1.1")
    scene.approve()
    check = scene.hotfix("check")
    assert check.code == 1
    assert "nothing is changed but versions and CHANGELOG" in check.out
    assert f"not known to git: {FOLDER}/lib/new.dart" in check.out
    with as_before(world.ours), untouched(world.remote):
        shown = done(scene.hotfix("pr"))
        for args in (("pr", "--run", "--yes"), ("finish", "--yes")):
            refused = scene.hotfix(*args)
            assert refused.code == 3
            assert f"not known to git: {FOLDER}/lib/new.dart" in refused.err
            assert f"krow-versions hotfix check {PRODUCT}" in refused.err
    assert f"not known to git: {FOLDER}/lib/new.dart" in shown.err


# --- new files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prepare", "verdict"),
    [
        (lambda repo: repo.write(f"{FOLDER}/lib/new.dart", ""), "failed"),
        (lambda repo: repo.write(f"{FOLDER}/build/app.apk", ""), "failed"),
        (lambda repo: repo.write("notes.txt", ""), "passed"),
        (lambda repo: repo.write("apps/web/new.ts", ""), "passed"),
        (
            lambda repo: [repo.write(f"{FOLDER}/build/x", ""), repo.write(".git/info/exclude", "build/\n")],
            "passed",
        ),
        (
            lambda repo: [repo.write(f"{FOLDER}/new.dart", ""), repo.git("switch", "--quiet", "main")],
            "passed",
        ),
        (
            lambda repo: [
                repo.write(f"{FOLDER}/new.dart", ""),
                repo.git("config", "status.showUntrackedFiles", "no"),
            ],
            "failed",
        ),
    ],
    ids=["code", "artefact", "outside", "other product", "ignored", "another branch", "not shown"],
)
def test_a_new_file_in_the_product_is_added_or_ignored(
    world: Released, prepare: Callable[[object], object], verdict: str
) -> None:
    """A file of the product that git does not know fails, unless it is ignored or the branch is not here."""
    both(world)
    prepare(world.ours)
    found = gates(world)["clean"]
    assert (found[0], ".git/info/exclude" in found[2]) == (verdict, verdict == "failed"), found


# --- messages that git wrote -----------------------------------------------------------------------------


def broken(world: Released) -> str:
    """Release another version, in which a feature broke something; give the commit of the feature."""
    repo = world.ours
    repo.git("switch", "--quiet", "--detach", f"refs/tags/{BASE}")
    repo.write(FIXED, "broken()\n")
    feature = repo.commit("feat: a new login")
    repo.write(STAFF, pubspec("0.2.0+6"))
    repo.commit("chore: 0.2.0")
    repo.tag(BASE.replace("0.1.0", "0.2.0"))
    repo.git("switch", "--quiet", "--create", "hotfix/krow-withus-worker-mobile-v0.2.1")
    return feature


@pytest.mark.parametrize("form", [False, True], ids=["as git wrote it", "with its form"])
def test_a_revert_is_a_fix(world: Released, form: bool) -> None:
    """`git revert` of what broke production is the fix; its message may say more than git wrote."""
    feature = broken(world)
    world.ours.git("revert", "--no-edit", feature)
    if form:
        text = world.ours.git("log", "-1", "--format=%B")
        world.ours.git("commit", "--quiet", "--amend", f"--message={text}\n\n{FORM}")
    found = gates(world)
    assert found["one-fix"][0] == "passed", found
    assert found["holds-fix"][0] == "passed"
    verdict, said, todo = found["commit-message"]
    assert verdict == ("passed" if form else "warning")
    assert form or (said.endswith("lacks HOTFIX for production, Issue:, Solution:, Tested:, as git wrote it"))
    assert form or todo == "git commit --amend"


@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("body", ["Issue: Nobody can log in", "Tested: By hand"], ids=["issue", "none"])
def test_a_message_that_is_pushed_is_completed_by_more_commits(
    world: Released, body: str, above: int
) -> None:
    """What the gate says leads to gates that pass, and to a branch that the remote can take."""
    repo = world.ours
    code(world, f"fix: Crash on login\n\n{body}")
    if above:
        versions(world)
    repo.git("push", "--quiet", "origin", "HEAD")
    if not above:
        versions(world)  # Not pushed.
    verdict, _, todo = gates(world)["commit-message"]
    assert verdict == "failed"
    assert "--amend" not in todo
    assert "rebase" not in todo
    commands = todo.partition(": git ")[2]
    whole = f"--message=fix: Crash on login\n\n{FORM}"
    for command in f"git {commands}".split(" && "):
        args = command.split()[1:]
        repo.git(*args, *([whole] if args[0] == "commit" else []))
    found = gates(world)
    assert (found["commit-message"][0], found["one-fix"][0]) == ("passed", "passed"), found
    repo.git("push", "--quiet", "origin", "HEAD")


def test_a_message_that_is_not_pushed_is_written_again(world: Released) -> None:
    """Where the remote has the branch without the fix, an amend is enough."""
    versions(world)
    world.ours.git("push", "--quiet", "origin", "HEAD")
    code(world, "fix: Crash on login")
    assert gates(world)["commit-message"][2] == "git commit --amend"


def test_a_revert_within_the_branch_is_no_fix(world: Released) -> None:
    """A fix and its revert are none; reverted once more, or written anew, it is one."""
    repo = world.ours
    code(world)
    first = repo.git("rev-parse", "HEAD")
    repo.git("revert", "--no-edit", "HEAD")
    found = gates(world)
    assert [found[each][:2] for each in ("one-fix", "holds-fix")] == [
        ("failed", "there is no fix: commit"),
        ("failed", "nothing is changed"),
    ]
    repo.git("revert", "--no-edit", "HEAD")
    found = gates(world)
    assert [found[each][0] for each in ("one-fix", "holds-fix", "commit-message")] == ["passed"] * 3
    assert first[:12] in found["one-fix"][1]
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    code(world, FIX.replace("Nobody can log in", "Another issue"))
    assert gates(world)["one-fix"][0] == "passed"


def test_no_message_hides_a_feature(world: Released) -> None:
    """A commit counts as a revert by its subject; words in the body of a feature change nothing."""
    code(world)
    world.ours.write(FIXED, "feature()\n")
    world.ours.commit(f"feat: y\n\nThis reverts commit {world.ours.git('rev-parse', 'HEAD')}.\n")
    assert gates(world)["one-fix"][0] == "failed"


@pytest.mark.parametrize(
    ("original", "here", "verdict", "says"),
    [
        (FIX, True, "passed", "crash on login"),
        ("fix: crash on login", True, "warning", "lacks HOTFIX for production, Issue:"),
        (FIX, False, "warning", "or it is not here"),
    ],
    ids=["whole", "without a form", "unknown"],
)
def test_a_picked_commit_has_the_body_of_its_origin(
    world: Released, original: str, here: bool, verdict: str, says: str
) -> None:
    """`git cherry-pick -x` names the origin: its parts of the message count where it is known here."""
    repo = world.ours
    branch = repo.git("symbolic-ref", "--short", "HEAD")
    repo.git("switch", "--quiet", "main")
    code(world, original)
    origin = repo.git("rev-parse", "HEAD")
    repo.git("switch", "--quiet", branch)
    repo.git("cherry-pick", "-x", origin)
    named = origin if here else "1" * 40
    subject = "fix: crash on login, for 0.1"
    repo.git("commit", "--quiet", "--amend", f"--message={subject}\n\n(cherry picked from commit {named})")
    versions(world)
    found = gates(world)
    assert (found["commit-message"][0], says in found["commit-message"][1]) == (verdict, True), found
    assert found["one-fix"][0] == "passed"
    view = kv.Workspace.open(repo.path).hotfix(PRODUCT)
    _, body = view.pull_request()
    assert ("Nobody can log in" in body) == (verdict == "passed")


def test_a_picked_message_may_name_anything(world: Released) -> None:
    """An id of a blob, of nothing, or zeros in such a line: the gates judge, and nothing fails."""
    blob = world.ours.git("rev-parse", f"HEAD:{FIXED}")
    lines = "\n".join(f"(cherry picked from commit {each})" for each in (blob, "0" * 40, "f" * 64, "e" * 40))
    code(world, f"fix: crash\n\n{lines}\n")
    assert gates(world)["commit-message"][0] == "warning"


def test_a_product_without_a_changelog_is_warned(tmp_path: Path) -> None:
    """Where a product has no CHANGELOG, that is a warning, and the hotfix can be finished."""
    world = Released.make(tmp_path)
    world.ours.git("rm", "--quiet", CHANGELOG)
    world.ours.commit("chore: no CHANGELOG")
    world.ours.git("tag", "--force", "--annotate", "--message=x", BASE)
    world.ours.git("push", "--quiet", "--force", "origin", "main", f"refs/tags/{BASE}")
    world.start_by_hand()
    code(world)
    world.ours.write(STAFF, pubspec("0.1.1+6"))
    world.ours.commit("chore: 0.1.1")
    found = gates(world)
    assert found["changelog"][:2] == ("warning", f"{PRODUCT} has no CHANGELOG")
    assert {verdict for verdict, *_ in found.values()} == {"passed", "warning"}
    scene = Scene(world.ours, world.remote, world.ours.path)
    done(scene.hotfix("check"))
    scene.approve()
    done(scene.hotfix("finish", "--yes"))


def test_finish_refuses_and_names_everything(world: Released) -> None:
    """All gates that fail are named at once."""
    scene = Scene(world.ours, world.remote, world.ours.path)
    world.ours.write(f"{FOLDER}/new.dart", "")
    world.ours.git("commit", "--quiet", "--allow-empty", "--message=feat: x")
    with as_before(world.ours), untouched(world.remote):
        refused = scene.hotfix("finish", "--yes")
    assert_refused(refused, "nothing is changed", "not known to git", "no part of a hotfix")


def test_our_own_configuration_is_no_part_of_a_fix(tmp_path: Path) -> None:
    """In a repository that is one product, its own new `krow-versions.toml` does not stop a hotfix."""
    repo = Repo(tmp_path / "app")
    repo.write("VERSION", "0.1.0\n")
    repo.commit("feat: first")
    repo.tag("app/prod-v0.1.0")
    repo.write("krow-versions.toml", '[products.app]\nfiles = ["VERSION"]\n')
    repo.git("switch", "--quiet", "--create", "hotfix/app-v0.1.1")
    repo.write("app.py", "fixed()\n")
    view = kv.Workspace.open(repo.path).hotfix("app")
    assert view.facts().untracked == ("app.py",)
