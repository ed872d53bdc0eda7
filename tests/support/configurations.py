"""Strategies for configurations: values that ``load`` accepts, files of them, and awkward texts."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from krow_versions.config import render
from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.names import NamePattern, is_slug
from krow_versions.products import KROW, Catalog, Product, VersionFile
from krow_versions.settings import Audit, Config, Hotfix, Ignore, Tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

# Pieces that paths, slugs, patterns and commands trip over, and what they are made of otherwise.
PIECES = (
    *("", ".", "..", "/", "//", "\\", ":", "#", "-", "_", "*", "@", "~", "^", " ", "\t", "\n", "\0", "\x7f"),
    *(
        ".git",
        ".GIT",
        "git~1",
        ".g\u200cit",
        ".gitignore",
        ".lock",
        "a",
        "b",
        "web",
        "VERSION",
        "package.json",
    ),
    *(
        "{slug}",
        "{version}",
        "{tag}",
        "{",
        "}",
        "${x}",
        "é",
        "\u202e",
        "\ufeff",
        "\u2028",
        "漢",
        "😀",
        "x" * 300,
    ),
)
ALL = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)

WORDS = st.text(st.sampled_from("aBé漢😀\"'\\#{}.,=[] x"), min_size=1, max_size=12).filter(str.strip)
NAMES = st.sampled_from(("web", "worker-mobile", "backend", "shop", "a", "b.c", "x_y", "0"))
FOLDERS = st.sampled_from(("", "apps/", "apps/shop/", "ü/", "a b/", "a#b/", "x=1/", "*/"))
PRODUCTION = (
    "{slug}/prod-v{version}",
    "{slug}-v{version}",
    "{slug}@{version}",
    "v{version}/{slug}",
    "p/{slug}/{version}",
    "v{version}-{slug}",
    "{slug}-{version}({build})",
)


@st.composite
def configs(draw: DrawFn) -> Config:
    """A configuration as ``load`` gives it: everything in it is there once."""
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    repos = draw(
        st.just({".": "."})
        | st.dictionaries(st.sampled_from(("mobile", "web", "Back.end", "0")), st.just(""), min_size=1)
    )
    repos = {name: path or f"folder/{name}" for name, path in repos.items()}
    if not names and len(repos) > 1:
        names = ["shop"]
    products = tuple(draw(_product(name, number, list(repos))) for number, name in enumerate(names)) or tuple(
        attrs.evolve(product, repo=next(iter(repos))) for product in KROW.products
    )
    tags = {
        "production": NamePattern(draw(st.sampled_from(PRODUCTION))),
        "staging": NamePattern(draw(st.sampled_from(("{slug}/staging-v{version}", "{version}+s/{slug}")))),
        "development": NamePattern(draw(st.sampled_from(("{slug}/dev-v{version}", "{slug}/dev/V{version}")))),
    }
    branch = NamePattern(draw(st.sampled_from(("hotfix/{slug}-v{version}", "fix/{version}/{slug}"))))
    hotfix = Hotfix(
        main=draw(st.none() | st.sampled_from(("main", "trunk", "release/1"))),
        lines=tuple(draw(st.lists(st.sampled_from(("release/*", "next", "v?.x", "a/**/b[1-3]"))))),
        merge=draw(st.sampled_from(("auto", "push", "pull-request"))),
        share=draw(st.booleans()),
        contacts=draw(st.dictionaries(WORDS, WORDS, max_size=3)),
        channel=draw(st.none() | WORDS),
        notify=draw(
            st.none() | st.sampled_from((("./say.sh",), ("mail", "-s", "{product} {version}", "{channel}")))
        ),
        max_lines=draw(st.sampled_from((1, 200, 10**12))),
        also=tuple(draw(st.lists(st.sampled_from(("docs/**", ".github/*", "a b/[x]?.md", "ü"))))),
    )
    deploys = {
        product.name: (
            "./deploy",
            *draw(st.lists(st.sampled_from(("{tag}", "-v={version}", "x y", "\n", "\x7f")))),
        )
        for product in products
        if draw(st.booleans())
    }
    audit = draw(_audit([product.name for product in products]))
    signers = draw(st.none() | st.sampled_from(("signers", ".krow/ü signers")))
    taggers = draw(st.lists(st.sampled_from(("a@b", "Ada Lovelace <a@b>", "漢 <é@x>")), unique=True))
    evidence = Tags(draw(st.booleans()), signers, tuple(taggers))
    return Config(Catalog(products, tags, branch), repos, hotfix, deploys, audit, evidence)


def good_files() -> st.SearchStrategy[dict[str, Any]]:
    """What stands in a file that ``load`` accepts, with at least one key."""
    return configs().map(lambda config: tomllib.loads(render(config))).filter(bool)


def files_of(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Walk the paths of all keys and elements of nested tables and arrays."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*place, key)
        yield from files_of(value, (*place, key))


def _audit(products: list[str]) -> st.SearchStrategy[Audit]:
    """Settings of the audit; what is ignored is of one of *products*, or of all."""
    ignore = st.builds(
        Ignore,
        code=st.sampled_from(list(FINDINGS)),
        reason=WORDS,
        until=st.dates(),
        product=st.none() | st.sampled_from(products),
        about=st.none()
        | WORDS
        | st.sampled_from(("-x", "apps/web/package.json", "a\u202e\\b\t\x7f\x9b\U000e0001")),
    )
    return st.builds(
        Audit,
        severity=st.dictionaries(st.sampled_from(list(FINDINGS)), st.sampled_from(SEVERITIES), max_size=3),
        ignore=st.lists(ignore, max_size=2).map(tuple),
        stale_days=st.sampled_from((1, 14, 36_500)),
        since=st.none() | st.dates(),
    )


@st.composite
def _product(draw: DrawFn, name: str, number: int, repos: list[str]) -> Product:
    """A product whose names, slug and files hold *number*, so that no other has them."""
    base = next((known for known in KROW.products if known.name == name), None)
    title = draw(st.just("") | WORDS.map(lambda word: f"x{word.strip()} {number}"))
    aliases = tuple(f"{alias}{number}" for alias in draw(st.lists(st.sampled_from("pqr"), unique=True)))
    files = tuple(
        draw(_file(f"{folder}{number}-{index}", repos))
        for index, folder in enumerate(draw(st.lists(FOLDERS, min_size=0 if base else 1, max_size=3)))
    )
    slug = f"{draw(st.sampled_from(('s', 'krow.x', 'a-v1', '@Scope/a')))}-{number}"
    assert is_slug(slug)
    return Product(
        name=name,
        slug=slug,
        files=files or (base.files if base else ()),
        title=title or (base.title if base else ""),
        aliases=aliases,
        repo=draw(st.sampled_from(repos)),
        changelog=draw(st.none() | st.sampled_from(("CHANGELOG.md", "a b/é.md#Worker Mobile"))),
        max_build=draw(st.sampled_from((1, 2_100_000_000, 10**12))),
        tags=draw(
            st.just({}) | st.just({"production": (NamePattern(f"own{number}/v{{version}}+{{build}}"),)})
        ),
    )


@st.composite
def _file(draw: DrawFn, folder: str, repos: list[str]) -> VersionFile:
    name, format_, key = draw(
        st.sampled_from(
            (
                ("package.json", None, None),
                ("*.yaml", None, None),
                ("a:b/VERSION", None, None),
                ("x.gradle", "text", 'versionName "{version}"'),
                ("y.gradle", "text", 'versionName "{version}"\nversionCode {build}\n'),
                ("x.yaml", "yaml", 'image."my.tag"'),
                ("pyproject.toml", None, "tool.x.version"),
            )
        )
    )
    return VersionFile(f"{folder}/{name}", None, draw(st.none() | st.sampled_from(repos)), format_, key)
