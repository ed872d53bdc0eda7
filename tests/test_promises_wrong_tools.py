"""Each check of the machine of the promises finds a wrong tool: one that does a little more, or less.

The command runs as it is; then the world is changed as a wrong tool would have changed it, before it is seen.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import attrs
import pytest

from support.machine_promises import idempotent, is_data, judge, no_fix_is_passed
from support.machine_reading import PRODUCTS
from support.machine_runs import Picture, run
from support.machine_settled import settle
from support.machine_world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.machine_reading import Product
    from support.machine_runs import Deed

WORKER, CLIENT, WEB, BACKEND = PRODUCTS
BUMP, BUILD = ("bump-patch", "worker-mobile"), ("bump-build", "worker-mobile")
START = ("hotfix", "start", "worker-mobile", "--issue", "x", "--severity", "high", "--impact", "x", "--yes")
FINISH = ("hotfix", "finish", "worker-mobile", "--yes")
REPO, SERVER = ("ann", "mobile"), "mobile"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("wrong") / "released")


@pytest.fixture
def world(released: World, tmp_path: Path) -> World:
    return released.copied(tmp_path / "world")


def wrongly(
    world: World, args: tuple[str, ...], change: Callable[[World], object], code: int | None = None
) -> Deed:
    """Run a command of Ann, and then do what a wrong tool would have done, too."""
    deed = run(world, "ann", *args)
    change(world)
    result = attrs.evolve(deed.result, code=deed.code if code is None else code)
    return attrs.evolve(deed, result=result, after=Picture.of(world))


def rewrites(old: bytes, new: bytes, path: str = WORKER.files[0]) -> Callable[[World], object]:
    """What replaces some bytes of a file of Ann's clone of mobile."""

    def change(world: World) -> None:
        file = world.clones[REPO].path / path
        assert old in file.read_bytes()
        file.write_bytes(file.read_bytes().replace(old, new))

    return change


def git(*args: str, there: bool = False) -> Callable[[World], object]:
    """What runs git in Ann's clone of mobile, or on the server."""
    return lambda world: (world.remotes[SERVER] if there else world.clones[REPO]).git(*args)


def leaves(name: str) -> Callable[[World], object]:
    return lambda world: world.clones[REPO].write(name, "left\n")


def ships(world: World, product: Product, version: str) -> None:
    """Ann ships a fix from a branch that nobody has merged."""
    repo = world.repo("ann", product)
    repo.git("switch", "--quiet", "--create", "side")
    world.fix("ann", product)
    world.write_version("ann", product, version)
    repo.commit("chore: version")
    repo.git("push", "--quiet", "origin", f"HEAD:{product.tag(version.partition('+')[0])}")


