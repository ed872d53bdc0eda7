"""Workspaces, plans and reports, as an importer uses them; see ``values.py``."""

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import assert_type

import krow_versions as kv


def workspaces(folder: Path) -> None:
    ws = kv.Workspace.open(folder)
    assert_type(ws, kv.Workspace)
    for name in ws:
        assert_type(name, str)
    web = ws["web"]
    assert_type(web, kv.ProductView)
    assert_type(web.version, kv.Version)
    assert_type(web.baseline, kv.Baseline)
    assert_type(ws.snapshot(), kv.Snapshot)
    assert_type(ws.show("web", "backend"), kv.Table)
    ws[1]  # type: ignore[index]  # pyright: ignore[reportArgumentType]


def plans(ws: kv.Workspace, day: dt.date) -> None:
    plan = ws.plan_bump("web", "backend", message="Crash on login", date=day, from_="1.4.0")
    assert_type(plan, kv.Plan)
    assert_type(plan.is_empty, bool)
    assert_type(plan.diff(), str)
    for product in plan.products:
        assert_type(product, kv.ProductPlan)
        assert_type(product.target, kv.Version)
    for change in plan.changes:
        assert_type(change, kv.FileChange | kv.PinChange | kv.RowChange)
        assert_type(change.path, str)
    assert_type(ws.apply(plan), kv.Applied)
    ws.plan_bump("web", dry_run=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ws.plan_bump(["web"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ws.apply("web")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def hotfixes(ws: kv.Workspace, now: dt.datetime) -> None:
    plan = ws.plan_hotfix("web", issue="Blank page", severity="high", impact="nobody can plan", now=now)
    ws.apply(plan)
    hotfix = ws.hotfix("web")
    assert_type(hotfix, kv.HotfixView)
    assert_type(hotfix.status(), kv.Status)
    assert_type(hotfix.plan_pr(), kv.Plan)
    assert_type(hotfix.plan_finish(), kv.Plan)
    ws.plan_hotfix("web")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def reports(ws: kv.Workspace) -> None:
    report = ws.audit("web", history=True)
    assert_type(report, kv.Report)
    assert_type(report.ok, bool)
    for finding in report.findings:
        assert_type(finding, kv.Finding)
        assert_type(finding.code, str)
        assert_type(finding.line, int | None)
    history = ws.history("web")
    assert_type(history, kv.History)
    for release in history.releases:
        assert_type(release, kv.Release)
        assert_type(release.tag, str)
    for table in (report, history):
        assert_type(table.to_csv(), str)
        assert_type(table.to_table(), kv.Table)


def fleets(folders: Sequence[Path]) -> None:
    with ThreadPoolExecutor() as pool:
        for report in kv.audit_many(folders, executor=pool):
            assert_type(report, kv.WorkspaceReport)
            assert_type(report.ok, bool)
