"""The text of a ``krow-versions.toml`` for a repository that has none yet, for a person to read."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from krow_versions.config.candidates import NO_VERSION, Candidate, is_called, names_of, sort
from krow_versions.config.writing import file_entry, pair, table
from krow_versions.names import TAG_PATTERNS, NamePattern
from krow_versions.products import KROW, VersionFile
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.config.candidates import FoundFile

# More of one kind would only hide the rest.
_MOST_LISTED = 20
# How tags are called elsewhere, the likeliest first; the last of our own stages is production.
STYLES = tuple(
    map(
        NamePattern,
        (
            TAG_PATTERNS["production"].text,
            "{slug}-v{version}",
            "{slug}/v{version}",
            "{slug}@{version}",
            "{slug}@v{version}",
            "{slug}_v{version}",
            "{slug}/{version}",
            "{slug}-{version}",
        ),
    )
)


def propose(found: Sequence[FoundFile], tags: Sequence[str], changelogs: Sequence[str]) -> str:
    """Write a configuration with comments that ``load`` accepts, for a person to read and to mend.

    Applications and services become products; libraries, tests, examples and what has no version are
    listed as left out, with the reason. A KROW checkout gets KROW's own products.

    Args:
        found: the files that may carry a version.
        tags: names of all tags, without ``refs/tags/``.
        changelogs: paths of all CHANGELOGs.
    """
    krow, rest = _krow(found, tags)
    style = _style(tags)
    tagged = {read[0] for tag in tags if style and (read := style.parse(tag))}
    apart = sort(rest, sorted(tagged))
    named = krow + list(zip(names_of(apart.products), apart.products, strict=True))
    slugs = [_SLUGS[name] for name, _ in krow] + _slugs(names_of(apart.products), tagged)
    beside = set(changelogs)
    blocks = [_HEAD]
    if not named:
        blocks.append(_NOTHING)
    for (name, product), slug in zip(named, slugs, strict=True):
        blocks.append(_product(name, slug, product, beside))
    blocks.append(_tags(style, tags, tagged - set(slugs)))
    blocks.append(_MORE)
    without = [name for name, product in named if not _changelog_of(product, beside)]
    if without and "CHANGELOG.md" not in beside:
        blocks.append(
            _listed("No CHANGELOG is beside these; krow-versions changelog init makes one", without)
        )
    for reason, files in apart.left_out.items():
        blocks.append(_listed(f"Left out, {reason}", [_line(file, reason) for file in files]))
    return "\n".join(blocks)


_SLUGS = {product.name: product.slug for product in KROW.products}
_HEAD = """\
# Proposed by krow-versions from what is in this repository: read it, mend it, keep it.
# krow-versions config check tells every mistake; krow-versions show tells what it means.
"""
_NOTHING = """\
# Nothing was found that looks like a product. One is written like this:
# [products.web]
# files = ["apps/web/package.json"]
"""
_MORE = """\
# What the hotfix process needs to know; the deploy command of a product goes into its own table,
# such as deploy = ["./scripts/deploy.sh", "{tag}"].
# [hotfix]
# main = "main"
# contacts = { "Release Engineer" = "..." }
# channel = "#releases"
"""
_ACRONYMS = {word: word.upper() for word in ("api", "cli", "ui", "sdk")}


def _product(name: str, slug: str, product: Candidate, changelogs: set[str]) -> str:
    files = tuple(file_entry(VersionFile(file.path)) for file in product.files)
    versions = ", ".join(dict.fromkeys(printable(file.version or "") for file in product.files))
    note = "; a pre-release is no version to start a hotfix from" if "-" in versions else ""
    title = " ".join(_ACRONYMS.get(word, word.title()) for word in name.split("-"))
    lines = [pair("title", title), pair("slug", slug), f"{pair('files', files)}  # {versions}{note}"]
    changelog = _changelog_of(product, changelogs)
    if changelog:
        lines.append(pair("changelog", changelog))
    return table(f"products.{name}", lines)


def _slugs(names: Sequence[str], tagged: set[str]) -> list[str]:
    """Give each product the slug that its tags already have, where there is no doubt, or its name."""
    slugs = list(names)
    for slug in sorted(tagged - set(names)):
        called = [index for index, name in enumerate(names) if slugs[index] == name and is_called(name, slug)]
        if len(called) == 1 and names[called[0]] not in tagged:
            slugs[called[0]] = slug
    return slugs


def _changelog_of(product: Candidate, changelogs: set[str]) -> str | None:
    path = f"{product.folder}/CHANGELOG.md".removeprefix("/")
    return path if path in changelogs and "#" not in path else None


def _tags(style: NamePattern | None, tags: Sequence[str], strange: set[str]) -> str:
    lines = []
    if style is None and tags:
        shown = ", ".join(map(printable, sorted(filter(str.strip, set(tags)))[:3]))
        lines.append(f"# The tags here ({shown} ...) do not tell which product they are of, as a tag must.")
        lines.append(
            "# The first hotfix of a product starts from what is committed, or --from; its tag is called so:"
        )
    pattern = style or TAG_PATTERNS["production"]
    if strange:
        listed = ", ".join(sorted(strange)[:_MOST_LISTED])
        lines.append(f"# Tags of these are of no product above; one may be the slug of one: {listed}")
    return table("tags", [*lines, pair("production", pattern.text)])


def _style(tags: Iterable[str]) -> NamePattern | None:
    """Choose the style of most tags of production; the first of equals."""
    scores = dict.fromkeys(STYLES, 0)
    for tag in set(tags):
        for style in STYLES:
            read = style.parse(tag)
            if read and read[1].prerelease is None:
                scores[style] += 1
                break
    best = max(STYLES, key=lambda style: scores[style])
    return best if scores[best] else None


def _line(file: FoundFile, reason: str) -> str:
    why = f" ({printable(file.fault)})" if reason == NO_VERSION and file.fault else ""
    version = f" {printable(file.version)}" if file.version else ""
    return f"{printable(file.path)}{version}{why}"


def _listed(heading: str, lines: Sequence[str]) -> str:
    shown = [f"#   {line}\n" for line in lines[:_MOST_LISTED]]
    left = len(lines) - _MOST_LISTED
    return "".join((f"# {heading}:\n", *shown, f"#   and {left} more\n" if left > 0 else ""))


def _krow(
    found: Sequence[FoundFile], tags: Iterable[str]
) -> tuple[list[tuple[str, Candidate]], list[FoundFile]]:
    """Take KROW's own products out of what was found, where this is a KROW checkout.

    ``apps/web`` alone is in many repositories: only KROW's tags, or its mobile applications, tell.
    """
    products = []
    taken: set[FoundFile] = set()
    for product in KROW.products:
        files = tuple(
            file
            for file in sorted(found, key=lambda file: file.path)
            if file.version is not None
            and any(_matches(file.path, pattern) for known in product.files for pattern in _patterns(known))
        )
        if files:
            products.append((product.name, Candidate(files[0].path.rpartition("/")[0], files)))
            taken |= {*files}
    prefixes = tuple(f"{product.slug}/" for product in KROW.products)
    is_krow = any(tag.startswith(prefixes) for tag in tags) or any("mobile" in name for name, _ in products)
    return (products, [file for file in found if file not in taken]) if is_krow else ([], list(found))


def _patterns(file: VersionFile) -> Iterator[str]:
    yield from filter(None, (file.path, file.otherwise))


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))
