"""What a ``krow-versions.toml`` may hold, as classes, and the JSON Schema that is made from them."""

import datetime as dt
import inspect
import types
import typing
from typing import Annotated, Any, get_args, get_origin

import attrs

from krow_versions.config.fields import (
    Alias,
    Argument,
    Branches,
    BranchPattern,
    Changelog,
    Choice,
    Code,
    Day,
    Days,
    Folder,
    Free,
    Glob,
    Key,
    Kind,
    Merge,
    Name,
    Notice,
    Path,
    Place,
    Positive,
    Quoted,
    Ref,
    RepoName,
    Severity,
    SignersFile,
    Size,
    Slug,
    Tagger,
    TagPattern,
    Template,
    Text,
    TextName,
)
from krow_versions.findings import FINDINGS
from krow_versions.templates import TEXTS
from krow_versions.values import field, frozen


def _option(description: str) -> Any:
    """Make an optional field with its description in the schema."""
    return field(default=None, metadata={"description": description})


def _needed(description: str) -> Any:
    return field(metadata={"description": description})


Patterns = TagPattern | Annotated[tuple[TagPattern, ...], Size(1, 20)]


# Without comparison and repr, which nothing uses and which make the import slow.
@frozen(eq=False, repr=False)
class FileTable:
    """A version file with more settings than its path."""

    path: Path = _needed("The file, or a glob, relative to its repository.")
    format: Free | None = _option("The name of its format, if no format knows the file name.")
    key: Key | None = _option(
        "The key of the version, if not the usual one: a dotted key path, or for the format text "
        "the line with {version} or {build} in it. Several are written one a line."
    )
    repo: RepoName | None = _option("Its repository, if not that of the product.")


@frozen(eq=False, repr=False)
class TagsTable:
    """The patterns of the tags of each stage, and who makes and signs production tags."""

    production: TagPattern | None = _option(
        "The pattern of production tags; {version} is needed, {slug} and {build} may be there."
    )
    staging: TagPattern | None = _option("The pattern of staging tags.")
    development: TagPattern | None = _option("The pattern of development tags.")
    signed: bool | None = _option(
        "Whether an audit requires that production tags are signed by a known signer; by default where "
        "signers are named."
    )
    signers: SignersFile | None = _option(
        "The file of the known signers, relative to this file: lines of allowed signers of ssh, and armored "
        "OpenPGP keys."
    )
    taggers: Annotated[tuple[Tagger, ...], Size(1, 100)] | None = _option(
        "Who makes production tags, as mail addresses or as Name <mail>; by default anybody."
    )


@frozen(eq=False, repr=False)
class OwnTagsTable:
    """The patterns of the tags of one product, for the stages whose tags are not as in [tags].

    Of several, the first is for new tags, and all are read.
    """

    production: Patterns | None = _option("Of production tags, such as v{version}.")
    staging: Patterns | None = _option("Of staging tags.")
    development: Patterns | None = _option("Of development tags.")


@frozen(eq=False, repr=False)
class ProductTable:
    """Something that ships under a version of its own.

    One with the name of a built-in product inherits from it what is omitted here.
    """

    title: Text | None = _option("Its name for people.")
    aliases: Annotated[tuple[Alias, ...], Size(0, 100)] | None = _option("More names that commands accept.")
    slug: Slug | None = _option("Its name in tags and branches; by default its name.")
    repo: RepoName | None = _option("The repository of its tags.")
    files: Annotated[tuple[Place | FileTable, ...], Size(1, 1000)] | None = _option(
        "Every file with its version. Globs are allowed; web:package.json is in the repository web. "
        "A lock file beside a package.json is included with it."
    )
    changelog: Changelog | None = _option(
        "Its CHANGELOG, if not the one beside its first version file or at the top; "
        "CHANGELOG.md#Web is the part under the heading Web."
    )
    deploy: Annotated[tuple[Argument, ...], Size(1, 100)] | None = _option(
        "The program that deploys it, and its arguments; {tag}, {version} and {slug} are replaced."
    )
    max_build: Positive | None = _option("The highest build number allowed.")
    pins: bool | None = _option(
        "Whether a bump moves the places where other packages of the repository require exactly the version "
        "of one of its packages, as bump-patch --pins does."
    )
    tags: OwnTagsTable | None = _option("The patterns of its tags, if not those of [tags].")


