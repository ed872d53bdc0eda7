"""What a ``krow-versions.toml`` may hold, as classes, and the JSON Schema that is made from them."""

import datetime as dt
import inspect
import types
import typing
from typing import Annotated, Any, get_args, get_origin

# ruff: noqa: RUF009 - Each call makes the field it stands for.
import attrs

from krow_versions.config.fields import (
    Alias,
    Argument,
    Changelog,
    Choice,
    Code,
    Days,
    Folder,
    Free,
    Glob,
    Kind,
    Path,
    Pattern,
    Place,
    Positive,
    Ref,
    RepoName,
    Severity,
    Size,
    Slug,
    Template,
    Text,
    TextName,
)
from krow_versions.findings import FINDINGS
from krow_versions.templates import TEXTS


def _option(says: str) -> Any:
    """Make a field that may be left out; *says* is its description in the schema."""
    return attrs.field(default=None, metadata={"description": says})


def _needed(says: str) -> Any:
    return attrs.field(metadata={"description": says})


# No comparison and no repr: nothing needs them, and making them is what importing costs.
@attrs.frozen(eq=False, repr=False)
class FileTable:
    """A version file that needs more said about it than its path."""

    path: Path = _needed("The file, or a glob, relative to its repository.")
    format: Free | None = _option("A format's name, for a file whose name does not tell it.")
    key: Free | None = _option(
        "Where the version is kept, when not in the usual place: a dotted key path, or for the "
        "format text the line with {version} in it."
    )
    repo: RepoName | None = _option("The repository it is in, when not that of the product.")


@attrs.frozen(eq=False, repr=False)
class ProductTable:
    """Something that ships under a version of its own.

    One that is called as a built-in product takes from it what is left out here.
    """

    title: Text | None = _option("How people call it.")
    aliases: Annotated[tuple[Alias, ...], Size(0, 100)] | None = _option(
        "Further names that commands accept."
    )
    slug: Slug | None = _option("How tags and branches call it; its name, unless given.")
    repo: RepoName | None = _option("The repository that its tags are in.")
    files: Annotated[tuple[Place | FileTable, ...], Size(1, 1000)] | None = _option(
        "Every file that carries its version. Globs are allowed; web:package.json is in the "
        "repository web. A lock file beside a package.json comes with it."
    )
    changelog: Changelog | None = _option(
        "Its CHANGELOG, when not the one beside its first version file or at the top; "
        "CHANGELOG.md#Web is the table under the heading Web."
    )
    deploy: Annotated[tuple[Argument, ...], Size(1, 100)] | None = _option(
        "The program that deploys it, and its arguments; {tag}, {version} and {slug} are replaced."
    )
    max_build: Positive | None = _option("The highest build number that may be written.")


@attrs.frozen(eq=False, repr=False)
class TagsTable:
    """How the tags of each stage are called."""

    production: Pattern | None = _option("Tags of what is in production.")
    staging: Pattern | None = _option("Tags of what is in staging.")
    development: Pattern | None = _option("Tags of what is in development.")


@attrs.frozen(eq=False, repr=False)
class HotfixTable:
    """What the hotfix process needs to know."""

    branch: Pattern | None = _option("How the branch of a hotfix is called.")
    main: Ref | None = _option("The branch that hotfixes are merged to.")
    remote: Ref | None = _option("The remote that is pushed to.")
    label: Text | None = _option("The label of the pull request.")
    contacts: Annotated[dict[Text, Text], Size(0, 100)] | None = _option(
        "Who must be told, and how to reach them."
    )
    channel: Text | None = _option("Where a hotfix is announced.")
    max_lines: Positive | None = _option("How many changed lines a hotfix may have before it counts as big.")
    also: Annotated[tuple[Glob, ...], Size(0, 100)] | None = _option(
        "What a hotfix may change beside the folders of its product: paths and globs in its repository."
    )
    texts: Annotated[dict[TextName, Template], Size(0, len(TEXTS))] | None = _option(
        "Texts of the process that replace the built-in ones, with $names for what is filled in."
    )