TAGGED = f"{WORKER.slug}/prod-v0.1.1"
WRONG: dict[str, tuple[int, tuple[str, ...], Callable[[World], object], int | None]] = {
    "raises MINOR": (1, BUMP, rewrites(b"0.1.1+6", b"0.2.0+6"), None),
    "raises PATCH with the build": (1, BUILD, rewrites(b"version: 0.1.0+6", b"version: 0.1.1+6"), None),
    "starts a MINOR": (1, START, git("branch", f"hotfix/{WORKER.slug}-v0.2.0"), None),
    "ships a MINOR": (1, FINISH, git("tag", f"{WORKER.slug}/prod-v0.2.0", "main", there=True), None),
    "loses CR": (3, BUMP, rewrites(b"\r\n", b"\n"), None),
    "changes another place": (3, BUMP, rewrites(b"other: 0.1.0+5", b"other: 0.1.1+6"), None),
    "prints a CHANGELOG anew": (
        3,
        (*BUMP, "-m", "x"),
        rewrites(b"| First |", b"| First  |", WORKER.log),
        None,
    ),
    "writes a file that is no version file": (
        3,
        BUMP,
        rewrites(b"login", b"logout", f"{WORKER.code}/login"),
        None,
    ),
    "changes a mode": (3, BUMP, lambda world: (world.clones[REPO].path / WORKER.files[0]).chmod(0o700), None),
    "makes a file": (3, BUMP, leaves("new.txt"), None),
    "skips a file": (
        4,
        ("bump-patch", "web"),
        lambda world: world.write_version("ann", WEB, "1.4.0", 1),
        None,
    ),
    "writes and fails": (5, BUMP, lambda _: None, 3),
    "moves a branch and fails": (5, FINISH, git("commit", "--quiet", "--allow-empty", "--message=x"), None),
    "lowers a build": (6, BUMP, rewrites(b"0.1.1+6", b"0.1.1+5"), None),
    "keeps a build": (6, BUILD, rewrites(b"0.1.0+6 ", b"0.1.0+05 "), None),
    "deletes a ref": (
        9,
        START,
        git("update-ref", "-d", f"refs/tags/{WORKER.slug}/prod-v0.1.0", there=True),
        None,
    ),
    "forces a tag": (9, START, git("tag", "--force", f"{WORKER.slug}/prod-v0.1.0", "main", there=True), None),
    "forces main": (
        9,
        START,
        lambda world: world.remotes[SERVER].git(
            "update-ref",
            "refs/heads/main",
            world.remotes[SERVER].git("commit-tree", "main^{tree}", "-m", "x"),
        ),
        None,
    ),
    "ships what nobody approved": (9, FINISH, lambda world: ships(world, WORKER, "0.1.1+6"), 0),
    "keeps a tag that was refused": (9, FINISH, git("tag", TAGGED), None),
    "pushes with a bump": (9, BUMP, git("branch", "x", "main", there=True), None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_tool_is_found(world: World, name: str) -> None:
    """What breaks a promise is found by the check of that promise, and by none before it."""
    number, args, change, code = WRONG[name]
    if name == "ships a MINOR":
        world.approved[WORKER.name].add(world.remotes[SERVER].git("rev-parse", "main"))
    with pytest.raises(AssertionError, match=rf"^{number}\. "):
        judge(world, wrongly(world, args, change, code))


def test_a_tool_that_says_nothing_of_what_is_broken_is_found(world: World) -> None:
    """4. Exit code 0 although a file cannot be read."""
    world.breaks("ann", WEB, 0, "no syntax")
    with pytest.raises(AssertionError, match=r"^4\. "):
        judge(world, wrongly(world, ("bump-patch", "web"), lambda _: None, 0))


def test_a_tool_that_bumps_past_production_is_found(world: World) -> None:
    """8. The PATCH of an older release, where production is further."""
    other = world.clones[REPO].git("commit-tree", "HEAD^{tree}", "-m", "x")
    world.clones[REPO].tag(f"{WORKER.slug}/prod-v0.1.1", other)
    deed = wrongly(world, BUMP, lambda world: world.write_version("ann", WORKER, "0.1.1+6"), 0)
    with pytest.raises(AssertionError, match=r"^8\. "):
        no_fix_is_passed(deed)


def test_a_tool_that_writes_again_is_found(world: World) -> None:
    """2. The same bytes, written once more."""
    first = run(world, "ann", *BUMP)
    second = wrongly(world, BUMP, rewrites(b"0.1.1+6", b"0.1.1+6"))
    with pytest.raises(AssertionError, match=r"^2\. "):
        idempotent(first, second)


@pytest.mark.parametrize("change", [leaves("x"), rewrites(b"0.1.0+5", b"0.1.1+6"), git("tag", "x")])
def test_a_dry_run_that_does_something_is_found(world: World, change: Callable[[World], object]) -> None:
    """7. A file, a version or a ref."""
    shown = wrongly(world, (*BUMP, "-n", "--json"), change)
    with pytest.raises(AssertionError, match=r"^7\. "):
        is_data(shown, run(world, "ann", *BUMP))


def test_a_run_that_does_something_else_than_was_shown_is_found(world: World) -> None:
    """7. Another build than in the plan."""
    shown = run(world, "ann", *BUMP, "-n", "--json")
    with pytest.raises(AssertionError, match=r"^7\. "):
        is_data(shown, wrongly(world, BUMP, rewrites(b"0.1.1+6", b"0.1.1+7")))


def test_an_audit_that_misses_a_lost_fix_is_found(world: World) -> None:
    """8. Main lacks a fix: the audit says so, and one that leaves it out does not."""
    ships(world, WEB, "1.4.1")
    settle(world)
    shutil.rmtree(world.folder / "fresh", ignore_errors=True)
    with pytest.raises(AssertionError, match=r"^8\. "):
        settle(world, more='[audit]\nsince = "2030-01-01"\n')
