"""Data frames and CSV: each column has the dtype that the documentation says, whatever it holds."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.audit.report import Report
from krow_versions.hotfix.status import Status
from krow_versions.planning.actions import CreateBranch, Push
from krow_versions.planning.plan import HotfixStep
from krow_versions.products import KROW
from krow_versions.text.escaping import safe
from support.krow import API, STAFF, checkout, package, pubspec
from support.reports import TEXTS, findings
from support.samples import DEPLOYED, facts, minutes, of, record, shipped

if TYPE_CHECKING:
    from krow_versions.tables import Tabular
    from support.repositories import Repo

PAGE = Path(__file__).parents[1] / "docs" / "frames.md"
GLYPHS = "✓✗→·!?☑☐↑"
ZONES = st.integers(-1439, 1439).map(lambda each: dt.timezone(dt.timedelta(minutes=each)))
MOMENTS = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2261, 1, 1), timezones=ZONES)  # noqa: DTZ001 - Its zone is drawn.


def documented(section: str) -> dict[str, str]:
    """The columns of a frame and their dtypes, as the page has them."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", text, re.MULTILINE))


def assert_as_documented(section: str, value: Tabular) -> pd.DataFrame:
    """Its frame and its CSV have the columns of the page, in its order; and the names are snake_case."""
    frame, wanted = value.to_pandas(), documented(section)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == wanted
    assert [*frame.columns] == [*wanted] == next(csv.reader(io.StringIO(value.to_csv())))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in wanted)
    assert len(frame) == len(value.to_table().rows) == len(value.to_records())
    return frame