@attrs.frozen(eq=False, repr=False)
class IgnoreTable:
    """A finding of the audit that is known and need not be shown until a day."""

    code: Code = _needed("The id of the finding.")
    reason: Text = _needed("Why it may be ignored.")
    until: dt.date = _needed("The last day on which it is ignored; a date without quotes.")
    product: Text | None = _option("Only of this product; of all, unless given.")
    about: Free | None = _option("Only what is about this tag, branch, version or file.")


@attrs.frozen(eq=False, repr=False)
class AuditTable:
    """What an audit needs to know."""

    severity: Annotated[dict[Code, Severity], Size(0, len(FINDINGS))] | None = _option(
        "How grave findings count, by their ids, where not as usual."
    )
    ignore: Annotated[tuple[IgnoreTable, ...], Size(0, 1000)] | None = _option("Findings that are known.")
    stale_days: Days | None = _option("After how many days without a commit the branch of a hotfix is stale.")


@attrs.frozen(eq=False, repr=False)
class File:
    """The configuration of krow-versions: products, their version files, tags, repositories."""

    repos: Annotated[dict[RepoName, Folder], Size(1, 1000)] | None = _option(
        "The folder of each repository, relative to this file; one repository here, unless given."
    )
    products: Annotated[dict[Slug, ProductTable], Size(1, 1000)] | None = _option(
        "The products, in their order of display. They replace the built-in ones."
    )
    tags: TagsTable | None = _option("How the tags of each stage are called.")
    hotfix: HotfixTable | None = _option("What the hotfix process needs to know.")
    audit: AuditTable | None = _option("What an audit needs to know.")


# --- JSON Schema ----------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12), for editors.

    It says of a file what can be said of each value by itself. What the loader sees beyond it: names,
    slugs and files that are there twice, repositories, products and formats that do not exist, products
    without files that are not KROW's. To JSON Schema ``1.0`` is a whole number, and editors show it a
    date as a text; the loader takes the one for a decimal number, and a date in quotes for a text.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "krow-versions.toml",
        **_of(File),
    }


def _of(cls: Any) -> dict[str, Any]:
    if attrs.has(cls):
        return _table(cls)
    origin, args = get_origin(cls), get_args(cls)
    if origin is Annotated:
        return _of(args[0]) | _marked(args[1], get_origin(args[0]) or args[0])
    if origin is dict:
        names = {key: value for key, value in _of(args[0]).items() if key != "type"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _of(args[1])}
    if origin is tuple:
        return {"type": "array", "items": _of(args[0])}
    if origin in {typing.Union, types.UnionType}:
        some = [_of(arg) for arg in args if arg is not types.NoneType]  # TOML has no null.
        return some[0] if len(some) == 1 else {"anyOf": some}
    return dict(_PLAIN[cls])


_PLAIN: dict[type[Any], dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    dt.date: {"type": "string", "format": "date"},
}


def _table(cls: type[attrs.AttrsInstance]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = attrs.fields(cls)
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    return {
        "description": " ".join((inspect.getdoc(cls) or "").split()),
        "type": "object",
        "properties": {
            field.name: {"description": field.metadata["description"]} | _described(_of(hints[field.name]))
            for field in fields
        },
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _described(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out the description of a class where the field has one of its own."""
    return {key: value for key, value in found.items() if key != "description"}


_BOUNDS: dict[type[Any], tuple[str, str]] = {
    int: ("minimum", "maximum"),
    tuple: ("minItems", "maxItems"),
    dict: ("minProperties", "maxProperties"),
}


def _marked(mark: Kind | Choice | Size, base: type[Any]) -> dict[str, Any]:
    if isinstance(mark, Size):
        least, most = _BOUNDS[base]
        return {least: mark.least} | ({} if mark.most is None else {most: mark.most})
    if isinstance(mark, Choice):
        return {"enum": list(mark.known)}
    examples = {"examples": list(mark.examples)} if mark.examples else {}
    return {"pattern": mark.pattern, **examples}
