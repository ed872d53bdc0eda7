"""Pages that are made from the code, so that they cannot say anything else than it does: text only.

One page per command, the public names by topic, the keys of the configuration, and what the registries of
findings, gates and output formats hold. :func:`pages` gives them all; ``site_of_krow.py`` writes them before
Sphinx reads the others.
"""

from __future__ import annotations

import re
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

import click

import krow_versions
from krow_versions import errors, testing
from krow_versions.audit.render import FORMATS
from krow_versions.cli.app import app
from krow_versions.cli.helping import Command
from krow_versions.config import schema
from krow_versions.findings import FINDINGS, GROUPS
from krow_versions.hotfix.gates import GATES
from krow_versions.hotfix.milestones import ALL
from krow_versions.text.times import lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPICS = (
    (
        "workspaces",
        "Workspaces, plans and reports",
        ("workspace", "planning", "snapshot", "audit", "history", "hotfix", "fleet"),
    ),
    ("versions", "Versions and the bump rule", ("version", "bump_rule", "baseline")),
    ("files", "Formats and edits", ("formats", "edits")),
    ("changelogs", "CHANGELOGs", ("changelog",)),
    ("catalog", "Products, names and tables", ("products", "names", "config", "tables")),
    ("errors", "Errors", ("errors",)),
    ("more", "Values that others hold", ()),
)
"""Page, title, and the rooms whose public names it has; what no other page has is on the last."""

# Where a finding names another; in examples, ids stand in square brackets.
_NAMED = re.compile(r"(?<!\[)\bKV[0-9]{3}\b")

HELD = {
    "krow_versions.audit": ("Report", "Finding"),
    "krow_versions.fleet": ("FleetProduct",),
    "krow_versions.history": ("History", "Release", "PastVersion"),
    "krow_versions.snapshot": (
        "ProductState",
        "RepoState",
        "FileState",
        "TagState",
        "BranchState",
        "RemoteState",
    ),
    "krow_versions.formats": ("Located", "find_version", "replace_version"),
    "krow_versions.settings": ("Config",),
}
"""Values that public ones hold, take or give, by the module that they are imported from."""


def pages() -> dict[str, str]:
    """Give the text of each page by its path in the folder of generated ones."""
    made = {f"commands/{name}.rst": _command_page(name) for name in command_names()}
    for topic, title, _ in TOPICS:
        names = sorted(
            (name for name in krow_versions.__all__ if topic_of(name) == topic),
            key=lambda name: (name != "Workspace", name),  # With it, everybody begins.
        )
        extra = {"errors": {"krow_versions.errors": _other_errors()}, "more": _held()}.get(topic, {})
        made[f"api/{topic}.rst"] = _api_page(title, {"krow_versions": names, **extra})
    made["api/testing.rst"] = _api_page("Testing", {"krow_versions.testing": sorted(testing.__all__)})
    made["configuration-keys.md"] = configuration_keys()
    made["findings.md"] = findings()
    made["gates.md"] = gates()
    made["milestones.md"] = milestones()
    made["formats.md"] = output_formats()
    return made


def command_names() -> list[str]:
    """List the commands, as the help does."""
    return app.list_commands(click.Context(app))


def topic_of(name: str) -> str:
    """Return the page of a public name: that of the room which it comes from."""
    room = (
        getattr(getattr(krow_versions, name), "__module__", "").removeprefix("krow_versions.").split(".")[0]
    )
    return next((topic for topic, _, rooms in TOPICS if room in rooms), TOPICS[-1][0])


def configuration_keys() -> str:
    """Describe every table of the configuration and its keys, as the JSON Schema does."""
    return "\n".join(_tables("", schema()))


def findings() -> str:
    """Write the table of the groups, and a section for each finding, with links to those that it names."""
    parts = ["| ids | about |\n|---|---|"]
    parts += [f"| [{group.prefix}xx](#{group.kinds[0].code}) | {group.about} |" for group in GROUPS]
    for code, kind in FINDINGS.items():
        page = _NAMED.sub(r"[\g<0>](#\g<0>)", kind.to_markdown())
        parts.append(f"\n({code})=\n\n## {code}: {kind.title}\n\n{page}")
    return "\n".join(parts) + "\n"


def gates() -> str:
    """Write the table of the gates."""
    rows = (f"| `{kind.id}` | {kind.title} | {kind.step} |" for kind in GATES.values())
    return "\n".join(("| id | passed when | step |\n|---|---|---|", *rows)) + "\n"


def milestones() -> str:
    """Write the table of the milestones."""
    plan = {each.id: "" if each.after is None else lasting(each.after) for each in ALL}
    rows = (f"| `{each.id}` | {each.meaning} | {plan[each.id]} |" for each in ALL)
    return "\n".join(("| milestone | its time, by | planned after |\n|---|---|---|", *rows)) + "\n"


def output_formats() -> str:
    """Write the table of the output formats of an audit."""
    rows = (
        f"| `{each.name}` | {each.about} | {', '.join(f'`{ending}`' for ending in each.endings)} |"
        for each in FORMATS.values()
    )
    return "\n".join(("| format | read by | chosen for |\n|---|---|---|", *rows)) + "\n"


