"""The JSON Schema of the configuration: generated, committed, and of one mind with the loader."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import extend  # type: ignore[import-untyped]

from krow_versions.config import load, schema
from krow_versions.errors import ConfigError, Problems, members
from krow_versions.findings import FINDINGS, SEVERITIES
from support.configurations import ALL, files_of, good_files
from support.examples import EXAMPLE, MISTAKES, NEW_SHOP

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAFT = jsonschema.Draft202012Validator


def _type(validator: Any, types: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """Take a date of TOML, which editors show the schema as text, where the text must be a date."""
    if type(instance) is not dt.date:
        yield from DRAFT.VALIDATORS["type"](validator, types, instance, schema)
    elif schema.get("format") != "date":
        yield jsonschema.ValidationError(f"{instance} is a date")


# JSON has one kind of number and takes 1.0 for a whole one; TOML has two.
_types = DRAFT.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
VALIDATOR = extend(DRAFT, {"type": _type}, type_checker=_types)(schema(), format_checker=DRAFT.FORMAT_CHECKER)
# What no schema of single values can see: the loader's messages that begin or end so.
BEYOND = (
    *("there is no repository ", "there is no format ", "no format is known ", "the product ", "the tag "),
    *("the repository ", "there is no product ", "tags of "),
)
BEYOND_PARTS = (
    " is already a version file ",
    " is not a line template",
    " is not a key path",
    " is a date in quotes",
)


def is_beyond(message: str) -> bool:
    """Whether only the loader can see a mistake."""
    return message.startswith(BEYOND) or any(part in message for part in BEYOND_PARTS)


def agree(text: str) -> None:
    """The schema refuses exactly what the loader refuses for a reason that a schema can express."""
    try:
        load(text, path="krow-versions.toml")
        refused = False
    except (ConfigError, Problems) as error:
        found = members(error)
        refused = not all(is_beyond(each.message) for each in found)
    assert VALIDATOR.is_valid(tomllib.loads(text)) is not refused


def test_the_schema_is_a_schema() -> None:
    """It follows the draft that it names, and every field of it has a description."""
    DRAFT.check_schema(schema())

    def described(part: dict[str, Any]) -> None:
        for inner in part.get("properties", {}).values():
            assert inner["description"].endswith(".")
            described(inner)

    described(schema())


@pytest.mark.parametrize("text", ["", EXAMPLE, NEW_SHOP, "[products.web]"])
def test_good_files_are_valid(text: str) -> None:
    """What the loader accepts, an editor does not underline."""
    load(text, path="x")
    assert VALIDATOR.is_valid(tomllib.loads(text))


@pytest.mark.parametrize("text", MISTAKES)
def test_schema_and_loader_agree_on_every_known_mistake(text: str) -> None:
    """Each of the mistakes is refused by both, or is one that only the loader can see."""
    agree(text)


def test_most_known_mistakes_are_seen_by_the_schema() -> None:
    """The exceptions are few enough to be listed: names that do not exist or are there twice."""
    seen = [text for text in MISTAKES if not VALIDATOR.is_valid(tomllib.loads(text))]
    assert len(seen) >= 50


@given(good_files(), st.data())
def test_schema_and_loader_agree_on_any_file(good: dict[str, Any], data: st.DataObject) -> None:
    """A good file, and the same with any of its values replaced by any other: both say the same."""
    agree(tomlkit.dumps(good))
    bad = copy.deepcopy(good)
    holder: Any = bad
    place = data.draw(st.sampled_from(list(files_of(good))))
    for part in place[:-1]:
        holder = holder[part]
    texts = ALL.filter(lambda text: text == text.replace("\x7f", ""))  # tomlkit writes DEL as it is.
    holder[place[-1]] = data.draw(
        texts
        | st.integers(-2, 2)
        | st.booleans()
        | st.floats(0, 2)
        | st.dates()
        | st.dates().map(str)
        | st.sampled_from((*FINDINGS, *SEVERITIES))
        | st.lists(texts, max_size=3)
        | st.dictionaries(st.sampled_from(("path", "format", "web", "x", "code", "KV205")), texts, max_size=2)
    )
    agree(tomlkit.dumps(bad))
