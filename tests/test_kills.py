"""Commands of a hotfix that are killed with their git at any moment, and what the next run makes of it (93).

Nothing but real processes: the whole of a run is killed, as by a power cut, and the next one is another
process. After each kill no tag is here that the remote lacks, and doing what is said leads to the end.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest

from support.commands import assert_refused, done
from support.effort import LONG
from support.kills import followed, killed, length
from support.repositories import Repo, executable, refs
from support.scenes import BASE, BRANCH, DECLARED, NAME, TAG, Scene, copy, fill, fix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.child import Result

HEADS, TAG_REF, MAIN = "refs/heads/", f"refs/tags/{TAG}", "refs/heads/main"
FILES = 300 if LONG else 12
START = ("hotfix", "start", NAME, *DECLARED)
FINISH = ("hotfix", "finish", NAME, "--yes")


def make(folder: Path) -> Scene:
    """A main that has changed, removed and added many files since the release."""
    remote, ours = Repo(folder / "remote.git", bare=True), Repo(folder / "krow")
    for number in range(FILES):
        ours.write(f"wide/{number:03}.txt", f"{number} of the release\n" * 50)
    fill(ours)
    ours.git("remote", "add", "origin", remote.path.as_uri())
    ours.git("push", "--quiet", "--tags", "--set-upstream", "origin", "main")
    for number in range(FILES):
        if number % 3:
            ours.write(f"wide/{number:03}.txt", f"{number} of main\n" * 60)
        else:
            (ours.path / f"wide/{number:03}.txt").unlink()
            ours.write(f"wide/{number:03}-new.txt", f"{number} is new\n")
    ours.commit("feat: much")
    ours.git("push", "--quiet", "origin", "main")
    ours.write("mine.txt", "not tracked\n")
    ours.write(".git/info/exclude", "mine.txt\n")
    return Scene(ours, remote, folder / "bin")


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A hotfix that is not begun, is started, and is ready to be finished."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("fresh", "begun", "ready")}
    scene = make(folders["fresh"])
    scene = copy(folders["fresh"], folders["begun"])
    done(scene.run(*START))
    scene = copy(folders["begun"], folders["ready"])
    fix(scene.ours)
    done(scene.run("bump-patch", NAME, "-m", "Crash on login", "--date", "2026-03-05"))
    scene.ours.git("add", "--all", "apps")
    scene.ours.git("commit", "--quiet", "--message", "chore: version")
    scene.approve()
    return folders


def is_started(scene: Scene) -> bool:
    """On the branch, with exactly the files of the release, and declared."""
    head = scene.ours.git("symbolic-ref", "HEAD")
    changed = scene.ours.git("status", "--porcelain")
    return (head, changed) == (HEADS + BRANCH, "") and "issue" in scene.record()


def is_finished(scene: Scene) -> bool:
    """Tagged at the tip, here and there; main here and there contain it."""
    here, there = refs(scene.ours), refs(scene.remote)
    tip = scene.ours.git("rev-parse", f"{TAG_REF}^{{commit}}")
    scene.remote.git("merge-base", "--is-ancestor", tip, MAIN)
    return (here[TAG_REF], here[MAIN]) == (there[TAG_REF], there[MAIN])


def is_bumped(scene: Scene) -> bool:
    return "0.1.1" in (scene.ours.path / "apps/mobile/apps/staff/pubspec.yaml").read_text()


def is_pushed(scene: Scene) -> bool:
    return bool(scene.there(HEADS + BRANCH) or scene.there(TAG_REF))


@attrs.frozen
class Campaign:
    """A command, from which state it is run, what holds at its end, and how often it is killed."""

    args: tuple[str, ...]
    state: str
    holds: Callable[[Scene], bool]
    kills: int
    ends: tuple[int, ...] = (0,)


CAMPAIGNS = {
    "start": Campaign(START, "fresh", is_started, 150 if LONG else 2),
    "finish": Campaign(FINISH, "ready", is_finished, 150 if LONG else 2),
    "next": Campaign(  # Where it was done before the kill, the step after it may need people.
        ("hotfix", "next", NAME, "--yes"), "ready", is_pushed, 30, (0, 3)
    ),
    "bump": Campaign(("bump-patch", NAME, "-m", "Crash on login"), "begun", is_bumped, 30),
    "amend": Campaign(
        ("hotfix", "amend", NAME, "--severity", "high"),
        "begun",
        lambda scene: scene.record()["severity"].name == "HIGH",
        30,
    ),
    "abandon": Campaign(
        ("hotfix", "abandon", NAME, "--reason", "no fault", "--yes"),
        "begun",
        lambda scene: "abandoned" in done(scene.hotfix("status")).out,
        30,
    ),
    "tick": Campaign(
        ("hotfix", "status", NAME, "--done", "review"), "ready", lambda scene: "done" in scene.record(), 30
    ),
}


def run_on(scene: Scene, args: tuple[str, ...], ends: tuple[int, ...] = (0,)) -> tuple[Result, int]:
    """Run a command as often as its words ask for it, and do what they say; give its end, and how often."""
    for number in range(1, 6):
        result = scene.run(*args)
        assert "Traceback" not in result.err
        removed = followed(result.err)
        if result.code in ends and not removed:
            return result, number
        assert removed, result
    raise AssertionError(result)


def require_honest_tags(scene: Scene) -> None:
    """No tag is here that the remote lacks; it has one only with a main that contains it."""
    here, there = refs(scene.ours), refs(scene.remote)
    assert here.get(TAG_REF) in {None, there.get(TAG_REF)}
    if TAG_REF in there:
        scene.remote.git("merge-base", "--is-ancestor", f"{TAG_REF}^{{commit}}", MAIN)


@pytest.mark.parametrize("name", CAMPAIGNS if LONG else ["start", "finish"])
def test_killed_at_any_moment(
    wide: dict[str, Path], tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    """At moments spread over the whole run: the next runs say what stands in the way, and end well."""
    campaign = CAMPAIGNS[name]
    whole = length(copy(wide[campaign.state], tmp_path / "whole").ours.path, campaign.args)
    interrupted = named = 0
    for number in range(campaign.kills):
        folder = tmp_path / f"{number}"
        scene = copy(wide[campaign.state], folder)
        after = whole * (0.2 + 0.85 * (number + 0.5) / campaign.kills)
        interrupted += killed(scene.ours.path, campaign.args, after)
        require_honest_tags(scene)
        _, runs = run_on(scene, campaign.args, campaign.ends)
        named += runs > 1
        require_honest_tags(scene)
        assert campaign.holds(scene), number
        assert (scene.ours.path / "mine.txt").read_text() == "not tracked\n"
        shutil.rmtree(folder)
    words = f"{name}: {interrupted} of {campaign.kills} kills before the end; a lock was named after {named}"
    record_property("summary", words)


# The filter that a file passes when git writes it: the program dies with its git.
KILLER = """\
#!/bin/sh
leader=$(cut -d' ' -f5 /proc/self/stat)
kill -9 $(cut -d' ' -f4 /proc/$leader/stat) -$leader
"""


def kill_while_switching(scene: Scene, path: str) -> None:
    """Kill a start when git is about to write one of its files."""
    attributes = scene.ours.path / ".git/info/attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(f"{path} filter=killer\n")
    scene.ours.git("config", "filter.killer.smudge", str(executable(scene.ours.path / ".git/killer", KILLER)))
    assert scene.run(*START).code == -9
    attributes.unlink()
    scene.ours.git("config", "--remove-section", "filter.killer")


@pytest.mark.parametrize("number", [1, 5, 11])
def test_a_start_killed_in_the_middle_of_its_switch(
    wide: dict[str, Path], tmp_path: Path, number: int
) -> None:
    """The next run, another process, names the lock; without it the same command completes the switch."""
    scene = copy(wide["fresh"], tmp_path)
    kill_while_switching(scene, f"wide/{number:03}.txt")
    assert scene.ours.git("symbolic-ref", "HEAD") == MAIN
    lock = scene.ours.path / ".git/index.lock"
    blocked = scene.run(*START)
    assert (blocked.code, ".git/index.lock" in blocked.err, " since " in blocked.err) == (4, True, True), (
        blocked
    )
    assert followed(blocked.err) == [lock]
    shown = done(scene.run(*START, "--dry-run"))
    assert f"git restore --source={BRANCH} --staged --worktree -- " in shown.out
    result = done(scene.run(*START))
    assert "an earlier switch was killed half-way" in result.err
    assert is_started(scene)
    assert refs(scene.ours)[HEADS + BRANCH] == scene.ours.git("rev-parse", f"{BASE}^{{commit}}")


def test_an_edit_beside_a_killed_switch(wide: dict[str, Path], tmp_path: Path) -> None:
    """What somebody edits after the kill is named, and only that; when it is put aside, the start goes on."""
    scene = copy(wide["fresh"], tmp_path)
    kill_while_switching(scene, "wide/007.txt")
    os.unlink(scene.ours.path / ".git/index.lock")
    edited, in_the_way = scene.ours.path / "wide/010.txt", scene.ours.path / "wide/009.txt"
    edited.write_text("mine\n")
    in_the_way.write_text("mine, too\n")
    refused = scene.run(*START)
    assert_refused(refused, "killed half-way", "wide/010.txt", "wide/009.txt")
    assert "wide/005.txt" not in refused.err
    assert (edited.read_text(), in_the_way.read_text()) == ("mine\n", "mine, too\n")
    scene.ours.git("restore", "--source=HEAD", "--staged", "--worktree", "--", "wide/010.txt")  # As it says.
    in_the_way.rename(tmp_path / "elsewhere")
    done(scene.run(*START))
    assert is_started(scene)
