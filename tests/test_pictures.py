"""Pictures: what is drawn can be read, nothing overlaps, and nothing outside the picture changes."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import attrs
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

import krow_versions as kv
from krow_versions import pictures
from krow_versions.history import History, Release
from krow_versions.pictures import (
    Entry,
    Mark,
    PlannedMilestone,
    Point,
    draw_matrix,
    draw_milestones,
    draw_releases,
)
from krow_versions.pictures.canvas import DARK_INK, LIGHT_INK
from krow_versions.version import Version
from support import krow
from support.audits import audit, clean
from support.displays import HOSTILE
from support.reports import contrast
from support.samples import DEPLOYED, facts, minutes, of, record, shipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from support.repositories import Repo

DAY = dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC)
STAGES = ("production", "staging", "development")
MARKS = (
    pictures.GOOD,
    pictures.DONE,
    pictures.AHEAD,
    pictures.DOUBT,
    pictures.BAD,
    pictures.NEUTRAL,
)
GROUNDS = {"white": DARK_INK, "#1e1e1e": LIGHT_INK, "#14171a": LIGHT_INK, "black": LIGHT_INK}


def points(number: int, days: float = 1.7) -> list[Point]:
    """Releases of all stages, evenly in time, versions that grow."""
    return [
        Point(STAGES[at % 3], DAY + dt.timedelta(days=at * days), f"0.{at // 9}.{at % 9}")
        for at in range(number)
    ]


def entries(number: int, name: str = "backend/api/package.json") -> list[Entry]:
    return [
        Entry(f"0.{at}.1+{at * 7}", "at production", name, MARKS[at % len(MARKS)]) for at in range(number)
    ]


def rendered(axes: Axes) -> list[tuple[Text, Bbox]]:
    """Draw it, and give every text that is seen, with its place in pixels."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    texts: list[Any] = figure.findobj(Text)
    return [
        (each, each.get_window_extent(renderer))
        for each in dict.fromkeys(texts)
        if each.get_visible() and each.get_text().strip()
    ]


def assert_readable(axes: Axes) -> list[str]:
    """No text overlaps another, and none leaves the picture; give the texts."""
    found = rendered(axes)
    ticks = {*axes.get_xticklabels(), *axes.get_yticklabels()}
    shown = [(text, box) for text, box in found if text not in ticks or _is_within(axes, text)]
    for (one, a), (other, b) in itertools.combinations(shown, 2):
        apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
        assert apart, (one.get_text(), other.get_text())
    assert isinstance(axes.figure, Figure)
    width, height = axes.figure.bbox.size
    for text, box in shown:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, (text.get_text(), box)
    return [text.get_text() for text, _ in shown]


def _is_within(axes: Axes, text: Text) -> bool:
    """Whether a tick is shown: matplotlib keeps some beyond the edge."""
    at = text.get_position()
    x, y = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    in_x, in_y = x[0] <= at[0] <= x[1], y[0] <= at[1] <= y[1]
    return in_x if text in set(axes.get_xticklabels()) else in_y


# --- what all pictures share ----------------------------------------------------------------------


def test_marks_differ_on_any_ground() -> None:
    """Each has a marker of its own, and a contrast of 3:1 to light and dark; inks have more than 4.5:1."""
    assert len({mark.marker for mark in MARKS}) == len({mark.color for mark in MARKS}) == len(MARKS)
    for ground, ink in GROUNDS.items():
        assert contrast(ink, ground) > 4.5
        assert {mark.color for mark in MARKS if contrast(mark.color, ground) < 3} == set()


@pytest.mark.parametrize("draw", ["releases", "matrix", "milestones"])
@pytest.mark.parametrize(("ground", "ink"), GROUNDS.items())
def test_ink_is_chosen_by_the_ground(draw: str, ground: str, ink: str) -> None:
    """On a dark figure all texts are light, on a light one dark; axes may have another ground than it."""
    figure = Figure(figsize=(8, 4), facecolor=ground)
    axes = figure.add_subplot(facecolor="white")
    drawn: dict[str, Any] = {
        "releases": lambda: draw_releases(points(9), "Releases", axes),
        "matrix": lambda: draw_matrix([("web", entries(2))], "Versions", axes),
        "milestones": lambda: draw_milestones(_stops(), 60, "told", "Hotfix", axes),
    }
    assert drawn[draw]() is axes
    for text, _ in rendered(axes):
        inside = isinstance(text, Annotation) and text.get_text() != "limit"
        assert to_hex(text.get_color()) == (DARK_INK if inside else ink), text.get_text()


