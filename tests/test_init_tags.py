"""``init`` on repositories with tags: what it proposes reads every tag as the product that made it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.config import load, look, propose

if TYPE_CHECKING:
    from krow_versions.config import Proposal
    from krow_versions.settings import Config

PRODUCTION = (
    *("{}-v{}", "{}_v{}", "{}@{}", "{}@v{}", "{}=={}", "{}/v{}", "{}/{}", "{}-{}", "{}_{}"),
    *("{}/prod-v{}", "{}/production/{}", "prod-{}-v{}", "release/{}/v{}", "{}-v{}-production"),
)
STAGING = ("{}/staging-v{}", "{}-rc-v{}", "beta/{}/{}", "{}-v{}-staging")
DEVELOPMENT = ("{}/dev-v{}", "dev_{}_v{}", "nightly-{}-{}")
STAGES = {"production": PRODUCTION, "staging": STAGING, "development": DEVELOPMENT}
PLAIN = ("v{}", "{}", "release-{}", "prod-v{}", "V{}")
BUILDS = ("", "+{}", "({})", "-{}", "_{}", ".{}", "-build.{}")
MANIFESTS = {
    "pubspec.yaml": "name: {name}\nversion: {version}\n",
    "package.json": '{{"name": "{name}", "version": "{version}"}}\n',
    "Cargo.toml": '[package]\nname = "{name}"\nversion = "{version}"\n',
    "pyproject.toml": '[project]\nname = "{name}"\nversion = "{version}"\n',
}


@attrs.frozen
class Made:
    """A package, and the tags of its releases by stage."""

    path: str
    text: str
    tags: dict[str, tuple[str, ...]]


@st.composite
def packages(draw: st.DrawFn) -> list[Made]:
    """Draw packages, and for each the shapes of its tags: by stage, an old and a new one, with builds."""
    made: list[Made] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)):
        scoped = name.startswith("@")
        file = "package.json" if scoped else draw(st.sampled_from(sorted(MANIFESTS)))
        by_folder = not scoped and draw(st.booleans())
        tags: dict[str, tuple[str, ...]] = {}
        build = draw(st.sampled_from(BUILDS))
        stages = draw(st.sets(st.sampled_from(sorted(STAGES)))) | {"production"}
        for stage in sorted(stages):
            shapes = draw(st.lists(st.sampled_from(STAGES[stage]), min_size=1, max_size=2, unique=True))
            tags[stage] = tuple(
                shape.format(name, f"{major}.{minor}.0")
                + (build.format(minor + 7) if shape.endswith("}") else "")
                for major, shape in enumerate(shapes, 1)
                for minor in range(1, 4)
            )
        version = f"{len(tags['production']) // 3}.3.0"
        beside = by_folder or draw(st.booleans())
        folder = f"packages/{name.rpartition('/')[2]}" if beside else f"lib/x{len(made)}"
        own = f"other{len(made)}" if by_folder else name
        made.append(Made(f"{folder}/{file}", MANIFESTS[file].format(name=own, version=version), tags))
    return made


NAMES = ("web", "bloc_test", "@shop/web-kit", "http2_adapter", "core", "api-client", "flutter_bloc", "bloc")


def proposal_of(made: list[Made], more: tuple[str, ...] = ()) -> tuple[Proposal, Config]:
    """What ``init`` proposes for these packages, and what that means."""
    tags = [tag for each in made for some in each.tags.values() for tag in some]
    found = [look(each.path, each.text) for each in made]
    proposal = propose(found, [*tags, *more], [], today=dt.date(2026, 3, 1))
    return proposal, load(proposal.text, path="krow-versions.toml")


@given(packages())
def test_every_tag_is_read_as_the_product_that_made_it(made: list[Made]) -> None:
    """Whatever the shapes, the proposed patterns read each tag as the product and stage that made it."""
    _, config = proposal_of(made, ("nightly", "1.0", "latest"))
    reader = config.catalog.tag_reader(*config.catalog.products)
    slugs = {file.path: product.slug for product in config.catalog.products for file in product.files}
    for each in made:
        for stage, tags in each.tags.items():
            for tag in tags:
                read = reader.read(tag)
                assert read is not None, tag
                assert read[:2] == (slugs[each.path], stage), tag
