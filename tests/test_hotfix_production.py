"""What is in production is one fact of a product: every hotfix knows what the records of the others say."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from support.commands import assert_refused, done
from support.krow import SLUG
from support.repositories import executable
from support.scenes import CONFIG, DECLARED, NAME, TAG, Scene
from support.untouched import untouched

if TYPE_CHECKING:
    from support.child import Result

NEWER = f"{SLUG}/prod-v0.2.0"
DECIDED = ("--reason", "Nobody can pay", "--decided-by", "Pia Owner")
SERVES = '#!/bin/sh\necho "$1" > {}/production\n'
UNKNOWN = (
    ("status",),
    ("status", "--done", "smoke-tests"),
    ("rollback", "--to", "0.1.0", *DECIDED, "--run", "--yes"),
    ("deploy", "--run", "--yes"),
    ("abandon", "--reason", "x"),
    ("amend", "--issue", "x"),
    ("announce", "--done"),
    ("report", "--action", "x"),
    ("finish", "--yes"),
)


@pytest.fixture
def deployed(finished: Scene) -> Scene:
    """A hotfix that was deployed and tested, its users notified."""
    executable(finished.ours.path / "scripts/deploy.sh", SERVES.format(finished.bin.parent))
    done(finished.hotfix("deploy", "--run", "--yes"))
    done(finished.hotfix("status", "--done", "github-release", "--done", "smoke-tests"))
    return finished


@pytest.fixture
def newer(deployed: Scene) -> Scene:
    """A newer version was deployed after it."""
    deployed.ours.tag(NEWER)
    deployed.ours.git("push", "--quiet", "origin", NEWER)
    later = deployed.after(minutes=5)
    done(later.hotfix("deploy", "--version", "0.2.0", "--run", "--yes"))
    return later.after(minutes=5)


def status(scene: Scene, version: str = "0.1.1") -> dict[str, Any]:
    """What ``hotfix status --json`` says of a version."""
    data: dict[str, Any] = done(scene.hotfix("status", "--version", version, "--json")).data
    return data


def step(found: dict[str, Any], title: str) -> tuple[str, str]:
    """State and reason of a step."""
    (one,) = [each for each in found["steps"] if each["title"] == title]
    return one["state"], one["why"]


def box(found: dict[str, Any], name: str) -> bool | None:
    """Whether a box is done."""
    (one,) = [each for each in found["checklist"] if each["id"] == name]
    ticked: bool | None = one["done"]
    return ticked


def serving(scene: Scene) -> str:
    """What is in production."""
    return (scene.bin.parent / "production").read_text().strip()


def hint(result: Result) -> list[str]:
    """The words of the command in the hint of an error, which is its last part."""
    return re.split(r"krow-versions ", result.err)[-1].split()


# --- one fact ----------------------------------------------------------------------------------


def test_a_rollback_of_a_newer_version_is_known_to_the_older_one(newer: Scene) -> None:
    """It is not deployed any more in its status, not announced, and its report says so."""
    done(newer.hotfix("rollback", "--version", "0.2.0", "--to", "0.1.0", *DECIDED, "--run", "--yes"))
    later = newer.after(minutes=5)
    found = status(later)
    state, why = step(found, "Deploy")
    assert (state, box(found, "deployed")) == ("open", False)
    assert "rolled back to 0.1.0, decided by Pia Owner: Nobody can pay" in why
    assert "hotfix announce" not in found["next_command"]
    with untouched(later.ours, later.remote):
        for more in ((), ("--done",), ("--follow-up",)):
            refused = later.hotfix("announce", "--version", "0.1.1", *more)
            assert_refused(refused, "not in production", "rolled back to 0.1.0")
    reported = done(later.hotfix("report", "--version", "0.1.1")).out
    assert "rolled back to 0.1.0, decided by Pia Owner: Nobody can pay" in reported
    assert "back to normal" not in reported


def test_a_newer_version_takes_the_place_of_the_older_one(newer: Scene) -> None:
    """The older one is not in production any more; when it was, and what was tested then, stays known."""
    found = status(newer)
    assert step(found, "Deploy")[0] == "open"
    assert "0.2.0 was deployed" in step(found, "Deploy")[1]
    assert (box(found, "deployed"), box(found, "smoke-tests")) == (False, True)
    times = {each["id"]: each["actual"] for each in found["timeline"]["milestones"]}
    assert times["deployed"] is not None
    assert_refused(newer.hotfix("announce", "--version", "0.1.1"), "0.2.0 was deployed")
    assert step(status(newer, "0.2.0"), "Deploy")[0] == "done"


def test_a_version_that_production_came_back_to_is_deployed(newer: Scene) -> None:
    """A rollback of the newer one to it, recorded there, makes it deployed again."""
    done(newer.hotfix("rollback", "--version", "0.2.0", *DECIDED, "--run", "--yes"))
    assert serving(newer) == TAG
    found = status(newer.after(minutes=5))
    assert (step(found, "Deploy")[0], box(found, "deployed")) == ("done", True)
    done(newer.after(minutes=5).hotfix("announce", "--version", "0.1.1"))


def test_what_is_deployed_once_more_is_tested_once_more(newer: Scene) -> None:
    """After production went past it, it is deployed again, and the ticks of the first time do not count."""
    done(newer.hotfix("rollback", "--version", "0.2.0", "--to", "0.1.0", *DECIDED, "--run", "--yes"))
    later = newer.after(minutes=5)
    done(later.hotfix("deploy", "--version", "0.1.1", "--run", "--yes"))
    found = status(later)
    assert (box(found, "deployed"), box(found, "smoke-tests")) == (True, False)


def test_a_newer_hotfix_that_is_only_tagged_is_not_in_production(deployed: Scene) -> None:
    """Of a tag with a record it is known that it is not deployed yet, whichever hotfix asks."""
    deployed.ours.tag(NEWER)
    deployed.ours.git("push", "--quiet", "origin", NEWER)
    done(deployed.hotfix("status", "--version", "0.2.0", "--done", "review"))
    undone = status(deployed)["rollback"]
    assert (undone["from"], status(deployed, "0.2.0")["rollback"]["from"]) == ("0.1.1", "0.1.1")


# --- decisions ---------------------------------------------------------------------------------


def test_the_decision_is_recorded_of_what_is_in_production(newer: Scene) -> None:
    """Every hint names the version in production, and is exactly what to type."""
    refused = newer.hotfix("deploy", "--version", "0.1.1", "--run", "--yes")
    assert_refused(refused, "is older")
    words = hint(refused)
    assert words[:5] == ["hotfix", "rollback", NAME, "--version", "0.2.0"]
    done(newer.run(*words, "--yes"))
    assert serving(newer) == TAG
    assert status(newer, "0.2.0")["rolled_back"]["to"] == TAG


def test_an_older_version_decides_nothing_about_a_newer_one(newer: Scene) -> None:
    """A rollback of a version that is not in production is refused, and names the right one, all typed."""
    with untouched(newer.ours, newer.remote):
        refused = newer.hotfix(
            "rollback", "--version", "0.1.1", "--to", "0.1.0", "--reason", "slow", "--run", "--yes"
        )
    assert_refused(refused, f"{NEWER} is in production", "and not 0.1.1")
    assert " ".join(hint(refused)) == (
        f"hotfix rollback {NAME} --version 0.2.0 --to 0.1.0 --reason slow --decided-by NAME --run"
    )


def test_the_hint_of_a_rollback_is_complete(finished: Scene) -> None:
    """What a rollback prints asks for nothing more when it is typed."""
    refused = finished.hotfix("rollback")
    assert_refused(refused, "no deployment of it is recorded here")
    expected = f"hotfix rollback {NAME} --to 0.1.0 --reason TEXT --decided-by NAME --run"
    assert " ".join(hint(refused)) == expected
    assert " ".join(hint(finished.hotfix("rollback", "--to", "0.1.0"))) == expected
    done(finished.run(*hint(refused), "--yes"))


def test_a_rollback_by_hand_promises_no_deployment(deployed: Scene) -> None:
    """Without a configured command --run records the decision and deploys nothing, and says that."""
    text = CONFIG.replace('deploy = ["./scripts/deploy.sh", "{tag}", "{version}"]\n', "")
    deployed.ours.write("krow-versions.toml", text)
    said = done(deployed.hotfix("rollback", *DECIDED)).err
    assert "--run records the decision, and deploys nothing" in said
    done(deployed.hotfix("rollback", *DECIDED, "--run", "--yes"))
    assert done(deployed.hotfix("rollback")).err.endswith("nothing was done\n")


def test_deploying_says_what_is_deployed(deployed: Scene) -> None:
    """Before it is asked whether to deploy once more, it is said that it is deployed, and since when."""
    assert re.search(rf"{TAG} is deployed since \d{{4}}-", done(deployed.hotfix("deploy")).err)


# --- what there is -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", UNKNOWN, ids=lambda words: " ".join(words[:2]))
def test_nothing_is_done_for_a_version_that_nobody_knows(finished: Scene, command: tuple[str, ...]) -> None:
    """Without branch, tag and record it is refused, those that exist are named, and no record is made."""
    with untouched(finished.ours, finished.remote):
        refused = finished.hotfix(*command[:1], "--version", "9.9.9", *command[1:])
    if command[0] in {"rollback", "abandon", "report", "announce"} or command == ("status",):
        assert_refused(refused, f"nothing is known of {NAME} 9.9.9", "0.1.1, 0.1.0")
    assert_refused(refused)


def test_what_main_contains_is_merged_also_on_an_older_line(newer: Scene) -> None:
    """A hotfix that main contains is merged, though a newer version is tagged."""
    assert box(status(newer), "merged") is True


@pytest.mark.parametrize(
    "typed",
    [
        ("amend", "--issue", "it's slow", "--severity", "high"),
        ("abandon", "--reason", "not needed"),
        ("rollback", "--reason", "x y", "--to", "0.1.0", "--run", "--yes"),
        ("status", "--done", "approval", "--done", "review"),
        ("announce", "--follow-up", "--errors", "3 of 4"),
    ],
    ids=lambda words: str(words[0]),
)
def test_a_command_that_is_offered_keeps_what_was_typed(finished: Scene, typed: tuple[str, ...]) -> None:
    """Where several hotfixes are under way, each command in the hint is what was typed, but for a yes."""
    done(finished.hotfix("start", *DECLARED))
    finished.ours.git("switch", "--quiet", "main")
    refused = finished.hotfix(*typed)
    assert_refused(refused, "several hotfixes")
    for version in ("0.1.1", "0.1.2"):
        offered = re.search(
            rf"krow-versions (hotfix {typed[0]} {NAME} --version {version}.*?)(;|$)", refused.err
        )
        assert offered is not None
        assert shlex.split(offered[1])[5:] == [each for each in typed[1:] if each != "--yes"]