def __getattr__(name: str) -> click.Command:
    """Give the command called ``command-NAME``, for the directive that asks a module for it."""
    found = app.get_command(click.Context(app), name.removeprefix("command-"))
    if found is None or not name.startswith("command-"):
        raise AttributeError(name)
    return found


def _command_page(name: str) -> str:
    return f".. click:: pages_of_krow:command-{name}\n   :prog: krow-versions {name}\n   :nested: full\n"


def examples_of(command: click.Command) -> list[str]:
    """Write the examples of a command, for the end of its page."""
    found = command.examples if isinstance(command, Command) else ()
    lines = [line for each in found for line in (f"   # {each.words}", f"   {each.line}")]
    return [".. rubric:: Examples", "", ".. code-block:: sh", "", *lines, ""] if lines else []


def _other_errors() -> list[str]:
    """List the exceptions that are one of a family: one catches the family."""
    known = vars(errors).items()
    kinds = {name for name, found in known if isinstance(found, type) and issubclass(found, Exception)}
    return sorted(kinds - set(krow_versions.__all__))


def _held() -> dict[str, list[str]]:
    return {
        module: [name for name in names if name not in krow_versions.__all__]
        for module, names in HELD.items()
    }


def _api_page(title: str, names: dict[str, list[str]]) -> str:
    """Write a page with the *names* of each module."""
    parts = [f"{title}\n{'=' * len(title)}\n"]
    for module, wanted in names.items():
        if len(names) > 1 and wanted:
            heading = f"From {module}"
            parts.append(f"{heading}\n{'-' * len(heading)}\n")
        parts += [f".. currentmodule:: {module}\n", *(_entry(module, name) for name in wanted)]
    return "\n".join(parts)


_IN_PARTS = {"HotfixView"}  # Written in two classes, of which importers see one.


def _entry(module: str, name: str) -> str:
    found = getattr(import_module(module), name)
    if not isinstance(found, type):
        kind = "function" if isinstance(found, FunctionType) else "data"
        return f".. auto{kind}:: {name}\n"
    kind = "exception" if issubclass(found, Exception) else "class"
    bases = "   :show-inheritance:\n" if found.__bases__ != (object,) else ""
    if name in _IN_PARTS:
        bases = "   :inherited-members:\n"
    return f".. auto{kind}:: {name}\n   :members:\n{bases}"


def _tables(place: str, schema: dict[str, Any]) -> Iterator[str]:
    """Describe one table, then those in it; ``NAME`` stands for a name of the user's own."""
    keys = schema.get("properties", {})
    simple = {key: each for key, each in keys.items() if "type" in each and not _is_table(each)}
    if place:
        yield f"### `{place}`\n\n{schema['description']}\n"
    if simple:
        yield "| key | value | meaning |\n|---|---|---|"
        for key, each in simple.items():
            needed = " Required." if key in schema.get("required", ()) else ""
            yield f"| `{key}` | {_value(each)} | {_cell(each['description'])}{needed}{_examples(each)} |"
        yield ""
    for key, each in keys.items():
        for inner, found in _inner(place, key, each):
            yield from _tables(inner, found)


def _is_table(schema: dict[str, Any]) -> bool:
    return any(
        "properties" in each
        for each in (schema, schema.get("additionalProperties") or {}, schema.get("items", {}))
    )


def _inner(place: str, key: str, schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Give the tables that stand under *key*: one, one by name, or one of a list."""
    path = f"{place[1:-1] if place.startswith('[') else place}.{key}".removeprefix(".")
    if "properties" in schema:
        return [(f"[{path}]", schema)]
    if "properties" in (schema.get("additionalProperties") or {}):
        about = {"description": schema["description"]}
        return [(f"[{path}.NAME]", {**schema["additionalProperties"], **about})]
    if "properties" in schema.get("items", {}):
        return [(f"[[{path}]]", {**schema["items"], "description": schema["description"]})]
    some = schema.get("items", {}).get("anyOf", ())
    return [(f"{path} = [{{ ... }}]", each) for each in some if "properties" in each]


def _value(schema: dict[str, Any]) -> str:
    """Say what kind of value may stand there."""
    if "anyOf" in schema:
        return " or ".join(_value(each) for each in schema["anyOf"])
    if "enum" in schema:
        known = [f"`{each}`" for each in schema["enum"]]
        return " or ".join(known) if len(known) < 6 else f"one of {len(known)}: {known[0]} to {known[-1]}"
    if schema.get("format") == "date":
        return "date"
    kind = schema["type"]
    if kind == "array":
        return f"list of {_value(schema['items'])}"
    if kind == "object" and "properties" in schema:
        return "{" + ", ".join(f"`{key}`" for key in schema["properties"]) + "}"
    if kind == "object":
        return f"table of name = {_value(schema['additionalProperties'])}"
    least = f" from {schema['minimum']}" if "minimum" in schema else ""
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}[kind] + least


def _examples(schema: dict[str, Any]) -> str:
    shown = schema.get("examples", ())
    return f" Such as {', '.join(f'`{_cell(str(each))}`' for each in shown)}." if shown else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
