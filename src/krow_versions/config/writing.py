"""Write a configuration as TOML, the inverse of ``load``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from krow_versions.config.loading import BUILT_IN
from krow_versions.names import BRANCH_PATTERN, TAG_PATTERNS
from krow_versions.products import HOME, Product, joined_place, split_place
from krow_versions.settings import Audit, Config, Hotfix, Tags
from krow_versions.text.escaping import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tomlkit.items import Item

    from krow_versions.products import VersionFile


def render(config: Config, *, whole: bool = False) -> str:
    """Write *config* so that ``load`` returns it.

    Defaults are omitted, except if *whole*. A file with two possible paths (``VersionFile.otherwise``)
    can only be inherited from the built-in catalog. Characters that do not show are escaped.
    """
    blocks = []
    if whole or config.repos != {HOME: HOME}:
        blocks.append(table("repos", [pair(name, path) for name, path in config.repos.items()]))
    if whole or config.deploys or config.catalog.products != Config().catalog.products:
        blocks += [_product(product, config, whole=whole) for product in config.catalog.products]
    tags = config.catalog.tags
    stages = [stage for stage in TAG_PATTERNS if whole or tags[stage] != TAG_PATTERNS[stage]]
    lines = [pair(stage, tags[stage].text) for stage in stages]
    lines += _evidence(config.tags, whole=whole)
    blocks += [table("tags", lines)] if lines else []
    lines = list(_hotfix(config, whole=whole))
    blocks += [table("hotfix", lines)] if lines else []
    blocks += _audit(config.audit, whole=whole)
    return "\n".join(blocks)


def table(name: str, lines: Iterable[str]) -> str:
    """Write a table."""
    return "".join(f"{line}\n" for line in (f"[{name}]", *lines))


def pair(key: str, value: object) -> str:
    r"""Write a key and its value.

    >>> print(pair("Release Engineer", ("a\tb", 1)))
    "Release Engineer" = ["a\tb", 1]
    """
    return f"{_key(key)} = {_literal(value)}"


def file_entry(file: VersionFile) -> object:
    """Return the entry of *file* in the array ``files``: a path if that is enough, or else a table."""
    short = joined_place(file.repo, file.path)
    if file.format is None and file.key is None and split_place(short) == (file.repo, file.path):
        return short
    given = {"path": file.path, "repo": file.repo, "format": file.format, "key": file.key}
    return {key: value for key, value in given.items() if value is not None}


def _key(key: str) -> str:
    import tomlkit

    return spelled(tomlkit.key(key).as_string())


def _literal(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()  # With the offset in digits, also for UTC.
    return spelled(_item(value).as_string())


def _item(value: object) -> Item:
    """Make a TOML value; arrays and tables are on one line."""
    import tomlkit

    if isinstance(value, tuple):
        array = tomlkit.array()
        array.extend(map(_item, value))
        return array
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    return tomlkit.item(value)


def _product(product: Product, config: Config, *, whole: bool) -> str:
    base = BUILT_IN.get(product.name) or Product(product.name, product.name, ())
    repos = list(config.repos)
    lines = [
        pair(key, value)
        for key, value in attrs.asdict(product, recurse=False).items()
        if key not in {"name", "repo", "files", "tags"}
        and value is not None
        and (whole or value != getattr(base, key))
    ]
    if whole or len(repos) > 1 or product.repo != repos[0]:
        lines.append(pair("repo", product.repo))
    files = pair("files", tuple(map(file_entry, product.files)))
    others = [file.otherwise for file in product.files if file.otherwise]
    if product.files != base.files or (whole and not others):
        lines.append(files)
    elif whole:
        lines.append(f"# {files}" + "".join(f", or {other} where that is what exists" for other in others))
    if product.tags:
        tags = {
            stage: texts[0] if len(texts) == 1 else texts
            for stage, patterns in product.tags.items()
            if (texts := tuple(pattern.text for pattern in patterns))
        }
        lines.append(pair("tags", tags))
    if product.name in config.deploys:
        lines.append(pair("deploy", config.deploys[product.name]))
    return table(f"products.{_key(product.name)}", lines)


def _evidence(tags: Tags, *, whole: bool) -> Iterator[str]:
    if whole or tags.signed != (tags.signers is not None):
        yield pair("signed", tags.signed)
    if tags.signers is not None:
        yield pair("signers", tags.signers)
    if tags.taggers:
        yield pair("taggers", tags.taggers)


def _hotfix(config: Config, *, whole: bool) -> Iterator[str]:
    if whole or config.catalog.branch != BRANCH_PATTERN:
        yield pair("branch", config.catalog.branch.text)
    for key, value in attrs.asdict(config.hotfix, recurse=False).items():
        if value is not None and (whole or value != getattr(Hotfix(), key)):
            yield pair(key, value)


def _audit(audit: Audit, *, whole: bool) -> Iterator[str]:
    lines = [] if audit.since is None else [pair("since", audit.since.isoformat())]
    if whole or audit.stale_days != Audit().stale_days:
        lines.append(pair("stale_days", audit.stale_days))
    if lines:
        yield table("audit", lines)
    if audit.severity:
        yield table("audit.severity", [pair(code, severity) for code, severity in audit.severity.items()])
    for entry in audit.ignore:
        given = attrs.asdict(entry, filter=lambda _, value: value is not None)
        yield table("[audit.ignore]", [pair(key, value) for key, value in given.items()])
