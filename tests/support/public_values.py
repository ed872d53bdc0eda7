"""Instances of every public class, from a real workspace; a new name in ``__all__`` needs one here."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING

import krow_versions as kv
from krow_versions import errors, formats
from krow_versions.formats import format_named
from support.krow import API, CORE, STAFF, WEB, package
from support.releases import PRODUCT, Released

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 3, 5, 14, 0, tzinfo=dt.UTC)
SETTINGS = """\
[products.worker-mobile]
files = ["apps/mobile/apps/staff/pubspec.yaml", { path = "BUILD", format = "text", key = "build {build}" }]
changelog = "apps/mobile/apps/staff/CHANGELOG.md"
deploy = ["./deploy.sh", "{tag}"]

[products.web]
pins = true
files = ["apps/web/package.json"]
tags = { production = ["krow-withus-web/prod-v{version}", "web-v{version}"] }

[products.backend]
files = ["backend/*/package.json"]

[hotfix]
contacts = { "Release Engineer" = "+49 1 23" }
texts = { announcement = "We have fixed {issue}" }

[audit]
severity = { KV205 = "note" }
ignore = [{ code = "KV201", reason = "known", until = 2027-01-01 }]
"""


def busy_world(path: Path) -> Released:
    """Make a workspace with settings of every kind, a pin, a broken file, and a hotfix under way."""
    made = Released.make(path)
    workspace = kv.Workspace.open(made.ours.path)
    workspace.apply(
        workspace.plan_hotfix(PRODUCT, issue="Crash", severity="high", impact="all staff", now=NOW)
    )
    made.ours.write("krow-versions.toml", SETTINGS)
    made.ours.write("BUILD", "build 5\n")
    made.ours.write("apps/web/CHANGELOG.md", "# Changes\n\n## 1.4.0 (2026-01-01)\n\n- first\n")
    made.ours.write(API, package("0.3.1").replace('"x"', '"web"'))
    made.ours.commit("chore: settings")
    for number in range(8):
        made.ours.tag(f"krow-withus-web/prod-v1.3.{number}")
    return made


def samples(made: Released) -> Iterator[object]:
    """Give what a workspace gives."""
    workspace = kv.Workspace.open(made.ours.path)
    yield from (
        workspace,
        workspace.catalog,
        *workspace.catalog.products,
        *workspace.catalog.products[0].files,
    )
    yield from (workspace.audit(now=NOW, history=True), workspace.history("web"))
    yield from workspace.history("web").releases[:2]
    yield from (workspace[PRODUCT], workspace[PRODUCT].baseline, workspace.products(), workspace.show())
    hotfix = workspace.hotfix()
    yield from (hotfix, hotfix.status(NOW), hotfix.look(), hotfix.plan_pr())
    plan = workspace.plan_bump(PRODUCT, "web", message="Crash on login", date=NOW.date())
    yield from (plan, plan.products[0], *plan.changes)
    yield workspace.apply(plan)
    yield workspace.apply(plan_of := workspace.plan_bump(PRODUCT))
    yield plan_of
    made.ours.write(CORE, '{"version": 3}\n' + "x" * 1000)
    yield from (broken := workspace.audit(now=NOW), broken.snapshot, *broken.findings)
    yield from kv.audit_many([made.ours.path])
    yield from kv.audit_many([made.ours.path / "nowhere"])


def found_at(_: object) -> kv.Scalar:
    """Find a version in a document, for a format that has but one place."""
    return kv.Scalar(kv.Span(0, 5), "0.1.0")


def plain_samples() -> Iterator[object]:
    """Give what is made without a workspace."""
    version = kv.Version.parse("0.1.0+5")
    yield from (version, kv.ChangelogRow(NOW.date(), version, "HOTFIX: Crash | on login"))
    yield from kv.read_rows("| Date | Version | Change |\n|---|---|---|\n| 2026-03-05 | 0.1.1 | x |\n")
    yield from (kv.Edit(kv.Span(0, 1), "x"), kv.Span(2, 3), kv.Shipped(version, 5))
    yield kv.bump(version, [version, kv.Version(3, 0, 0)])
    yield from map(format_named, formats.BUILT_IN)
    yield from (format_named("json", "a.b\nc"), format_named("text", "v{version}"))
    yield kv.Scalar(kv.Span(0, 7), "0.1.0", '"')
    # What a format reads is compared by the data and the functions that it was made of.
    yield from (kv.Document(("0.1.0",), found_at), kv.Outline(("0.1.0",), found_at))
    yield from (
        kv.Package("apps/web", "web"),
        kv.Pin("dependencies.web", "web"),
        format_named("cargo").packaging,
    )
    pattern = kv.NamePattern("{slug}/prod-v{version}")
    yield pattern
    yield from (
        kv.ReleaseTag("web", "production", kv.Version(1, 0, 0)),
        kv.HotfixBranch("web", kv.Version(1, 0, 0)),
    )
    yield kv.Table(("tag", "when"), (("a", NOW),) * 500, "Releases")


def error_samples() -> Iterator[kv.KrowVersionsError]:
    """Give one error of every class with its facts, and several at once."""
    version = kv.Version(0, 1, 0)
    some = (
        errors.PushRejected("refused", reasons={"refs/heads/main": "protected"}, moved=True, hint="look"),
        kv.Conflict(
            "other", baseline=version, target=version.next_patch(), found=version, path=STAFF, hint="x"
        ),
        kv.Busy("locked", lock="/x/index.lock", since=NOW, hint="wait"),
        kv.InternalError("wrong", before="a\n" * 200, after="b"),
    )
    special: dict[type, kv.KrowVersionsError] = {type(each): each for each in some}
    special[kv.Problems] = kv.Problems([copy.copy(each) for each in some * 9])
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, kv.KrowVersionsError):
            error = special.get(kind) or kind(f"a {'long ' * 99}\nmessage of {WEB}", path=WEB, hint="do this")
            if kind is not kv.Problems:
                error.located("version: x", 3)
            error.add_note("  done: git push")
            yield error
