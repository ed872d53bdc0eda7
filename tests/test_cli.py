"""The command line's contract: exit codes, what goes where, the JSON, names and options.

Here is also what all ``test_cli*.py`` share: the real program as a subprocess, and a small checkout.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from support.commands import MODULE, SCRIPT, run
from support.krow import API, CLIENT, CORE, PROD, SLUG, STAFF, WEB, WEB_LOCK, checkout, hotfix, lock, pubspec
from support.untouched import state

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo


def test_one_line_per_file_is_data_and_words_are_not(repo: Repo) -> None:
    """stdout has exactly `path: before -> after`; the source of the baseline is on stderr."""
    result = run("bump-patch", "worker-mobile", cwd=hotfix(repo).path)
    assert (result.code, result.out) == (0, f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n")
    assert PROD in result.err
    again = run("bump-patch", "worker-mobile", cwd=repo.path)
    assert (again.code, again.out) == (0, f"{STAFF}: already 0.1.1+6\n")


def test_script_and_module_are_the_same(repo: Repo) -> None:
    """`krow-versions …` and `python -m krow_versions …` print and exit alike."""
    checkout(repo)
    for args in (
        ["show"],
        ["products", "--json"],
        ["bump-patch", "web", "--check"],
        ["bump-patch", "nope"],
        ["audit", "--history"],
    ):
        result = run(*args, cwd=repo.path, program=SCRIPT)
        assert result == run(*args, cwd=repo.path, program=MODULE)
        assert result == run(*args, cwd=repo.path)  # As most tests run it.
    for args in ([], ["hotfix", "--help"]):  # Which begins with the name of the program.
        assert run(*args, cwd=repo.path, program=SCRIPT) == run(*args, cwd=repo.path)


@pytest.mark.parametrize("flags", [[], ["--dry-run"], ["-n"], ["--check"], ["-n", "--check"]])
def test_json_of_bump_patch_is_the_contract(repo: Repo, flags: list[str]) -> None:
    """The JSON has exactly the keys and types of the contract, whatever else is asked."""
    result = run("bump-patch", "web", "worker-mobile", "--json", *flags, cwd=checkout(repo).path)
    assert result.code == (1 if "--check" in flags else 0)
    changes = [(WEB_LOCK, "package-lock"), (WEB, "package-json")]
    data = result.data
    places = [file.pop("places") for product in data["products"] for file in product["files"]]
    assert places[2] == [
        {"key": "version", "kind": "full", "line": 3, "before": "0.1.0+5", "after": "0.1.1+6"}
    ]
    keys = [["version", 'packages."".version'], ["version"], ["version"]]
    assert [[place["key"] for place in each] for each in places] == keys
    assert data == {
        "schema": 1,
        "products": [
            {
                "product": "web",
                "baseline": "1.4.0",
                "baseline_source": "tag",
                "target": "1.4.1",
                "files": [
                    {
                        "repo": ".",
                        "path": path,
                        "format": format_,
                        "before": "1.4.0",
                        "after": "1.4.1",
                        "changed": True,
                    }
                    for path, format_ in changes
                ],
                "changelog": None,
            },
            {
                "product": "worker-mobile",
                "baseline": "0.1.0+5",
                "baseline_source": "tag",
                "target": "0.1.1+6",
                "files": [
                    {
                        "repo": ".",
                        "path": STAFF,
                        "format": "pubspec",
                        "before": "0.1.0+5",
                        "after": "0.1.1+6",
                        "changed": True,
                    }
                ],
                "changelog": None,
            },
        ],
        "changed": True,
        "dry_run": bool(flags),
    }


def test_json_of_a_finished_bump_says_unchanged(repo: Repo) -> None:
    """Once there is nothing to do, `changed` is false everywhere and before equals after."""
    run("bump-patch", "worker-mobile", cwd=hotfix(repo).path)
    data = run("bump-patch", "worker-mobile", "--json", cwd=repo.path).data
    assert (data["changed"], data["dry_run"]) == (False, False)
    assert [(f["before"], f["after"], f["changed"]) for f in data["products"][0]["files"]] == [
        ("0.1.1+6", "0.1.1+6", False)
    ]


def test_check_writes_nothing_and_reports_by_its_exit_code(repo: Repo) -> None:
    """--check exits 1 while something would change, 0 when nothing would, and never writes."""
    before = state(hotfix(repo))
    result = run("bump-patch", "worker-mobile", "--check", cwd=repo.path)
    assert (result.code, result.out) == (1, f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n")
    assert state(repo) == before
    run("bump-patch", "worker-mobile", cwd=repo.path)
    result = run("bump-patch", "worker-mobile", "--check", cwd=repo.path)
    assert (result.code, result.out) == (0, f"{STAFF}: already 0.1.1+6\n")


def test_several_products_are_one_plan(repo: Repo) -> None:
    """Every file of every named product is listed in the order of the names, and written."""
    names = ["backend", "staff-mobile", "Web", "client_mobile", "worker-mobile"]
    result = run("bump-patch", *names, cwd=checkout(repo).path)
    assert result.code == 0
    assert result.out.splitlines() == [
        f"{API}: 0.3.1 -> 0.3.2",
        f"{CORE}: 0.3.1 -> 0.3.2",
        f"{STAFF}: 0.1.0+5 -> 0.1.1+6",
        f"{WEB_LOCK}: 1.4.0 -> 1.4.1",
        f"{WEB}: 1.4.0 -> 1.4.1",
        f"{CLIENT}: 0.2.3+17 -> 0.2.4+18",
    ]
    assert (repo.path / WEB_LOCK).read_text() == lock("1.4.1")


@pytest.mark.parametrize(
    "name", ["worker-mobile", "staff-mobile", "Worker Mobile", "STAFF_MOBILE", " worker mobile "]
)
def test_products_answer_to_all_their_names(repo: Repo, name: str) -> None:
    """Name, alias and title in any case and spelling mean the product."""
    assert run("bump-patch", name, cwd=hotfix(repo).path).out == f"{STAFF}: 0.1.0+5 -> 0.1.1+6\n"


def test_options_may_stand_before_and_after_the_command(repo: Repo, tmp_path: Path) -> None:
    """-C, -q and --color mean the same on either side of the command's name."""
    hotfix(repo)
    options = ["-C", str(repo.path), "-q", "--color", "always"]
    before = run(*options, "bump-patch", "worker-mobile", "-n", cwd=tmp_path)
    assert (before.code, before.err) == (0, "")
    assert "\x1b[" in before.out
    for at in itertools.accumulate([2, 1, 2]):
        args = [*options[:at], "bump-patch", "worker-mobile", *options[at:], "-n"]
        assert run(*args, cwd=tmp_path) == before