def test_a_figure_without_a_ground_has_the_ink_of_the_style() -> None:
    """On a transparent background, the text colour of the style shows whether the notebook is dark."""
    with mpl.rc_context({"figure.facecolor": "none", "axes.facecolor": "none", "text.color": "white"}):
        assert {to_hex(text.get_color()) for text, _ in rendered(draw_releases(points(3), "Releases"))} == {
            LIGHT_INK
        }
    assert {to_hex(text.get_color()) for text, _ in rendered(draw_releases(points(3), "Releases"))} == {
        DARK_INK
    }


@pytest.mark.parametrize("text", [*HOSTILE, r"$\frac{1}{2}$", r"$\undefined$", "a" * 300])
def test_any_text_is_only_text(text: str) -> None:
    """No text is mathematics, breaks the drawing, or leaves the picture; missing signs are escaped."""
    drawn = (
        draw_releases([Point(text or "x", DAY, text)], text),
        draw_matrix([(text, [Entry(text, text, text, pictures.BAD)])], text),
        draw_milestones([PlannedMilestone(text, text, 5.0, 9.0, True, True)], 60, text, text),
    )
    for axes in drawn:
        said = "".join(assert_readable(axes))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066\ud800-\udfff日]", said)


def test_a_missing_matplotlib_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(kv.UsageError) as raised:
        History("web", ()).plot()
    assert raised.value.hint == "pip install 'krow-versions[notebook]'"