@frozen(eq=False, repr=False)
class HotfixTable:
    """The settings of the hotfix process."""

    branch: BranchPattern | None = _option("The pattern of hotfix branches.")
    main: Ref | None = _option(
        "The branch that hotfixes are merged into; by default the one that the remote's HEAD names, or else "
        "the repository's default branch."
    )
    lines: Annotated[tuple[Branches, ...], Size(0, 100)] | None = _option(
        "Names and globs of the branches, besides main, that ship later and must get every fix."
    )
    merge: Merge | None = _option("How a hotfix is brought to main: by a push, or by a pull request.")
    remote: Ref | None = _option("The remote to push to.")
    share: bool | None = _option(
        "Whether the record of a hotfix is also kept on the remote, where everybody who can read the "
        "repository can read it; by default false."
    )
    label: Text | None = _option("The label of the pull request.")
    contacts: Annotated[dict[Text, Text], Size(0, 100)] | None = _option(
        "Whom to inform, and how to reach them."
    )
    channel: Text | None = _option("Where hotfixes are announced.")
    notify: Annotated[tuple[Notice, ...], Size(1, 100)] | None = _option(
        "The program that sends an announcement, which it gets on stdin, and its arguments; {channel}, "
        "{product}, {version} and {tag} are replaced."
    )
    max_lines: Positive | None = _option("The number of changed lines above which a hotfix is big.")
    also: Annotated[tuple[Glob, ...], Size(0, 100)] | None = _option(
        "Paths and globs that a hotfix may change besides the folders of its product."
    )
    texts: Annotated[dict[TextName, Template], Size(0, len(TEXTS))] | None = _option(
        "Templates that replace built-in texts of the process, with $names as placeholders."
    )


@frozen(eq=False, repr=False)
class IgnoreTable:
    """A known finding of the audit that is not reported until a day."""

    code: Code = _needed("The id of the finding.")
    reason: Text = _needed("Why it is ignored.")
    until: dt.date = _needed("The last day on which it is ignored; a date without quotes.")
    product: Text | None = _option("Only for this product; by default for all.")
    about: Free | None = _option("Only for this tag, branch, version or file.")


@frozen(eq=False, repr=False)
class AuditTable:
    """The settings of the audit."""

    severity: Annotated[dict[Code, Severity], Size(0, len(FINDINGS))] | None = _option(
        "Severities that replace the default ones, by the ids of findings."
    )
    ignore: Annotated[tuple[IgnoreTable, ...], Size(0, 1000)] | None = _option("Known findings.")
    stale_days: Days | None = _option("Number of days without a commit after which a hotfix branch is stale.")
    since: Day | None = _option(
        "The day of adoption, such as 2026-03-01: releases, commits and CHANGELOG rows from before it are "
        "not accused."
    )


@frozen(eq=False, repr=False)
class File:
    """The configuration of krow-versions: products, their version files, tags, repositories."""

    repos: Annotated[dict[RepoName, Folder], Size(1, 1000)] | None = _option(
        "The folder of each repository, relative to this file; by default one repository here."
    )
    products: Annotated[dict[Name, ProductTable], Size(1, 1000)] | None = _option(
        "The products in order of display. They replace the built-in ones."
    )
    tags: TagsTable | None = _option("The patterns of tags, and who makes them.")
    hotfix: HotfixTable | None = _option("The settings of the hotfix process.")
    audit: AuditTable | None = _option("The settings of the audit.")


# --- JSON Schema ----------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12), for editors.

    It checks each value by itself. Only the loader finds duplicate names, slugs and files, repositories,
    products and formats that do not exist, and products without files. The loader also distinguishes
    ``1.0`` from a whole number, and dates from text.
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
    bool: {"type": "boolean"},
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
    """Remove the description of a class, because the field has one."""
    return {key: value for key, value in found.items() if key != "description"}


_BOUNDS: dict[type[Any], tuple[str, str]] = {
    int: ("minimum", "maximum"),
    tuple: ("minItems", "maxItems"),
    dict: ("minProperties", "maxProperties"),
}


def _marked(mark: Kind | Choice | Size | Quoted, base: type[Any]) -> dict[str, Any]:
    if isinstance(mark, Quoted):
        return {}  # A schema has no dates but in quotes.
    if isinstance(mark, Size):
        minimum, maximum = _BOUNDS[base]
        return {minimum: mark.minimum} | ({} if mark.maximum is None else {maximum: mark.maximum})
    if isinstance(mark, Choice):
        return {"enum": list(mark.known)}
    examples = {"examples": list(mark.examples)} if mark.examples else {}
    return {"pattern": mark.pattern, **examples}
