"""Samples of locks with one package of the repository, and known places of its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from krow_versions.testing.sample import Sample, filled
from krow_versions.testing.texts import one

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


@st.composite
def cargo_locks(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``Cargo.lock`` documents of all versions; others have the package's name and its version."""
    named = '[[package]]\nname = "app"\n'
    registry = 'source = "registry+https://example.org/index"\nchecksum = "@V@"\n'
    own = f'{named}version = "\0"\n{draw(one(_CARGO_DEPENDENCIES))}'
    others = [
        f'[[package]]\nname = "left"\nversion = "@V@"\n{registry}{draw(one(_CARGO_DEPENDENCIES))}',
        f'{named}version = "1@V@"\n{registry}',
        f'{registry.join((named, ""))}version = "@V@"\ndependencies = ["app \0"]\n',
        f'[[package]]\nversion = "@V@"\n{registry}name = "app"\n',
        '[[patch.unused]]\nname = "left"\nversion = "@V@"\n',
        '[[patch.unused]]\nname = "app"\nversion = "\0"\n',
    ]
    some = draw(st.permutations([own, *draw(st.lists(st.sampled_from(others), unique=True))]))
    head = draw(one(["# This file is @generated.\nversion = 4\n", "version = 3\n", ""]))
    tail = draw(one(["", '[metadata]\n"checksum left @V@ (registry+https://example.org/index)" = "@V@"\n']))
    return filled(draw, "cargo-lock", "\n".join([head, *some, tail]), texts)


@st.composite
def uv_locks(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``uv.lock`` documents; others have the package's name and its version."""
    named, registry = '[[package]]\nname = "app"\n', 'source = { registry = "https://example.org/simple" }\n'
    source = draw(one(['{ editable = "." }', '{ virtual = "." }', '{ directory = "app" }']))
    twice = f'{{ name = "app", version = "\0", source = {source} }}'
    foreign = f'{{ name = "app", version = "@V@", {registry.strip()} }}'
    depending = draw(one([twice, f"{foreign},\n    {twice}", foreign, '{ name = "app" }']))
    own = f'{named}version = "\0"\nsource = {source}\n'
    right = (
        f'[[package]]\nname = "right"\n{registry}[package.dev-dependencies]\ndev = [{foreign}, {twice}]\n'
        '[package.metadata]\nrequires-dist = [{ name = "app", specifier = "==@V@" }]\n'
    )
    others = [
        f'[[package]]\nname = "left"\nversion = "@V@"\n{registry}dependencies = [\n    {depending},\n]\n',
        f'{named}version = "@V@"\n{registry}[package.optional-dependencies]\nextra = [{twice}]\n',
        f'{named}version = "1@V@"\nsource = {{ git = "https://example.org/app?rev=@V@" }}\n',
        right,
    ]
    some = draw(st.permutations([own, *draw(st.lists(st.sampled_from(others), unique=True))]))
    return filled(draw, "uv-lock", "\n".join(['version = 1\nrequires-python = ">=3.11"\n', *some]), texts)


_CARGO_DEPENDENCIES = (
    "",
    'dependencies = [\n "left",\n]\n',
    'dependencies = [\n "app 1@V@",\n "app \0",\n "left @V@",\n]\n',
    "dependencies = [ 'app \0', \"app @V@ (registry+https://example.org/index)\" ]\n",
)
