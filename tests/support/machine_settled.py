"""What holds when everybody has stopped: a fresh clone of all, and an audit of it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from support import child
from support.machine_reading import PRODUCTS, REPOS, core, held, production, refs_of
from support.machine_world import CONFIG

if TYPE_CHECKING:
    from support.machine_reading import Product
    from support.machine_world import World

LOST = {"KV204", "KV209", "KV210"}


def settle(world: World, more: str = "") -> None:
    """8. In a fresh clone, with *more* in its configuration, the audit names each line that lacks a fix."""
    folder = world.folder / "fresh"
    for name in REPOS:
        world.remotes[name].clone(folder / name)
    (folder / "krow-versions.toml").write_text(CONFIG.format(share="false") + more)
    world.clock.minutes += 1
    now = world.clock()
    result = child.run(folder, "audit", "--remote", "--json", clock=lambda: now)
    assert result.code in {0, 1}, f"8. {result}"
    findings = [each for each in json.loads(result.out)["findings"] if each["code"] in LOST]
    for product in PRODUCTS:
        about = [each["message"] for each in findings if each["product"] == product.name]
        for tag, line in lacking(world, product):
            short = tag.removeprefix("refs/tags/")
            where = line.removeprefix("refs/heads/").removeprefix("refs/tags/")
            assert [text for text in about if short in text and where in text], (
                f"8. {where} lacks a fix of {short}, and nothing is found: {about} {result}"
            )
    shutil.rmtree(folder)


def lacking(world: World, product: Product) -> list[tuple[str, str]]:
    """Each production tag, and each line that ships later and lacks a fix that came with that tag."""
    remote = world.remotes[product.repo]
    refs = refs_of(remote.folder)
    tags = production(product, refs)
    found = []
    for number, version in enumerate(tags):
        tag = product.tag(version)
        fixes = world.trees.fixes(remote, refs[tag], product)
        older = [world.trees.fixes(remote, refs[product.tag(each)], product) for each in tags[:number]]
        new = fixes.difference(*older)
        later = [product.tag(each) for each in tags[number + 1 :]]
        lines = [ref for ref in refs if ref.startswith("refs/heads/release/")]
        for line in ["refs/heads/main", *later, *lines]:
            at = held(product, world.trees.files(remote, refs[line]))
            if line in lines and (not at or core(at) < core(version)):
                continue
            if new - world.trees.fixes(remote, refs[line], product):
                found.append((tag, line))
    return found