def plain(value: Any) -> Any:
    """A value of a frame or of a JSON document, in one form for both."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN.
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return safe(value) if isinstance(value, str) else value


def assert_as_in_json(frame: pd.DataFrame, documents: list[dict[str, Any]]) -> None:
    """Each column that is also a key of the document has the values of the document."""
    for name in frame.columns:
        if documents and name in documents[0]:
            wanted = [each[name] for each in documents]
            if "datetime" in str(frame[name].dtype):
                wanted = [each and dt.datetime.fromisoformat(each) for each in wanted]
            assert [plain(each) for each in frame[name].tolist()] == [plain(each) for each in wanted], name


@st.composite
def histories(draw: st.DrawFn) -> kv.History:
    """Releases with any text, any date in any zone, and builds of all sizes."""
    release = st.builds(
        kv.Release,
        tag=TEXTS,
        stage=st.sampled_from(["production", "staging", "development"]),
        version=st.builds(kv.Version, *[st.integers(0, 2**62)] * 3),
        build=st.none() | st.integers(0, 2**63 - 1),
        date=st.none() | MOMENTS,
        commit=st.just("") | st.text("0123456789abcdef", min_size=40, max_size=40),
        days=st.none() | st.floats(0, 1e6),
    )
    return kv.History(draw(TEXTS), tuple(draw(st.lists(release, max_size=4))))


def report_of(*found: kv.Finding) -> Report:
    return Report(found, (), ("web",), minutes(0), kv.Snapshot(KROW, ()))


@given(histories())
def test_a_frame_of_releases_is_its_document(history: kv.History) -> None:
    """Days are numbers, dates are moments in UTC, and joined frames keep their dtypes."""
    frame = assert_as_documented("Releases", history)
    assert_as_in_json(frame, history.to_json()["releases"])  # type: ignore[arg-type]
    both = pd.concat([kv.History("empty", ()).to_pandas(), frame])
    assert both.dtypes.equals(frame.dtypes)


@given(st.lists(findings(), max_size=4))
def test_a_frame_of_findings_is_its_document(found: list[kv.Finding]) -> None:
    """Path and line stand apart, the severity is a word; a fleet has the workspace, too."""
    report = report_of(*found)
    frame = assert_as_documented("Findings", report)
    assert_as_in_json(frame, report.to_json()["findings"])  # type: ignore[arg-type]
    assert set(frame["severity"]) <= {"error", "warning", "note"}
    fleet = kv.WorkspaceReport("a", tuple(found)), kv.WorkspaceReport("b", error="gone")
    frames = [assert_as_documented("Findings of a fleet", each) for each in fleet]
    assert_as_in_json(frames[0], fleet[0].to_json()["findings"])
    both = pd.concat(frames)
    assert both.dtypes.equals(frames[0].dtypes)
    assert both["workspace"].tolist() == ["a"] * len(found) + ["b"]


def test_a_frame_of_a_workspace_and_of_a_bump(repo: Repo) -> None:
    """Versions are text and builds numbers; what is not known is missing, and nothing is a symbol."""
    checkout(repo).write(STAFF, pubspec("0.1.1+6"))
    repo.write("CHANGELOG.md", "# Changes\n\n| Date | Version | Change |\n|---|---|---|\n")
    repo.write(API, "{")
    workspace = kv.Workspace.open(repo.path)
    versions = assert_as_documented("Versions", workspace.show())
    (worker,) = versions[versions["product"] == "worker-mobile"].to_dict("records")
    assert (worker["path"], worker["line"], worker["version"], worker["build"]) == (STAFF, 3, "0.1.1+6", 6)
    (broken,) = versions[versions["path"] == API].to_dict("records")
    assert plain(broken["version"]) is plain(broken["build"]) is None
    assert broken["error"]
    assert_as_documented("Products", workspace.products())
    repo.write(API, package("0.3.2"))
    plan = workspace.plan_bump("worker-mobile", "web", message="Crash", date=dt.date(2026, 3, 5))
    changes = assert_as_documented("Changes of a plan", plan)
    cells = changes[["what", "before", "after", "changed"]].astype(object).to_numpy().tolist()
    shown = [[*map(plain, row)] for row in cells]
    assert shown[0] == ["version", "0.1.1+6", "0.1.1+6", False]
    assert shown[-1] == ["changelog", None, "1.4.1", True]
    assert changes["date"].tolist()[-1] == pd.Timestamp("2026-03-05")
    for frame in (versions, changes):
        assert not set(GLYPHS) & set("".join(map(str, frame.to_numpy().ravel().tolist())))
    assert_as_documented("Changes of a plan", kv.Plan(()))


def test_frames_of_a_hotfix() -> None:
    """Each part of a status is a frame with the values of its document, an empty one included."""
    for status in (of(shipped(), DEPLOYED, 600), of(facts(), record(), 60), of(facts(), None)):
        assert isinstance(status, Status)
        document = status.to_json()
        assert_as_in_json(assert_as_documented("Steps of a hotfix", status), document["steps"])
        deployments = assert_as_documented("Deployments", status.deployments)
        assert_as_in_json(deployments, document["deployments"])
        if status.timeline:
            found = document["timeline"]
            milestones = assert_as_documented("Milestones", status.timeline)
            assert_as_in_json(milestones, found["milestones"])
            limits = assert_as_documented("Time limits", status.timeline.limits_table())
            assert_as_in_json(limits, found["limits"])
        for table in status.tables:
            cells = "".join(table.to_pandas().astype("string").fillna("").to_numpy().ravel())
            assert not set("✓✗→·☑☐") & set(cells), table.caption


def test_a_frame_of_actions() -> None:
    """What people must do themselves is a boolean."""
    step = HotfixStep("finish", "web", kv.Version(1, 4, 1))
    actions = CreateBranch(".", "refs/heads/x", "a" * 40, "web/prod-v1.4.0"), Push(".", "origin", ())
    plan = kv.Plan((), actions=actions[:1], by_hand=actions[1:], step=step)
    frame = assert_as_documented("Actions of a plan", plan)
    assert frame["by_hand"].tolist() == [False, True]
    assert frame["action"].tolist() == ["create-branch", "push"]
