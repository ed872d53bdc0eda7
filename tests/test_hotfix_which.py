"""Which hotfix a command is of: PRODUCT and ``--version`` may be left out where there is only one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.commands import assert_refused, done, run, shell
from support.releases import BASE, BRANCH, PRODUCT, START
from support.repositories import Repo
from support.servers import Server
from support.untouched import untouched

if TYPE_CHECKING:
    from pathlib import Path

    from support.child import Result

WEB = ("start", "web", *START[2:])
COMMANDS = (
    ("check",), ("pr",), ("finish", "--yes"), ("deploy",), ("announce",), ("status",), ("report",),
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server.make(tmp_path)


def status_of(server: Server, *args: str) -> tuple[str, str]:
    """The product and the version that `status` is of."""
    data = done(server.hotfix("status", *args, "--json")).data
    return data["product"], data["version"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: str(words[0]))
def test_the_product_may_be_left_out(server: Server, command: tuple[str, ...]) -> None:
    """With one hotfix under way, HEAD anywhere, each command without PRODUCT is the one with it."""
    done(server.hotfix(*START))
    server.fix()
    server.ours.git("switch", "--quiet", "main")
    named = server.hotfix(command[0], PRODUCT, *command[1:])
    left_out = server.hotfix(*command)
    assert re.sub(r"\d+ (min|s)\b|\d\d:\d\d(:\d\d)?", "", str(left_out)) == re.sub(
        r"\d+ (min|s)\b|\d\d:\d\d(:\d\d)?", "", str(named)
    )


def test_the_branch_that_is_checked_out_counts_first(server: Server) -> None:
    """With hotfixes of two products, that whose branch is checked out; without --version and with it."""
    done(server.hotfix(*START))
    server.fix()
    done(server.hotfix(*WEB))
    assert status_of(server) == ("web", "1.4.1")
    assert status_of(server, "--version", "1.4.1") == ("web", "1.4.1")
    assert status_of(server, "--version", "0.1.1") == (PRODUCT, "0.1.1")
    server.ours.git("switch", "--quiet", BRANCH)
    assert status_of(server) == (PRODUCT, "0.1.1")
    assert kv.Workspace.open(server.ours.path).hotfix().name == PRODUCT


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: str(words[0]))
def test_several_are_listed_with_their_commands(server: Server, command: tuple[str, ...]) -> None:
    """Without PRODUCT and HEAD on neither branch: refused, with the command for each, which finds it."""
    done(server.hotfix(*START))
    server.fix()
    done(server.hotfix(*WEB))
    server.ours.git("switch", "--quiet", "main")
    with untouched(server.ours, server.remote):
        result = server.hotfix(*command)
    assert_refused(result, "several hotfixes are under way: worker-mobile 0.1.1, web 1.4.1")
    offered = re.findall(rf"krow-versions (hotfix {command[0]} .*?)(?=;|$)", result.err, re.MULTILINE)
    assert offered == [f"hotfix {command[0]} {PRODUCT}", f"hotfix {command[0]} web"]
    assert_refused(server.hotfix("status", "--version", "9.9.9"), "no hotfix is under way")


def test_several_of_one_product_are_listed_with_their_versions(server: Server) -> None:
    """Two hotfixes of one product: the commands have --version, and each finds its own."""
    server.release_main()
    server.theirs.tag(BASE.replace("0.1.0", "0.2.0"))
    server.theirs.git("push", "--quiet", "origin", "--tags")
    done(server.hotfix(*START, "--from", BASE))
    server.ours.git("switch", "--quiet", "main")
    done(server.hotfix(*START))
    server.ours.git("switch", "--quiet", "main")
    for args in ((), (PRODUCT,)):
        result = server.hotfix("status", *args)
        assert_refused(result, "several hotfixes", "0.1.1", "0.2.1")
        offered = re.findall(r"krow-versions (hotfix status .*?)(?=;|$)", result.err, re.MULTILINE)
        assert offered == [f"hotfix status {PRODUCT} --version {each}" for each in ("0.1.1", "0.2.1")]
        assert [
            done(run(*each.split(), "--json", cwd=server.ours.path)).data["version"] for each in offered
        ] == [
            "0.1.1",
            "0.2.1",
        ]


def test_without_a_hotfix_the_start_is_named(server: Server) -> None:
    """None under way: refused with the command that starts one; so it is when the only one is over."""
    with untouched(server.ours, server.remote):
        result = server.hotfix("status")
    assert_refused(result, "no hotfix is under way", "krow-versions hotfix start PRODUCT --issue TEXT")
    server.start_by_hand()
    server.fix()
    done(server.hotfix("status", PRODUCT, "--done", "approval"))
    done(server.hotfix("finish", PRODUCT, "--yes"))
    server.ours.git("switch", "--quiet", "main")
    server.ours.git("branch", "--quiet", "-D", BRANCH)
    assert_refused(server.hotfix("status"), "no hotfix is under way")
    assert status_of(server, PRODUCT, "--version", "0.1.1") == (PRODUCT, "0.1.1")


def test_a_start_of_a_version_starts_from_the_one_below(server: Server) -> None:
    """`start --version` makes the hotfix that ships it, of an older line, too; nothing else is started."""
    server.release_main()
    server.theirs.tag(BASE.replace("0.1.0", "0.2.0"))
    server.theirs.git("push", "--quiet", "origin", "--tags")
    for version, code, said in (
        ("0.1.0", 2, "no PATCH"),
        ("0.1.9", 3, "no production tag"),
        ("x", 2, "--version"),
    ):
        assert_refused(server.hotfix(*START, "--version", version), said, code=code)
    assert_refused(server.hotfix(*START, "--version", "0.1.1", "--from", BASE), "contradict", code=2)
    done(server.hotfix(*START, "--version", "0.1.1"))
    assert server.ours.git("branch", "--show-current") == BRANCH


# --- the list, with hotfixes of colleagues ---------------------------------------------------------


def rows(server: Server) -> list[dict[str, str]]:
    data = done(server.hotfix("list", "--json")).data
    assert {*data} == {"schema", "hotfixes"}
    found: list[dict[str, str]] = data["hotfixes"]
    return found


def joined(server: Server, command: str) -> Result:
    """Type what `list` offers."""
    return shell(command, cwd=server.ours.path)


@pytest.mark.parametrize("clone", ["whole", "single branch", "behind tags"])
def test_hotfixes_of_colleagues_are_listed(server: Server, tmp_path: Path, clone: str) -> None:
    """One that only the remote has is a row, and its command brings it here."""
    done(server.hotfix(*START))
    server.fix()
    server.push_branch()
    other = tmp_path / "other"
    if clone == "single branch":
        server.remote.clone(other, "--single-branch", "--branch", "main")
    else:
        server.theirs.git("clone", "--quiet", str(server.theirs.path), str(other))
        Repo(other).git("remote", "set-url", "origin", server.remote.path.as_uri())
    theirs = Server(server.remote, Repo(other), server.theirs)
    (row,) = rows(theirs)
    assert {**row, "next": ""} == {
        "product": PRODUCT, "version": "0.1.1", "branch": BRANCH, "severity": "not declared here",
        "declared": None, "where": "origin", "next": "",
    }  # fmt: skip
    assert joined(theirs, row["next"]).code == 0
    assert theirs.ours.git("symbolic-ref", "--short", "HEAD") == BRANCH
    assert theirs.ours.git("rev-parse", "HEAD") == server.ours.git("rev-parse", "HEAD")
    (here,) = rows(theirs)
    assert (here["branch"], here["where"]) == (BRANCH, "here")


def test_what_has_shipped_or_is_gone_is_not_listed(server: Server, tmp_path: Path) -> None:
    """A hotfix branch whose version is tagged on the remote, or that was deleted there, is not under way."""
    done(server.hotfix(*START))
    server.fix()
    server.push_branch()
    clone = Server(server.remote, server.remote.clone(tmp_path / "clone"), server.theirs)
    assert [row["where"] for row in rows(clone)] == ["origin"]  # As it was fetched.
    server.ours.git("tag", "-am", "x", f"{BASE[:-1]}1")
    server.ours.git("push", "--quiet", "origin", f"refs/tags/{BASE[:-1]}1")
    late = Server(server.remote, Repo(tmp_path / "late"), server.theirs)
    late.ours.git("remote", "add", "origin", server.remote.path.as_uri())
    late.ours.git("fetch", "--quiet", "--no-tags", "origin", "main")
    late.ours.git("switch", "--quiet", "--create", "main", "FETCH_HEAD")
    assert rows(late) == []
    server.delete_branch()
    assert rows(clone) == []


def test_a_list_fits_a_terminal(server: Server) -> None:
    """The list has at most 100 columns; below each hotfix stands its whole next command, as it is typed."""
    done(server.hotfix(*START))
    done(server.hotfix(*WEB))
    every = rows(server)
    heading, *lines = done(server.hotfix("list")).out.splitlines()
    assert max(map(len, (heading, *lines[::3]))) <= 100
    assert "branch" not in heading
    assert [line.split()[:2] for line in lines[::3]] == [[row["product"], row["version"]] for row in every]
    assert [line.strip() for line in lines[1::3]] == [row["branch"] for row in every]
    assert [line.strip() for line in lines[2::3]] == [row["next"] for row in every]
    (row,) = done(server.hotfix("list", "--version", "1.4.1", "--json")).data["hotfixes"]
    assert row["product"] == "web"
    assert "no hotfix" in done(server.hotfix("list", "--version", "9.9.9")).err


def test_a_remote_that_does_not_answer_is_a_warning(server: Server, tmp_path: Path) -> None:
    """Without an answer the local list is printed, with exit code 0, and says so."""
    done(server.hotfix(*START))
    server.remote.path.rename(tmp_path / "gone")
    result = done(server.hotfix("list"))
    assert "0.1.1" in result.out
    assert "warning: git ls-remote failed" in result.err


def test_the_next_command_of_a_row_is_that_of_its_status(server: Server) -> None:
    """The list asks the remote, so that what is next after a finish is not the finish once more."""
    done(server.hotfix(*START))
    server.fix()
    server.approve()
    done(server.finish())
    (row,) = rows(server)
    assert row["next"] == done(server.hotfix("status", "--json")).data["next_command"]
    assert "finish" not in row["next"]
