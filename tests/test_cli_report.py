"""``hotfix report`` as a user meets it: what is said, what is printed, and whose file is replaced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # It brings no types.
import pytest

from krow_versions.hotfix.postmortem import QUESTIONS, action_id
from krow_versions.hotfix.report.seal import is_unchanged, seal_json, seal_markdown
from krow_versions.workspace.clock import now
from support.commands import assert_refused, done
from support.krow import SLUG
from support.scenes import NAME, Scene

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = tuple(each.field for each in QUESTIONS if each.required)
FACTS = [word for field in REQUIRED for word in ("--say", f"{field}=It was {field}")]
ITEM = ("--action", "Test the login", "--kind", "prevent", "--area", "tests", "--owner", "Ada")
DUE = ("--due", "2026-03-20")


def facts_of(scene: Scene) -> dict[str, Any]:
    """The document as data, as the schema that is shipped describes it."""
    schema = done(scene.run("hotfix", "report", "--schema")).data
    jsonschema.Draft202012Validator.check_schema(schema)
    data = done(scene.hotfix("report", "--json")).data
    jsonschema.Draft202012Validator(schema).validate(data)
    assert isinstance(data, dict)
    return data


@pytest.fixture
def deployed(finished: Scene) -> Scene:
    """A hotfix that is in production."""
    done(finished.hotfix("deploy", "--run", "--yes"))
    return finished


def test_what_was_said_is_in_both_formats(deployed: Scene) -> None:
    """Facts and action items are recorded with who and when, and shown by every later document."""
    began = now().replace(microsecond=0)
    said = done(
        deployed.hotfix("report", "--say", "root-cause=No = test\nfor it", *ITEM, "--due", "2026-03-20")
    )
    item = action_id("Test the login")
    assert said.out == ""
    assert said.err.splitlines()[:2] == [
        "recorded: root-cause",
        f"recorded: {item} (tests, prevent): Test the login",
    ]
    data = facts_of(deployed)
    fact, (action,) = data["facts"]["root-cause"], data["actions"]
    assert (fact["text"], fact["who"]) == (
        "No = test\nfor it",
        deployed.ours.git("log", "-1", "--format=%cn"),
    )
    assert began.isoformat() <= fact["at"]
    assert {key: action[key] for key in ("id", "what", "kind", "area", "owner", "due", "done")} == {
        "id": item, "what": "Test the login", "kind": "prevent", "area": "tests", "owner": "Ada",
        "due": "2026-03-20", "done": False,
    }  # fmt: skip
    assert data["lacking"] == [field for field in REQUIRED if field != "root-cause"]
    text = done(deployed.hotfix("report")).out
    assert "## Root cause\n\nNo = test\nfor it\n\nSaid " in text
    assert f"| {item} | Test the login | prevent | Ada | 2026-03-20 | open |" in text
    done(deployed.hotfix("report", "--say", "root-cause=", "--close-action", item))
    data = facts_of(deployed)
    assert (data["facts"]["root-cause"], data["actions"][0]["done"]) == (None, True)


def test_an_action_item_is_changed_by_its_id_or_text(deployed: Scene) -> None:
    """The same text is the same item, in every clone; what is not said of it again stays, and it is open."""
    done(deployed.hotfix("report", *ITEM))
    item = action_id("Test the login")
    done(deployed.hotfix("report", "--action", item, "--due", "2026-03-20"))
    done(deployed.hotfix("report", "--close-action", item))
    done(deployed.hotfix("report", "--action", "Test the login", "--owner", "Bo"))
    (action,) = facts_of(deployed)["actions"]
    kept = (action["owner"], action["due"], action["kind"], action["area"], action["done"])
    assert kept == ("Bo", "2026-03-20", "prevent", "tests", False)


def test_a_final_document_is_complete(deployed: Scene) -> None:
    """What lacks is listed at once, with the option for each, and then nothing is recorded; when all is said,
    the document is final, its box is ticked, and nothing of it is left to do."""
    before = deployed.record()
    refused = deployed.hotfix("report", "--say", "summary=It broke", "--state", "final")
    assert_refused(refused, "nobody has said: detection, root-cause, not-caught, missed-tests, action items")
    way = f"krow-versions hotfix report {NAME}"
    assert f"say it: {way} --say detection=TEXT --say root-cause=TEXT --say not-caught=TEXT" in refused.err
    assert f"; {way} --action WHAT --kind KIND" in refused.err
    assert deployed.record() == before
    said = done(deployed.hotfix("report", *FACTS, *ITEM, *DUE, "--state", "final"))
    assert said.err.splitlines()[-1] == "the incident document is final"
    assert facts_of(deployed)["status"]["state"] == "final"
    boxes = {each["id"]: each["done"] for each in done(deployed.hotfix("status", "--json")).data["checklist"]}
    assert boxes["incident-documented"] is True
    done(deployed.hotfix("report", "--state", "in-review"))
    assert facts_of(deployed)["status"]["state"] == "in-review"
    boxes = {each["id"]: each["done"] for each in done(deployed.hotfix("status", "--json")).data["checklist"]}
    assert boxes["incident-documented"] is False


def test_a_document_is_not_final_before_the_incident_is_over(finished: Scene) -> None:
    """What is neither deployed nor rolled back is not documented yet; nothing is recorded."""
    before = finished.record()
    refused = finished.hotfix("report", *FACTS, *ITEM, *DUE, "--state", "final")
    assert_refused(refused, "incident-documented cannot be true yet", "hotfix deploy")
    assert finished.record() == before


def test_a_clone_that_knows_no_more_can_document(finished: Scene, tmp_path: Path) -> None:
    """Where nothing else is recorded of a hotfix that is out, facts can be said, and what is next stays."""
    (finished.ours.path / ".git/krow-versions/hotfix" / f"{SLUG}-v0.1.1.toml").unlink()
    before = done(finished.hotfix("status", "--version", "0.1.1", "--json")).data["next_command"]
    done(finished.hotfix("report", "--version", "0.1.1", "--say", "summary=It broke"))
    assert done(finished.hotfix("status", "--version", "0.1.1", "--json")).data["next_command"] == before
    data = done(finished.hotfix("report", "--version", "0.1.1", "--json")).data
    assert data["facts"]["summary"]["text"] == "It broke"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--say", "root-cause"), "has no ="),
        (("--say", "rootcause=x"), "did you mean root-cause?"),
        (("--say", f"summary={'x' * 10_001}"), "10001 characters"),
        (("--action", "Test it"), "--kind (prevent|mitigate|detect) and --area (tests|CI|monitoring)"),
        (("--action", " ", "--kind", "detect", "--area", "CI"), "the action item is empty"),
        (("--owner", "Ada"), "add --action WHAT"),
        ((*ITEM, "--due", "soon"), "write it like 2026-03-05"),
        (("--close-action", "a-1"), "there is no action item 'a-1'"),
        (("--format", "markdown", "--json"), "contradict each other"),
        (("--replace",), "name it: -o FILE"),
        (("--replace", "-o", "-", "--say", "summary=It broke"), "name it: -o FILE"),
    ],
)
def test_a_wrong_call_records_nothing(deployed: Scene, args: tuple[str, ...], said: str) -> None:
    """A fact, an item or a day that there is not is wrong usage; nothing is kept."""
    path = deployed.ours.path / ".git/krow-versions/hotfix" / f"{SLUG}-v0.1.1.toml"
    before = path.read_bytes()
    refused = deployed.hotfix("report", *args)
    assert (refused.code, said in refused.err) == (2, True), refused
    assert path.read_bytes() == before


def test_a_dry_run_changes_nothing(deployed: Scene, tmp_path: Path) -> None:
    """With ``-n`` nothing is recorded and no file is written; what would be recorded is said."""
    path = deployed.ours.path / ".git/krow-versions/hotfix" / f"{SLUG}-v0.1.1.toml"
    before = path.read_bytes()
    shown = done(deployed.hotfix("report", "-n", "--say", "summary=It broke", "-o", str(tmp_path / "a.md")))
    assert shown.err.splitlines()[0] == "recorded: summary"
    assert shown.err.splitlines()[-1] == "nothing was recorded"
    assert done(deployed.hotfix("report", "-n", "-o", str(tmp_path / "a.md"))).err.startswith("not written: ")
    assert path.read_bytes() == before
    assert not (tmp_path / "a.md").exists()


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["incident.md", "incident.json"])
def test_a_file_of_ours_is_replaced(deployed: Scene, tmp_path: Path, name: str) -> None:
    """A document that nobody has changed is written anew, in the format of its name."""
    path = tmp_path / name
    done(deployed.hotfix("report", "-o", str(path)))
    assert is_unchanged(path.read_bytes())
    assert path.read_text().startswith("{" if name.endswith("json") else "# Incident: Worker Mobile 0.1.1\n")
    done(deployed.hotfix("report", "-o", str(path), "--say", "summary=It broke\u202e"))
    assert "It broke" in path.read_text()
    assert path.read_text().isascii() or name.endswith("md")


@pytest.mark.parametrize("name", ["incident.md", "incident.json"])
def test_what_people_wrote_is_not_replaced(deployed: Scene, tmp_path: Path, name: str) -> None:
    """A file that people have written or changed is replaced only if they say so."""
    path = tmp_path / name
    done(deployed.hotfix("report", "-o", str(path)))
    changed = path.read_text().replace("Worker Mobile", "The worker's app")
    before = deployed.record()
    for text in (changed, changed.partition("<!--")[0], "", "notes of the night"):
        path.write_text(text)
        refused = deployed.hotfix("report", "-o", str(path), "--say", "summary=x")
        assert_refused(refused, "people have written this file", "--replace")
        assert path.read_text() == text
    assert deployed.record() == before
    done(deployed.hotfix("report", "-o", str(path), "--replace"))
    assert is_unchanged(path.read_bytes())


def test_the_mark_of_a_file_survives_windows() -> None:
    """Line ends that git has changed are no change of people; anything else is."""
    text, data = seal_markdown("# a\n\nb\n"), {"schema": 1, "text": "\u202e"}
    assert is_unchanged(text.replace("\n", "\r\n").encode())
    assert is_unchanged(seal_json(data).encode())
    for wrong in (
        text.replace("# a", "# z"),
        text + "more\n",
        "",
        "[]",
        "{}",
        json.dumps(data),
        "[" * 10_000,
        "\0",
    ):
        assert not is_unchanged(wrong.encode())
    assert not is_unchanged(b"\xff")


def test_the_schema_needs_no_product(fresh: Scene) -> None:
    """The JSON Schema is printed anywhere, also where no hotfix is under way."""
    found = done(fresh.run("hotfix", "report", "--schema"))
    assert found.data["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert NAME not in found.out
