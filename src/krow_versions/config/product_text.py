"""Write the tables of proposed products and of their tags."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from krow_versions.config.candidates import SPECIAL
from krow_versions.config.fields import ALIAS
from krow_versions.config.tag_stages import PRODUCTION
from krow_versions.config.writing import file_entry, pair, table
from krow_versions.names import TAG_PATTERNS
from krow_versions.products import KROW, VersionFile
from krow_versions.text.escaping import printable
from krow_versions.text.words import as_compared, counted
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from krow_versions.config.candidates import Candidate, FoundFile
    from krow_versions.config.families import Family


@frozen
class Proposed:
    """A product of a proposal.

    Attributes:
        name: its name.
        slug: its name in tags.
        candidate: its folder and files.
        family: what its tags say, or None.
        title: its name for people; empty if that of another product would be the same.
        aliases: names of its packages.
        changelog: the CHANGELOG beside it, or None.
    """

    name: str
    slug: str
    candidate: Candidate
    family: Family | None = None
    title: str = ""
    aliases: tuple[str, ...] = ()
    changelog: str | None = None

    @property
    def patterns(self) -> Mapping[str, tuple[str, ...]]:
        """The patterns of its tags by stage."""
        return self.family.patterns if self.family else {}


def aliases_of(products: Sequence[Proposed]) -> tuple[Proposed, ...]:
    """Add titles and aliases, each of them the name of one product only."""
    used = collections.Counter(as_compared(each.name) for each in products)
    named = []
    for each in products:
        title = _title(each.name)
        free = as_compared(title) == as_compared(each.name) or not used[as_compared(title)]
        used[as_compared(title)] += 1
        named.append(evolve(each, title=title if free else ""))
    found = []
    for each in named:
        aliases = []
        for alias in dict.fromkeys(file.name for file in each.candidate.files if file.name):
            if ALIAS.problem(alias) is None and not used[as_compared(alias)]:
                used[as_compared(alias)] += 1
                aliases.append(alias)
        found.append(evolve(each, aliases=tuple(aliases[:_MOST_ALIASES])))
    return tuple(found)


_ACRONYMS = {word: word.upper() for word in ("api", "cli", "ui", "sdk")}
_MOST_ALIASES = 5


def _title(name: str) -> str:
    words = name.replace("_", "-").split("-")
    return " ".join(_ACRONYMS.get(word, word.title()) for word in words if word)


def product_text(products: Sequence[Proposed]) -> Iterator[str]:
    """Yield the table of each product."""
    common = _common(products)
    for each in products:
        yield table(f"products.{each.name}", _lines(each, common, is_only=len(products) == 1))


def _lines(product: Proposed, common: Mapping[str, str], *, is_only: bool) -> Iterator[str]:
    family, files = product.family, product.candidate.files
    if family is not None:
        yield f"# {evidence_of(family)}"
    built_in = _BUILT_IN.get(product.name)
    if product.title:
        yield pair("title", product.title)
    if product.aliases or (built_in and built_in.slug != product.slug):
        yield pair("aliases", product.aliases)
    if not is_only or built_in or (family is None) or family.slug:
        yield pair("slug", product.slug)
    versions = ", ".join(dict.fromkeys(printable(file.version or file.fault or "") for file in files))
    note = f"  # {versions}"
    note += (
        "; a hotfix cannot start from a pre-release"
        if any("-" in (file.version or "") for file in files)
        else ""
    )
    entries = [file_entry(_written(file)) for file in files]
    whole = pair("files", tuple(entries))
    if len(whole) > _WIDTH and len(entries) > 1:
        yield f"files = [{note}"
        yield from (f"    {pair('x', entry).partition(' = ')[2]}," for entry in entries)
        yield "]"
    else:
        yield f"{whole}{note}"
    if product.changelog:
        yield pair("changelog", product.changelog)
    own = {
        stage: patterns[0] if len(patterns) == 1 else list(patterns[:_MOST_PATTERNS])
        for stage, patterns in product.patterns.items()
        if patterns != (common.get(stage),)
    }
    if own:
        yield pair("tags", own)


def _written(file: FoundFile) -> VersionFile:
    return file.source or VersionFile(file.path, format=SPECIAL.get(file.path.rpartition("/")[2]))


_BUILT_IN = {product.name: product for product in KROW.products}
_WIDTH = 100
_MOST_PATTERNS = 20  # The size of Patterns in krow_versions.config.model.


def evidence_of(family: Family) -> str:
    """Write which tags a product has, and how sure it is that they are its own."""
    releases = sum(len(shape.releases) for shape in family.shapes)
    prereleases = sum(shape.prereleases for shape in family.shapes)
    words = [
        counted(releases, "release tag") if releases else counted(prereleases, "tag") + " of pre-releases"
    ]
    newest = f"newest {printable(family.shapes[0].newest)}"
    return f"{words[0]}, {newest}; {family.evidence}"


def tags_text(products: Sequence[Proposed]) -> str:
    """Write the patterns that most products have."""
    common = _common(products)
    lines = [pair(stage, common[stage]) for stage in TAG_PATTERNS if stage in common]
    if any(each.family for each in products):
        return table("tags", lines)
    text = "# No tag is of a product above, so that new tags will be:"
    return table("tags", [text, *lines])


def _common(products: Sequence[Proposed]) -> dict[str, str]:
    """Return the commonest pattern of each stage; only one with a slug can be of several products."""
    counts: dict[str, collections.Counter[str]] = {}
    for each in products:
        for stage, patterns in each.patterns.items():
            if len(products) == 1 or "{slug}" in patterns[0]:
                counts.setdefault(stage, collections.Counter())[patterns[0]] += 1
    common = {stage: min(some, key=lambda text: (-some[text], text)) for stage, some in counts.items()}
    return {PRODUCTION: TAG_PATTERNS[PRODUCTION].text} | common
