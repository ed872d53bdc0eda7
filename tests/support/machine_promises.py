"""The nine promises as checks of what a command did, by an independent reading of files and refs.

The number in each message is that of the promise. Those about the server are in ``machine_server``, the one
about fixes that other lines lack is in ``machine_settled``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from support.machine_reading import PRODUCTS, core, patched, production, spliced, versions
from support.machine_server import builds_go_up, bumped_builds_go_up, only_patch_ships, server_is_the_truth

if TYPE_CHECKING:
    from support.machine_runs import Deed
    from support.machine_world import World

FILES = {f"{each.repo}/{path}" for each in PRODUCTS for path in each.files}
LOGS = {f"{each.repo}/{each.log}" for each in PRODUCTS}


def judge(world: World, deed: Deed, *, alone: bool = True) -> None:
    """Check what holds after every command: also one that was killed, or one of two at once."""
    assert deed.code in {0, 1, 2, 3, 4, -9}, deed
    assert "Traceback" not in deed.result.err, deed
    only_patch_ships(world, deed)
    builds_go_up(world, deed)
    server_is_the_truth(world, deed)
    if deed.is_bump:
        only_patch(deed)
        byte_exact(deed)
    if alone and deed.code >= 0:
        all_or_nothing(deed)
    if alone and deed.is_bump and deed.writes:
        nothing_silent(world, deed)
        no_fix_is_passed(deed)
        bumped_builds_go_up(world, deed)


def only_patch(deed: Deed) -> None:
    """1. ``bump-patch`` raises PATCH by one, or the build alone; ``bump-build`` the build alone."""
    for path, old, new in deed.changed():
        if path in FILES and old and new:
            before, (after,) = versions(path, old.data), versions(path, new.data)
            may = {core(each) for each in before}
            may |= {patched(each) for each in before} if deed.args[0] == "bump-patch" else set()
            assert core(after) in may, f"1. {path}: {before} -> {after}: {deed}"


def idempotent(first: Deed, second: Deed) -> None:
    """2. What is finished is not done again: exit code 0, and nothing is written, not even the same bytes."""
    assert (first.code, second.code) == (0, 0), f"2. {first}\nagain: {second}"
    assert second.after.files == second.before.files, f"2. written again: {second}"
    for place, refs in second.before.refs.items():
        assert second.after.refs[place] == refs, f"2. {place}: {second}"


def byte_exact(deed: Deed) -> None:
    """3. A bump changes the characters of versions, and inserts lines into CHANGELOGs: nothing else."""
    for path, old, new in deed.changed():
        if re.search(r"/\.krow-versions-[0-9a-f]{32}\.tmp$", path):
            assert deed.code < 0 or old, f"5. litter: {path}: {deed}"
            continue
        assert old, f"3. {path} is new: {deed}"
        assert new, f"3. {path} is gone: {deed}"
        assert old.mode == new.mode, f"3. the mode of {path}: {deed}"
        if path in FILES:
            (version,) = versions(path, new.data)
            assert spliced(path, old.data, version) == new.data, f"3. {path}: {old} {new}: {deed}"
        else:
            assert path in LOGS, f"3. {path} was written: {deed}"
            assert deed.args[0] == "bump-patch", f"3. {path} was written: {deed}"
            assert is_insertion(old.data, new.data), f"3. {path}: {old} {new}: {deed}"


def is_insertion(old: bytes, new: bytes) -> bool:
    """Whether whole lines were inserted at one place of a text, and nothing else was changed."""
    more = len(new) - len(old)
    return more > 0 and any(
        old[:at] + new[at : at + more] + old[at:] == new and (not at or old[at - 1 : at] == b"\n")
        for at in range(len(old) + 1)
    )


def nothing_silent(world: World, deed: Deed) -> None:
    """4. Each file of the products that were asked for is named, and right now; or the error names it."""
    words = deed.result.out + deed.result.err
    for product in deed.products:
        broken = world.is_broken(deed.who, product)
        if deed.code:
            missing = [each for each in broken if each not in words]
            assert not missing or not any(each in words for each in broken), f"4. {missing}: {deed}"
            continue
        assert not broken, f"4. {broken} cannot be read, and nothing is said: {deed}"
        numbers = set()
        for path in product.files:
            assert path in words, f"4. {path} is not named: {deed}"
            numbers |= {core(each) for each in versions(path, deed.after_of(f"{product.repo}/{path}"))}
        assert len(numbers) == 1, f"4. {product.name} is at {numbers}: {deed}"


def all_or_nothing(deed: Deed) -> None:
    """5. What is refused or has failed has changed no file, no branch, no HEAD, and nothing on the server."""
    if deed.code == 0:
        return
    assert deed.after.files == deed.before.files, f"5. {deed}"
    for place, name in deed.before.refs:
        for ref, old, new in deed.moved(place, name):
            assert not ref.startswith(("refs/heads/", "HEAD")), f"5. {ref} of {place}: {deed}"
            assert place != "server" or ref.startswith("refs/krow-versions/"), (
                f"5. {ref}: {old} {new}: {deed}"
            )


def is_data(shown: Deed, done: Deed) -> None:
    """7. A dry run writes nothing; and what it shows is what the next run does."""
    assert shown.after.records == shown.before.records, f"7. {shown}"
    for place in shown.before.refs:
        assert [*shown.moved(*place)] == [], f"7. {place}: {shown}"
    assert shown.after.files == shown.before.files, f"7. {shown}"
    if shown.is_bump:
        assert shown.code == done.code, f"7. {shown}\n{done}"
    if shown.code or done.code:
        return
    data = json.loads(shown.result.out)
    if shown.is_bump:
        files = [
            file
            for each in data["products"]
            for file in [*each["files"], each.get("changelog")]
            if file and file["changed"]
        ]
        planned = {f"{file['repo']}/{file['path']}": file.get("after") for file in files}
        found = {path: versions(path, new.data) for path, _, new in done.changed() if new}
        assert found.keys() == planned.keys(), f"7. planned: {planned}: {done}"
        assert all(found[path] == {after} for path, after in planned.items() if after), (
            f"7. {planned}: {done}"
        )
        assert data["changed"] == bool(found), f"7. {done}"
    elif shown.knows_all(data["actions"]):
        planned = {
            ref["ref"]: "" for each in data["actions"] if each["action"] == "push" for ref in each["refs"]
        }
        found = {ref: set() for _, name in {*done.before.refs} for ref, _, _ in done.moved("server", name)}
        assert found.keys() == planned.keys(), f"7. planned: {planned}: {done}"


def no_fix_is_passed(deed: Deed) -> None:
    """8. No bump goes past a production tag that is here, unless on the branch of an older hotfix."""
    if deed.args[0] == "bump-patch" and deed.code == 0:
        for product in deed.products:
            refs = deed.after.refs[deed.who, product.repo]
            version = (deed.held(product) or "").partition("+")[0]
            passed = [each for each in production(product, refs) if core(each) >= core(version)]
            on_branch = refs["HEAD"] == f"ref: {product.branch(version)}"
            assert on_branch or not passed, f"8. {product.name} {version}, but {passed} shipped: {deed}"
