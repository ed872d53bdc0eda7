"""The promises about releases as checks of what a command did to the server: builds, merges, tags, pushes.

As in ``machine_promises``, the number in each message is that of the promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.machine_reading import (
    PRODUCTS,
    REPOS,
    build,
    core,
    held,
    patched,
    production,
    products_in,
    shipped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine_reading import Product
    from support.machine_runs import Deed
    from support.machine_world import World


def released(deed: Deed) -> Iterator[tuple[Product, str, str]]:
    """The production tags that a command made on the server: product, version, object."""
    for product in PRODUCTS:
        for ref, old, new in deed.moved("server", product.repo):
            for version in production(product, [ref] if new and not old else []):
                yield product, version, new or ""


def merged(world: World, deed: Deed) -> Iterator[tuple[str, list[str]]]:
    """The merges that a command made on a branch of the server: repository, the merge and its parents."""
    known = {new for refs in deed.before.refs.values() for new in refs.values()}
    for name in REPOS:
        for ref, _, new in deed.moved("server", name):
            if ref.startswith("refs/heads/") and new and new not in known:
                commits = world.remotes[name].git("log", "-1", "--format=%H %P", new).split()
                if len(commits) > 2:
                    yield name, commits


def only_patch_ships(world: World, deed: Deed) -> None:
    """1. A hotfix branch and a tag are the PATCH above a production tag, and the files at the tag say so; a
    merge has a version of its parents."""
    for product in PRODUCTS:
        tags = deed.after.refs[deed.who, product.repo] | deed.before.refs["server", product.repo]
        bases = {patched(each) for each in production(product, tags)}
        for ref, old, _ in deed.moved(deed.who, product.repo):
            if ref.startswith(product.branch("")) and not old:
                assert core(ref.removeprefix(product.branch(""))) in bases, f"1. {ref}: {deed}"
    for product, version, made in released(deed):
        before = production(product, deed.before.refs["server", product.repo])
        assert core(version) in {patched(each) for each in before}, f"1. {version} after {before}: {deed}"
        files = world.trees.files(world.remotes[product.repo], made)
        assert core(held(product, files) or "0.0.0") == core(version), f"1. {version}: {deed}"
    for name, commits in merged(world, deed):
        for product in products_in(name):
            found = [held(product, world.trees.files(world.remotes[name], each)) for each in commits]
            of_merge, *of_parents = [core(each) if each else None for each in found]
            assert of_merge in of_parents, f"1. {product.name} in a merge: {found}: {deed}"


def builds_go_up(world: World, deed: Deed) -> None:
    """6. What is tagged for production is above every build of another version; a merge loses no build."""
    for product, _, made in released(deed):
        remote = world.remotes[product.repo]
        version = held(product, world.trees.files(remote, made)) or ""
        tags = deed.before.refs["server", product.repo]
        is_above(version, builds(world, product, "server", tags), deed)
    for name, commits in merged(world, deed):
        for product in products_in(name):
            found = [held(product, world.trees.files(world.remotes[name], each)) for each in commits]
            numbers = [build(each) for each in found if each]
            assert numbers[0] == max(numbers), f"6. {product.name} in a merge: {found}: {deed}"


def bumped_builds_go_up(world: World, deed: Deed) -> None:
    """6. What a bump writes is above every build that a tag here has under another version; what
    ``bump-build`` writes is above every build."""
    for product in deed.products if deed.code == 0 else ():
        version = deed.held(product)
        tags = deed.after.refs[deed.who, product.repo]
        if version and deed.wrote(product):
            own = None if deed.args[0] == "bump-build" else core(version)
            is_above(
                version, [each for each in builds(world, product, deed.who, tags) if core(each) != own], deed
            )


def builds(world: World, product: Product, place: str, tags: dict[str, str]) -> list[str]:
    """The version with its build at each tag of a product."""
    repo = world.remotes[product.repo] if place == "server" else world.clones[place, product.repo]
    found = (held(product, world.trees.files(repo, tags[ref])) for ref in shipped(product, tags))
    return [each for each in found if each]


def is_above(version: str, others: list[str], deed: Deed) -> None:
    same = {each for each in others if core(each) == core(version)} if deed.args[0] != "bump-build" else set()
    below = [each for each in others if each not in same and build(each) >= build(version) >= 0]
    assert not below, f"6. {version} is not above {below}: {deed}"


def server_is_the_truth(world: World, deed: Deed) -> None:
    """9. No ref of the server is deleted, moved back or moved aside; a tag is of approved content, and here
    only if it is there."""
    for name, remote in world.remotes.items():
        for ref, old, new in deed.moved("server", name):
            assert new, f"9. {ref} was deleted on the server: {deed}"
            assert deed.args[0] == "hotfix", f"9. {ref} was pushed: {deed}"
            if old:
                assert not ref.startswith("refs/tags/"), f"9. {ref} was moved: {deed}"
                is_forward = remote.tries("merge-base", "--is-ancestor", old, new)
                assert is_forward, f"9. {ref} was forced: {deed}"
            elif ref.startswith("refs/tags/"):
                assert deed.args[1] in {"finish", "next"}, f"9. {ref}: {deed}"
        there = deed.after.refs["server", name]
        for who in deed.before.files:
            for ref, old, new in deed.moved(who, name):
                if ref.startswith("refs/tags/"):
                    assert new == there.get(ref), f"9. {ref} of {who} is not on the server: {deed}"
                    assert not old, f"9. {ref} of {who} was moved: {deed}"
    for product, version, made in released(deed):
        remote = world.remotes[product.repo]
        approved = [each for each in world.approved[product.name] if remote.tries("cat-file", "-e", each)]
        trees = [remote.git("rev-parse", f"{each}^{{tree}}") for each in (made, *approved)]
        assert trees[0] in trees[1:], f"9. {version} is of content that nobody approved: {deed}"
