"""The nine promises as checks of what a command did, by an independent reading of files and refs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from support.machine_reading import (
    PRODUCTS,
    build,
    core,
    held,
    patched,
    places,
    production,
    products_in,
    shipped,
    spliced,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.machine_reading import Product
    from support.machine_runs import Deed, File
    from support.machine_world import World

BY_PATH = {f"{each.repo}/{path}": (each, path) for each in PRODUCTS for path in each.files}
LOGS = {f"{each.repo}/{each.log}": each for each in PRODUCTS}


def asked(deed: Deed) -> list[Product]:
    return [each for each in PRODUCTS if each.name in deed.products]


def changed(deed: Deed, who: str | None = None) -> Iterator[tuple[str, File | None, File | None]]:
    """Each file of a person's work trees that is not as it was: path, before, after."""
    before, after = (picture.files[who or deed.who] for picture in (deed.before, deed.after))
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if (old and (old.data, old.mode)) != (new and (new.data, new.mode)):
            yield path, old, new


def moved(deed: Deed, place: str, name: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Each ref of a repository that is not as it was: name, before, after."""
    before, after = (picture.refs[place, name] for picture in (deed.before, deed.after))
    for ref in sorted(before.keys() | after.keys()):
        if before.get(ref) != after.get(ref):
            yield ref, before.get(ref), after.get(ref)


def judge(world: World, deed: Deed, *, alone: bool = True) -> None:
    """Check what holds after every command, also after one that was killed, or one of two at once."""
    only_patch(world, deed)
    byte_exact(deed)
    builds_go_up(world, deed)
    server_is_the_truth(world, deed)
    if deed.code < 0:
        return
    assert deed.code in {0, 1, 2, 3, 4}, deed
    assert "Traceback" not in deed.result.err, deed
    if alone:
        nothing_silent(world, deed)
        all_or_nothing(deed)
        no_fix_is_passed(deed)


def only_patch(world: World, deed: Deed) -> None:
    """1. A bump raises PATCH by one, or the build alone; a merge has only versions of its parents; a tag is
    the PATCH above a production tag."""
    for path, old, new in changed(deed):
        if deed.is_bump and path in BY_PATH and old and new:
            before, after = (versions(path, file.data) for file in (old, new))
            (number,) = after
            raised = {core(each) for each in before} | (
                {patched(each) for each in before} if deed.args[0] == "bump-patch" else set()
            )
            assert core(number) in raised, f"1. {path}: {before} -> {after}: {deed}"
    for product in PRODUCTS:
        there = deed.before.refs["server", product.repo]
        for ref, old, new in moved(deed, "server", product.repo):
            if new and not old and ref in {product.tag(each) for each in production(product, [ref])}:
                (version,) = production(product, [ref])
                bases = {patched(each) for each in production(product, there)}
                assert core(version) in bases, f"1. {ref} is the PATCH above no release: {deed}"
                files = world.trees.files(world.remotes[product.repo], new)
                assert core(held(product, files) or "0.0.0") == core(version), f"1. {ref}: {deed}"
    for name, merge, parents in made_merges(world, deed):
        for product in products_in(name):
            trees = [world.trees.files(world.remotes[name], each) for each in (merge, *parents)]
            of_merge, *of_parents = (held(product, files) for files in trees)
            assert of_merge, f"1. a merge whose {product.name} has no version: {deed}"
            cores = {core(each) for each in of_parents if each}
            assert core(of_merge) in cores, f"1. {of_merge} in a merge of {of_parents}: {deed}"


def made_merges(world: World, deed: Deed) -> Iterator[tuple[str, str, list[str]]]:
    """The merges that a command put on a branch of the server: repository, commit, parents."""
    known = {new for refs in deed.before.refs.values() for new in refs.values()}
    for name, remote in world.remotes.items():
        for ref, _, new in moved(deed, "server", name):
            if ref.startswith("refs/heads/") and new and new not in known:
                parents = remote.git("log", "-1", "--format=%P", new).split()
                if len(parents) > 1:
                    yield name, new, parents


def idempotent(first: Deed, second: Deed) -> None:
    """2. What is finished is not done again: exit code 0, and nothing is written, not even the same bytes."""
    assert (first.code, second.code) == (0, 0), f"2. {first}\nagain: {second}"
    assert second.after.files == second.before.files, f"2. written again: {second}"
    for place, refs in second.before.refs.items():
        if place[0] == "server" or first.is_bump:
            assert second.after.refs[place] == refs, f"2. {place}: {second}"


def byte_exact(deed: Deed) -> None:
    """3. A bump changes the characters of versions, and inserts lines into CHANGELOGs: nothing else."""
    if not deed.is_bump:
        return
    for path, old, new in changed(deed):
        if re.search(r"/\.krow-versions-[0-9a-f]{32}\.tmp$", path):
            assert deed.code < 0, f"5. litter: {path}: {deed}"
            continue
        assert old, f"3. {path} is new: {deed}"
        assert new, f"3. {path} is gone: {deed}"
        assert old.mode == new.mode, f"3. mode of {path}: {deed}"
        if path in BY_PATH:
            (version,) = versions(path, new.data)
            assert spliced(path, old.data, version) == new.data, f"3. {path}: {deed}"
        else:
            assert path in LOGS, f"3. {path} was written: {deed}"
            assert deed.args[0] == "bump-patch", f"3. {path} was written: {deed}"
            assert is_insertion(old.data, new.data), f"3. {path}: {old.data!r} {new.data!r}: {deed}"


def is_insertion(old: bytes, new: bytes) -> bool:
    """Whether whole lines were inserted at one place of a text, and nothing else was changed."""
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    more = len(new) - len(old)
    return more > 0 and any(
        old[:at] + new[at : at + more] + old[at:] == new and (not at or old[at - 1 : at] == b"\n")
        for at in range(start + 1)
    )


def nothing_silent(world: World, deed: Deed) -> None:
    """4. Each file of the products that were asked for is right now and named, or it is named in the error."""
    if not deed.is_bump or "-n" in deed.args or "--check" in deed.args or "--json" in deed.args:
        return
    words = deed.result.out + deed.result.err
    for product in asked(deed):
        broken = world.is_broken(deed.who, product)
        if deed.code == 0:
            assert not broken, f"4. {broken} cannot be read, and nothing was said: {deed}"
            files = deed.after.bytes_of(deed.who)
            numbers = set()
            for path in product.files:
                assert path in words, f"4. {path} is not named: {deed}"
                numbers |= {core(each) for each in versions(path, files[f"{product.repo}/{path}"])}
            assert len(numbers) == 1, f"4. {product.name} is at {numbers}: {deed}"
        elif deed.code == 3 and "cannot be read" in deed.result.err:
            assert not [each for each in broken if each not in words], f"4. {broken}: {deed}"


def all_or_nothing(deed: Deed) -> None:
    """5. What is refused or failed has changed no file, no branch, no HEAD, and nothing on the server."""
    if deed.code == 0:
        return
    assert deed.after.files == deed.before.files, f"5. {deed}"
    for place, before in deed.before.refs.items():
        after = deed.after.refs[place]
        there = deed.after.refs["server", place[1]].items()
        kept = [
            {ref: value for ref, value in refs.items() if ref.startswith(("refs/heads/", "HEAD"))}
            for refs in (before, after)
        ]
        assert kept[0] == kept[1], f"5. {place}: {deed}"
        tags = {each for each in after.items() if each[0].startswith("refs/tags/")}
        assert tags - before.items() <= there, f"5. a tag that the server lacks: {deed}"


def builds_go_up(world: World, deed: Deed) -> None:
    """6. What a bump writes, and what is tagged for production, is above every build of another version."""
    for product in PRODUCTS:
        remote = world.remotes[product.repo]
        if deed.is_bump and product.name in deed.products and deed.code == 0 and "-n" not in deed.args:
            files = deed.after.bytes_of(deed.who)
            own = {path: files.get(f"{product.repo}/{path}", b"") for path in product.files}
            tags = deed.after.refs[deed.who, product.repo]
            same = deed.args[0] == "bump-build"
            check_build(world, product, held(product, own) or "", tags, deed, deed.who, above_own=same)
        before = deed.before.refs["server", product.repo]
        for ref, old, new in moved(deed, "server", product.repo):
            if new and not old and production(product, [ref]):
                version = held(product, world.trees.files(remote, new)) or ""
                check_build(world, product, version, before, deed, "server")
    for name, merge, parents in made_merges(world, deed):
        for product in products_in(name):
            found = [held(product, world.trees.files(world.remotes[name], each)) for each in (merge, *parents)]
            highest = max(build(each) for each in found[1:] if each)
            assert found[0] and build(found[0]) >= highest, f"6. a merge with {found}: {deed}"


def check_build(
    world: World, product: Product, version: str, tags: dict[str, str], deed: Deed, place: str, *, above_own: bool = False
) -> None:
    repo = world.remotes[product.repo] if place == "server" else world.clones[place, product.repo]
    if build(version) < 0:
        return
    for ref, its in shipped(product, tags).items():
        other = held(product, world.trees.files(repo, tags[ref]))
        if other and (above_own or core(its) != core(version)):
            assert build(version) > build(other), f"6. {version} after {ref} with {other}: {deed}"


def is_data(world: World, shown: Deed, done: Deed) -> None:
    """7. A dry run writes nothing; and what it shows is what the next run does."""
    assert shown.after.files == shown.before.files, f"7. {shown}"
    assert shown.after.records == shown.before.records, f"7. {shown}"
    assert shown.after.refs == shown.before.refs, f"7. {shown}"
    if shown.is_bump:
        assert shown.code == done.code, f"7. {shown}\n{done}"
    if shown.code or done.code:
        return
    data = json.loads(shown.result.out)
    if shown.is_bump:
        expected = {
            f"{file['repo']}/{file['path']}": file["after"]
            for product in data["products"]
            for file in [*product["files"], *filter(None, [product.get("changelog")])]
            if file["changed"]
            for file in [{"after": None} | file]
        }
        found = {path: new.data for path, _, new in changed(done) if new}
        assert found.keys() == expected.keys(), f"7. {expected.keys()}: {done}"
        for path, version in expected.items():
            if version:
                assert versions(path, found[path]) == {version}, f"7. {path} to {version}: {done}"
        assert data["changed"] == bool(found), f"7. {done}"
    else:
        pushed = {
            ref["ref"] for action in data["actions"] if action["action"] == "push" for ref in action["refs"]
        }
        (name,) = {each.repo for each in PRODUCTS if each.name == data["product"]}
        if known(shown, name):
            arrived = {ref for ref, _, _ in moved(done, "server", name)}
            shared = {ref for ref in arrived if ref.startswith("refs/krow-versions/")}
            assert arrived - shared == pushed - shared, f"7. {pushed}: {done}"


def known(deed: Deed, name: str) -> bool:
    """Whether a person's clone knows all that the server has."""
    here, there = deed.before.refs[deed.who, name], deed.before.refs["server", name]
    return all(
        here.get(ref.replace("refs/heads/", "refs/remotes/origin/")) == value
        for ref, value in there.items()
        if ref.startswith(("refs/heads/", "refs/tags/"))
    )


def no_fix_is_passed(deed: Deed) -> None:
    """8. No bump goes past a production tag that is here, unless on the branch of an older hotfix."""
    if deed.args[0] != "bump-patch" or deed.code or {"-n", "--from"} & {*deed.args}:
        return
    for product in asked(deed):
        refs = deed.after.refs[deed.who, product.repo]
        files = deed.after.bytes_of(deed.who)
        own = {path: files[f"{product.repo}/{path}"] for path in product.files}
        version = (held(product, own) or "").partition("+")[0] or core_of(product, own)
        newest = [each for each in production(product, refs) if core(each) >= core(version)]
        on_branch = refs["HEAD"] == f"ref: {product.branch(version)}"
        assert on_branch or not newest, f"8. {product.name} {version}, but {newest} shipped: {deed}"


def core_of(product: Product, files: dict[str, bytes]) -> str:
    return min(versions(product.files[0], files[product.files[0]])).partition("+")[0]


def server_is_the_truth(world: World, deed: Deed) -> None:
    """9. No ref of the server is deleted, moved back or moved aside; a production tag of ours is of approved
    content, and here only if it is there."""
    for name, remote in world.remotes.items():
        for ref, old, new in moved(deed, "server", name):
            assert new, f"9. {ref} was deleted on the server: {deed}"
            assert ref.startswith(("refs/heads/main", "refs/heads/hotfix/", "refs/heads/merge/", "refs/tags/",
                                   "refs/krow-versions/", "refs/heads/release/")), f"9. {ref}: {deed}"  # fmt: skip
            assert not deed.is_bump, f"9. a bump pushed {ref}: {deed}"
            if old and old != new:
                assert not ref.startswith("refs/tags/"), f"9. {ref} was moved: {deed}"
                assert world.trees.contains(remote, new, old), f"9. {ref} was forced: {deed}"
            if not old and ref.startswith("refs/tags/"):
                (product,) = (each for each in products_in(name) if production(each, [ref]))
                assert deed.command == "hotfix finish", f"9. {ref}: {deed}"
                trees = [remote.git("rev-parse", f"{each}^{{tree}}") for each in (new, *of_server(world, product))]
                assert trees[0] in trees[1:], f"9. {ref} is of content that nobody approved: {deed}"
        there = deed.after.refs["server", name]
        for who in world_people(deed):
            for ref, old, new in moved(deed, who, name):
                if ref.startswith("refs/tags/"):
                    assert new == there.get(ref), f"9. {ref} of {who} is not there: {deed}"
                    assert not old, f"9. {ref} of {who} was moved: {deed}"


def of_server(world: World, product: Product) -> list[str]:
    """The approved commits of a product that the server has."""
    remote = world.remotes[product.repo]
    return [each for each in world.approved[product.name] if has(remote, each)]


def has(remote: object, commit: str) -> bool:
    from support.machine_world import Timed

    assert isinstance(remote, Timed)
    return remote.tries("cat-file", "-e", commit)


def world_people(deed: Deed) -> list[str]:
    return [*deed.before.files]


def places_of(path: str, data: bytes) -> int:
    return len(places(path, data))
