"""Propose a ``krow-versions.toml`` for a repository that has none."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from krow_versions.config.candidates import NO_VERSION, Candidate, choose, is_called, names_of
from krow_versions.config.writing import file_entry, pair, table
from krow_versions.names import TAG_PATTERNS, NamePattern
from krow_versions.products import KROW, VersionFile
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.config.candidates import FoundFile

# Per list; more would hide the rest of the file.
_MOST_LISTED = 20
# Common patterns of tags, the most likely first.
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
    """Write a valid configuration with comments, for a person to review.

    Applications and services become products; libraries, tests, examples and files without a version
    are listed with the reason. A KROW checkout gets KROW's own products.

    Args:
        found: the possible version files.
        tags: names of all tags, without ``refs/tags/``.
        changelogs: paths of all CHANGELOGs.
    """
    krow, rest = _krow(found, tags)
    style = _style(tags)
    tagged = {read[0] for tag in tags if style and (read := style.parse(tag))}
    selection = choose(rest, sorted(tagged))
    named = krow + list(zip(names_of(selection.products), selection.products, strict=True))
    slugs = [_SLUGS[name] for name, _ in krow] + _slugs(names_of(selection.products), tagged)
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
    for reason, files in selection.left_out.items():
        blocks.append(_listed(f"Left out, {reason}", [_line(file, reason) for file in files]))
    return "\n".join(blocks)


_SLUGS = {product.name: product.slug for product in KROW.products}
_HEAD = """\
# Proposed by krow-versions from the files and tags of this repository: please review it.
# krow-versions config check prints all mistakes; krow-versions show prints the products.
"""
_NOTHING = """\
# No product was found. Write one like this:
# [products.web]
# files = ["apps/web/package.json"]
"""
_MORE = """\
# The settings of the hotfix process; the deploy command of a product belongs in its own table,
# such as deploy = ["./scripts/deploy.sh", "{tag}"].
# [hotfix]
# main = "main"            # by default the branch that the remote's HEAD names
# lines = ["release/*"]    # branches that ship later and must get every fix
# merge = "pull-request"   # if people merge on the server; by default a push is tried
# contacts = { "Release Engineer" = "...", "Product Owner" = "...", "DevOps" = "..." }
# channel = "#emergency-releases"
# notify = ["./scripts/notify.sh", "{channel}"]    # gets an announcement on stdin, only with announce --send
"""
_ACRONYMS = {word: word.upper() for word in ("api", "cli", "ui", "sdk")}


def _product(name: str, slug: str, product: Candidate, changelogs: set[str]) -> str:
    files = tuple(file_entry(VersionFile(file.path)) for file in product.files)
    versions = ", ".join(dict.fromkeys(printable(file.version or "") for file in product.files))
    note = "; a hotfix cannot start from a pre-release" if "-" in versions else ""
    title = " ".join(_ACRONYMS.get(word, word.title()) for word in name.split("-"))
    lines = [pair("title", title), pair("slug", slug), f"{pair('files', files)}  # {versions}{note}"]
    changelog = _changelog_of(product, changelogs)
    if changelog:
        lines.append(pair("changelog", changelog))
    return table(f"products.{name}", lines)


def _slugs(names: Sequence[str], tagged: set[str]) -> list[str]:
    """Return the slug of each product: that of its tags if it is unambiguous, or else its name."""
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
        lines.append(f"# The tags here ({shown} ...) do not contain the slug of a product.")
        lines.append(
            "# The first hotfix of a product starts from the committed version, or --from. Its tag will be:"
        )
    pattern = style or TAG_PATTERNS["production"]
    if strange:
        listed = ", ".join(sorted(strange)[:_MOST_LISTED])
        lines.append(f"# Slugs in tags of no product above; perhaps one belongs to a product: {listed}")
    return table("tags", [*lines, pair("production", pattern.text)])


def _style(tags: Iterable[str]) -> NamePattern | None:
    """Return the style of most production tags, or None; the first style at a tie."""
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
    """Return KROW's own products and the other files; no products if this is not a KROW checkout.

    KROW's tags or mobile applications identify one, because many repositories have an ``apps/web``.
    """
    products = []
    taken: set[FoundFile] = set()
    for product in KROW.products:
        files = tuple(
            file
            for file in sorted(found, key=lambda file: file.path)
            if file.version is not None
            and any(
                pattern and _matches(file.path, pattern)
                for known in product.files
                for pattern in (known.path, known.otherwise)
            )
        )
        if files:
            products.append((product.name, Candidate(files[0].path.rpartition("/")[0], files)))
            taken |= {*files}
    prefixes = tuple(f"{product.slug}/" for product in KROW.products)
    is_krow = any(tag.startswith(prefixes) for tag in tags) or any("mobile" in name for name, _ in products)
    return (products, [file for file in found if file not in taken]) if is_krow else ([], list(found))


def _matches(path: str, pattern: str) -> bool:
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))