def test_nothing_global_changes() -> None:
    """Drawing loads no pyplot, needs no display, and leaves matplotlib's settings as they are."""
    code = (
        "import sys; from krow_versions import pictures; import krow_versions.history; "
        "assert 'matplotlib' not in sys.modules; "
        "import matplotlib; rc = matplotlib.rcParams; "
        "settings = lambda: {key: dict.__getitem__(rc, key) for key in rc if key != 'backend'}; "
        "before = settings(); "
        "axes = krow_versions.history.History('web', ()).plot(); pictures.to_svg(axes, 'a-'); "
        "assert settings() == before; print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- releases in time -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 12, 60, 500])
@pytest.mark.parametrize("days", [0.0, 0.0001, 1.7, 300.0])
def test_labels_of_releases_never_overlap(number: int, days: float) -> None:
    """However many there are, what is written can be read, and the newest of each stage is written."""
    shown = points(number, min(days, 100_000 / number))
    said = assert_readable(draw_releases(shown, "Releases of worker-mobile"))
    newest = {point.stage: point.label for point in shown}
    assert {*newest, *newest.values()} <= set(said)


def test_labels_thin_out_only_where_they_must() -> None:
    """Few releases are all labelled; of 500, as many as have room."""
    assert {f"0.0.{at}" for at in range(9)} <= set(assert_readable(draw_releases(points(9), "Releases")))
    assert 20 < len(assert_readable(draw_releases(points(500), "Releases"))) < 120


def test_every_release_has_its_marker() -> None:
    """Thinning out labels leaves out no release, and each stage has colour and marker of its own."""
    axes = draw_releases(points(500), "Releases")
    rows = [line for line in axes.get_lines() if line.get_marker() != "None"]
    assert [len(line.get_xydata()) for line in rows] == [167, 167, 166]  # type: ignore[arg-type]
    assert len({(line.get_marker(), line.get_color()) for line in rows}) == 3
    assert [text.get_text() for text in axes.get_yticklabels()] == list(STAGES)


def test_no_release_is_said() -> None:
    """An empty picture says why it is empty."""
    assert set(assert_readable(draw_releases([], "Releases"))) == {"Releases", "no releases yet"}


@pytest.mark.parametrize("dates", [(dt.date.min, dt.date.max), (dt.date.max,), (dt.date.min,)])
def test_the_ends_of_the_calendar_are_drawn(dates: tuple[dt.date, ...]) -> None:
    """A clock that was wrong breaks no picture."""
    shown = [
        Point("production", dt.datetime(*each.timetuple()[:3], tzinfo=dt.UTC), "1.0.0") for each in dates
    ]
    rendered(draw_releases([*shown, *points(3)], "Releases"))
    rendered(draw_releases(shown, "Releases"))


def test_a_history_draws_its_releases() -> None:
    """What has a date is drawn, what has none is counted."""
    releases = tuple(
        Release(f"t{at}", "production", Version(0, 1, at), None, DAY if at else None, "") for at in range(3)
    )
    figure = Figure()
    axes = figure.add_subplot()
    assert History("web", releases).plot(axes) is axes
    said = [text.get_text() for text, _ in rendered(axes)]
    assert "Releases of web (1 without a date)" in said
    assert "0.1.2" in said


# --- the drift matrix -----------------------------------------------------------------------------


@pytest.mark.parametrize(("products", "files"), [(1, 1), (4, 3), (30, 12), (1, 40)])
@pytest.mark.parametrize("name", ["web", "a-very-long-name-" * 9])
def test_every_file_of_the_matrix_can_be_read(products: int, files: int, name: str) -> None:
    """Every version is written whole beside its state, whatever products and files are called."""
    rows = [
        (f"{at}-{name}", entries(1 + (at * 5 + files - 1) % files, f"{name}/package.json"))
        for at in range(products)
    ]
    said = assert_readable(draw_matrix(rows, "Versions"))
    versions = [entry.version for _, found in rows for entry in found]
    assert sorted(each for each in said if re.fullmatch(r"0\.\d+\.1\+\d+", each)) == sorted(versions)
    assert said.count("at production") == len(versions)


def test_no_product_is_said() -> None:
    """An empty matrix says so, and a product without files has an empty row."""
    assert "no product" in assert_readable(draw_matrix([], "Versions"))
    assert "web" in assert_readable(draw_matrix([("web", [])], "Versions"))


def test_a_report_draws_how_its_files_stand(repo: Repo) -> None:
    """Each file is at production, at target, behind, ahead, or cannot be read; and so it is drawn."""
    clean(repo)
    repo.write(krow.STAFF, krow.pubspec("0.0.9+4"))
    repo.write(krow.CLIENT, "version: [\n")
    repo.write(krow.WEB, krow.package("1.5.0"))
    repo.write(krow.API, krow.package("0.3.2"))
    report = audit(repo.path)
    axes = report.plot()
    said = [text.get_text() for text, _ in rendered(axes) if isinstance(text, Annotation)]
    cells = list(zip(said[::3], said[1::3], said[2::3], strict=True))
    assert [(version, state) for version, state, _ in cells] == [
        ("0.0.9+4", "behind"),
        ("?", "unreadable"),
        ("1.4.0", "at production"),
        ("1.5.0", "ahead"),
        ("0.3.2", "at target"),
        ("0.3.1", "at production"),
    ]
    drawn = [(line.get_color(), line.get_marker()) for line in axes.get_lines()]
    looks = (pictures.BAD, pictures.DOUBT, pictures.GOOD, pictures.AHEAD, pictures.DONE, pictures.GOOD)
    assert drawn == [(mark.color, mark.marker) for mark in looks]


def test_what_was_never_released_is_said(repo: Repo) -> None:
    """Without a production tag, no file is called behind or ahead."""
    said = [text.get_text() for text, _ in rendered(audit(clean(repo, tagged=False).path).plot())]
    assert said.count("never released") == 6


def test_the_lowest_build_of_production_is_behind(repo: Repo) -> None:
    """A file at the version of production, with a lower build, is behind, as the audit says, too."""
    clean(repo).write(krow.STAFF, krow.pubspec("0.1.0+4"))
    report = audit(repo.path)
    assert "KV202" in {each.code for each in report.findings}
    assert "behind" in {text.get_text() for text, _ in rendered(report.plot())}


# --- a hotfix against its limit -------------------------------------------------------------------


def _stops() -> list[PlannedMilestone]:
    return [
        PlannedMilestone("fault detected", "in time", 0.0, 0.0, reached=True, late=False),
        PlannedMilestone("deployed", "4 h late", 45.0, 285.0, reached=True, late=True),
        PlannedMilestone("verified", "3 h late, still open", 60.0, 240.0, reached=False, late=True),
        PlannedMilestone("followed up", "open", 1440.0, None, reached=False, late=False),
    ]


@pytest.mark.parametrize("now", [1, 60, 600, 60 * 24 * 400])
def test_a_hotfix_is_drawn_against_its_limit(now: int) -> None:
    """Each milestone and how it stands is written, the limit is a line where it is due."""
    found = of(shipped(), DEPLOYED, now)
    axes = found.plot()
    said = "\n".join(assert_readable(axes))
    assert found.timeline
    assert all(row.milestone.label in said for row in found.timeline.rows)
    assert str(found.timeline.limit) in said
    lines = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert [line.get_xdata() for line in lines] == [[240.0, 240.0]]
    assert "limit" in said


def test_milestones_are_drawn_where_they_were_reached() -> None:
    """What was reached has its marker there; what is late and open is marked as bad, now."""
    found = of(facts(), record(), 600)
    assert found.timeline
    marks = {pictures.GOOD.marker, pictures.DOUBT.marker, pictures.BAD.marker}
    drawn = [
        (np.asarray(line.get_xdata())[0], line.get_marker())
        for line in found.plot().get_lines()
        if line.get_marker() in marks
    ]
    wanted = []
    for row in found.timeline.rows:
        if row.actual:
            late = pictures.DOUBT if row.late else pictures.GOOD
            wanted.append(((row.actual - minutes(0)).total_seconds() / 60, late.marker))
        elif row.late:
            wanted.append((600.0, pictures.BAD.marker))
    assert drawn == wanted


def test_a_hotfix_without_record_or_limit() -> None:
    """Without a record that is said; without a limit there is no line."""
    assert any("nothing is recorded" in each for each in assert_readable(of(facts(), None).plot()))
    axes = draw_milestones(_stops(), None, "no limit", "Hotfix")
    assert "limit" not in assert_readable(axes)
    assert not [line for line in axes.get_lines() if line.get_linestyle() == "--"]


# --- inside a page --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axes",
    [
        draw_releases(points(500), "<script>alert(1)</script>"),
        draw_matrix([("]]>", entries(7))], "--><b>"),
        draw_milestones(_stops(), 60, "told", "Hotfix"),
    ],
    ids=["releases", "matrix", "milestones"],
)
def test_a_picture_in_a_page(axes: Axes) -> None:
    """It is well-formed, the same in every run, refers to nothing but itself, and has the page's ink."""
    svg = pictures.to_svg(axes, "kv-x-")
    assert svg == pictures.to_svg(axes, "kv-x-")
    tree = ET.fromstring(svg)
    elements = list(tree.iter())
    assert {each.tag for each in elements} <= {"svg", "g", "defs", "path", "use", "clipPath", "rect"}
    ids = [each.attrib["id"] for each in elements if "id" in each.attrib]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("kv-x-") for each in ids)
    referred = {value[1:] for each in elements for name, value in each.attrib.items() if name == "href"}
    referred |= set(re.findall(r"url\(#([^)]*)\)", svg))
    assert referred
    assert referred <= set(ids)
    assert not re.search("http|xlink|xmlns|<style|<metadata|script", svg)
    assert "currentColor" in svg
    assert not {DARK_INK, LIGHT_INK} & set(re.findall("#[0-9a-f]{6}", svg))


def test_marks_are_values() -> None:
    """A mark cannot be changed by who draws with it."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        pictures.GOOD.color = "red"  # type: ignore[misc]
    assert Mark("#ffffff", "o") == Mark("#ffffff", "o")


def test_a_picture_of_ours_shows_itself_in_jupyter() -> None:
    """What a plot gives is an Axes that Jupyter shows as a PNG, without pyplot."""
    axes = draw_releases((), "Releases of web")
    shown = axes._repr_png_()  # type: ignore[attr-defined]
    assert shown.startswith(b"\x89PNG")