def test_show_prints_version_baseline_source_and_next(repo: Repo) -> None:
    """show has one row per file; its JSON holds the same."""
    checkout(repo).write(STAFF, pubspec("0.1.1+6"))
    rows = run("show", cwd=repo.path).out.splitlines()
    assert re.split(r" {2,}", rows[0]) == ["product", "file", "version", "baseline", "next", "baseline from"]
    assert ["worker-mobile", STAFF, "0.1.1+6", "0.1.0+5", "0.1.1+6", PROD] in [
        re.split(r" {2,}", r) for r in rows
    ]
    assert len(rows) == 7
    shown = run("show", "worker-mobile", "--json", cwd=repo.path).data["products"]
    assert [(p["product"], p["baseline"], p["baseline_source"], p["next"]) for p in shown] == [
        ("worker-mobile", "0.1.0+5", "tag", "0.1.1+6")
    ]
    (file,) = shown[0]["files"]
    assert file.pop("places") == [{"key": "version", "kind": "full", "line": 3, "value": "0.1.1+6"}]
    assert file == {
        "repo": ".", "path": STAFF, "format": "pubspec", "version": "0.1.1+6", "line": 3, "error": None,
    }  # fmt: skip


def test_products_lists_the_catalog(repo: Repo) -> None:
    """products names slug, files and changelog of what is here, and nothing that is not."""
    hotfix(repo).write("CHANGELOG.md", "# Changes\n")
    result = run("products", cwd=repo.path)
    assert result.code == 0
    assert re.split(r" {2,}", result.out.splitlines()[1]) == [
        "worker-mobile", "staff-mobile", SLUG, ".", STAFF, "CHANGELOG.md",
    ]  # fmt: skip
    (listed,) = run("products", "--json", cwd=repo.path).data["products"]
    assert (listed["slug"], listed["repo"], listed["files"]) == (SLUG, ".", [STAFF])


def test_readers_write_nothing(repo: Repo) -> None:
    """show, products and every refusal leave files, times, index and refs alone."""
    before = state(checkout(repo))
    for args in (
        ["show"],
        ["show", "web"],
        ["products"],
        ["bump-patch", "web", "nope"],
        ["bump-patch", "web", "-n"],
    ):
        run(*args, cwd=repo.path)
    assert state(repo) == before
