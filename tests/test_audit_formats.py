"""The formats of a report: each judged by its own standard, and by what hostile text must not do."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import cmarkgfm  # type: ignore[import-untyped]  # It brings no types.
import jsonschema  # type: ignore[import-untyped]  # It brings no types.
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.audit.render import FORMATS, Reader
from krow_versions.audit.render.github import summary_of, to_github
from krow_versions.audit.render.html import to_html
from krow_versions.audit.render.json import written
from krow_versions.audit.render.sarif import to_sarif
from krow_versions.audit.render.text import to_text
from krow_versions.findings import FINDINGS
from krow_versions.history import History, PastVersion, Release
from krow_versions.settings import Ignore
from krow_versions.version import Version
from support.krow import STAFF, WEB
from support.reports import AWKWARD, ONE, TEXTS, WHEN, finding, findings, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.audit import Finding, Report
    from krow_versions.findings import FindingKind

HOME_URL = "https://docs.example.org/krow-versions"
# Control, C1, bidi, invisible characters and lone surrogates: what no output holds raw.
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
LINE = re.compile(
    r"(?P<where>.+?)(?::(?P<line>[1-9][0-9]*))?: (?P<level>error|warning|note): .* \[KV[0-9]{3}\]"
)


def sarif(found: Report, folders: Mapping[str, str | None] = ONE) -> Any:
    """The document as it is printed, judged by the schema of OASIS."""
    document = json.loads(written(to_sarif(found, version="0.1.0", documentation=HOME_URL, folders=folders)))
    schema().validate(document)
    return document


@cache
def schema() -> jsonschema.Draft4Validator:
    """The schema of SARIF 2.1.0, formats included."""
    text = (Path(__file__).parent / "schemas/sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(
        json.loads(text), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
    )


@pytest.mark.fault(109)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_every_finding_harmlessly(name: str) -> None:
    """Every finding, about every awkward text: its id comes out, what is odd does not, and no password."""
    found = [
        finding(code, product=product, path=text, about=text, message=f"it is {text}", hint=text)
        for code in FINDINGS
        for product, text in zip(itertools.cycle(("web", "worker-mobile", None)), AWKWARD, strict=False)
    ]
    reader = Reader(lambda: ONE, lambda: ("0.1.0", HOME_URL), most=None)
    text = FORMATS[name].render(report(*found), reader)
    assert {code: text.count(code) >= len(AWKWARD) for code in FINDINGS} == dict.fromkeys(FINDINGS, True)
    assert not RAW.search(text)
    assert "secret@" not in text
    assert text == text.rstrip("\n")


def test_no_two_formats_want_the_same_files() -> None:
    """The end of a file's name chooses one format; GitLab has whole names."""
    endings = [ending for each in FORMATS.values() for ending in each.endings]
    assert len(endings) == len(set(endings))
    assert all(ending == ending.lower() and ending.startswith((".", "gl-")) for ending in endings)


def test_text_is_one_line_to_parse_per_finding_and_the_hint_below() -> None:
    """Findings stand under their product, in the order of the products; those of none at the end."""
    found = report(
        finding("KV204", path=None, line=None, about="krow-withus-web/prod-v1.4.0", message="not on main"),
        finding("KV101", product="worker-mobile", path=STAFF, line=None, message="gone", hint=""),
        finding("KV201", path=None, line=None, message="never released"),
        finding("KV501", product=None, path=None, line=None, about="hotfix/x", message="fits no product"),
        finding("KV105", repo="site", message="disagrees"),
    )
    assert to_text(found).split("\n") == [
        "worker-mobile",
        f"{STAFF}: error: gone [KV101]",
        "web",
        "krow-withus-web/prod-v1.4.0: warning: not on main [KV204]",
        "  hint: krow-versions show",
        "web: note: never released [KV201]",
        "  hint: krow-versions show",
        f"site:{WEB}:3: error: disagrees [KV105]",
        "  hint: krow-versions show",
        "no product",
        "hotfix/x: warning: fits no product [KV501]",
        "  hint: krow-versions show",
    ]
    assert to_text(report()) == ""


def test_paint_sees_every_level_and_product() -> None:
    """The caller adds the colours, and gets the kind of each word."""
    assert to_text(report(finding(hint="")), lambda text, what: f"<{what}|{text}>") == (
        f"<product|web>\n{WEB}:3: <error|error>: {WEB} says 1.3.9, but 1.4.0 is out [KV101]"
    )


@pytest.mark.fault(111)
@given(st.lists(findings(), max_size=4))
@example([finding(path=text, message=text, hint=text, about=text, repo=text) for text in AWKWARD])
def test_hostile_text_forges_no_line_and_no_terminal_code(found: list[Finding]) -> None:
    """In every format each finding is one line or command, and nothing odd comes out raw."""
    whole = report(*found)
    text = to_text(whole, most=None)
    assert not RAW.search(text)
    assert "secret@" not in text
    heads = [line for line in text.split("\n") if LINE.fullmatch(line) and not line.startswith("  hint: ")]
    assert len(heads) == len(found)
    assert len(text.split("\n")) <= 3 + 2 * len(found)
    commands = to_github(whole, {each.repo: "" for each in found}, None).split("\n")
    assert len([line for line in commands if line]) == len(found)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in commands if line)
    for each in (*commands, summary_of(whole), to_html(whole), to_html(whole, most=None), to_text(whole)):
        assert not RAW.search(each)


@given(st.lists(findings(), max_size=3), st.booleans())
@example([finding(path=text, message=text, hint=text, about=text, repo=text) for text in AWKWARD], True)
@example([finding(path="\ud800", repo="\udc7f")], False)
def test_json_and_sarif_hold_no_text_that_could_mislead(found: list[Finding], several: bool) -> None:
    """Not even a value that is taken out of the document and printed; and SARIF stays valid."""
    folders = {each.repo: "r" for each in found} | {".": "", **({"x": None} if several else {})}
    document = sarif(report(*found), folders)
    for rule in document["runs"][0]["tool"]["driver"]["rules"]:
        assert not RAW.search("".join(rule.pop("help").values()))  # These are ours, and have lines.
    for each in (json.loads(written(report(*found).to_json())), document):
        assert [text for text in texts(each) if RAW.search(text) or "secret@" in text] == []
    assert written(report(*found).to_json()).isascii()


def texts(document: Any) -> list[str]:
    """Every key and text in a JSON document; line breaks count as odd, too."""
    if isinstance(document, dict):
        return [*document, *(text for value in document.values() for text in texts(value))]
    if isinstance(document, list):
        return [text for value in document for text in texts(value)]
    return [document.replace("\n", "\x00")] if isinstance(document, str) else []


def test_json_is_the_contract() -> None:
    """Exactly the keys that are promised, with the values as they are."""
    found = report(finding(), finding("KV201", product=None, path=None, line=None))
    document = json.loads(written(found.to_json()))
    assert document == found.to_json()
    assert document == {
        "schema": 1,
        "ok": False,
        "findings": [
            {
                "code": "KV101",
                "severity": "error",
                "product": "web",
                "repo": ".",
                "path": WEB,
                "line": 3,
                "message": f"{WEB} says 1.3.9, but 1.4.0 is out",
                "hint": "krow-versions show",
            },
            {
                "code": "KV201",
                "severity": "note",
                "product": None,
                "repo": ".",
                "path": None,
                "line": None,
                "message": f"{WEB} says 1.3.9, but 1.4.0 is out",
                "hint": "krow-versions show",
            },
        ],
    }
    assert json.loads(written(report(finding("KV201")).to_json()))["ok"] is True


def test_the_schema_refuses_what_is_wrong() -> None:
    """The judge judges: a level that SARIF does not know, and a line 0, are found."""
    good = sarif(report(finding()))
    for path, value in (
        (("level",), "notice"),
        (("locations", 0, "physicalLocation", "region", "startLine"), 0),
    ):
        bad = json.loads(json.dumps(good))
        place = bad["runs"][0]["results"][0]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            schema().validate(bad)


def test_sarif_has_a_rule_for_every_code() -> None:
    """Each rule has its words, its default level and a link to its section; results point at theirs."""
    document = sarif(report(*(finding(code, severity="note") for code in FINDINGS)))
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"], driver["informationUri"]) == (
        "krow-versions",
        "0.1.0",
        HOME_URL,
    )
    assert [rule["id"] for rule in driver["rules"]] == list(FINDINGS)
    for rule, result in zip(driver["rules"], run["results"], strict=True):
        kind = FINDINGS[rule["id"]]
        assert rule["defaultConfiguration"] == {"level": kind.severity}
        assert rule["shortDescription"]["text"].lower() == f"{kind.title}.".lower()
        assert rule["fullDescription"]["text"] in rule["help"]["text"]
        assert len(rule["fullDescription"]["text"]) <= 1024  # GitHub's limit.
        assert_a_page(kind, rule["help"]["text"])
        assert "](" not in rule["help"]["text"]
        assert_a_page(kind, rule["help"]["markdown"])
        assert (
            re.findall(
                r"\]\((?!https://docs\.example\.org/krow-versions/[a-z-]+\.html)", rule["help"]["markdown"]
            )
            == []
        )
        assert rule["helpUri"] == f"{HOME_URL}/findings.html#{rule['id'].lower()}"
        assert re.fullmatch("[A-Za-z-]+", rule["name"])
        assert (result["ruleId"], result["level"]) == (rule["id"], "note")
        assert driver["rules"][result["ruleIndex"]] == rule


def assert_a_page(kind: FindingKind, page: str) -> None:
    """A page says what, why, how to fix it with every command, and has the example."""
    words = " ".join(page.split())
    assert words.startswith((f"{kind.code}: ", f"Severity: {kind.severity}."))
    at = [words.index(heading) for heading in ("What", "Why it matters", "How to fix it", "Example")]
    assert at == sorted(at)
    blocks = [line for each in kind.how if each.startswith("```") for line in each.split("\n")[1:-1]]
    lines = [line.strip() for line in page.split("\n")]
    assert {line.strip() for line in (*blocks, kind.example)} <= {*lines}


def test_a_sarif_file_is_far_below_the_limits_of_github() -> None:
    """GitHub takes 10 MB compressed, and shows 5,000 results; rules are the most of a small file."""
    text = FORMATS["sarif"].render(report(), Reader(lambda: ONE, lambda: ("0.1.0", HOME_URL)))
    assert len(text) < 250_000
    assert len(gzip.compress(text.encode())) < 50_000


def test_sarif_without_known_documentation_has_no_links() -> None:
    """Without a documentation URL in the package there are no links."""
    document = to_sarif(report(finding()), version="0.1.0", documentation=None, folders=ONE)
    schema().validate(document)
    assert "informationUri" not in document["runs"][0]["tool"]["driver"]
    assert all("helpUri" not in rule for rule in document["runs"][0]["tool"]["driver"]["rules"])


@pytest.mark.parametrize(
    "path", ["a b/ü%20.json", "x:y/#?&.yaml", "\udcff\x1b.json", "c\\d.json", "[1].json"]
)
def test_sarif_locations_are_relative_and_encoded(path: str) -> None:
    """Decoding the URI, resolved against its base, gives the bytes of the path again."""
    for folders, repo in (
        (ONE, "."),
        ({".": "", "site": "krow web/ä"}, "site"),
        ({"site": "krow web/ä"}, "site"),
    ):
        (run,) = sarif(report(finding(repo=repo, path=path, line=None)), folders)["runs"]
        (location,) = run["results"][0]["locations"]
        assert location["physicalLocation"]["region"] == {"startLine": 1}
        artifact = location["physicalLocation"]["artifactLocation"]
        assert urlsplit(artifact["uri"]).scheme == ""
        base = run["originalUriBaseIds"][artifact["uriBaseId"]]
        whole = urljoin(f"file:///{base.get('uri', '')}", artifact["uri"])
        wanted = f"{folders[repo]}/{path}".lstrip("/").encode("utf-8", "surrogateescape")
        assert unquote_to_bytes(whole.removeprefix("file:///")) == wanted
        if "uri" in base:
            assert base["uri"].endswith("/")
            assert base["uriBaseId"] in run["originalUriBaseIds"]


def test_sarif_of_a_repository_that_is_elsewhere_names_its_base_only() -> None:
    """No '..' and no absolute path of this machine: where that repository is, its reader must say."""
    (run,) = sarif(report(finding(repo="site")), {".": "", "site": None})["runs"]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": WEB, "uriBaseId": "site"}
    assert run["originalUriBaseIds"]["site"] == {"description": {"text": "the repository site"}}


@pytest.mark.parametrize(
    ("product", "path", "name"),
    [("web", WEB, "web/prod-v1"), ("worker-mobile", STAFF, "web/prod-v1"), (None, STAFF, "web/prod-v1")],
)
def test_sarif_puts_what_is_about_no_file_at_one_of_its_product(
    product: str | None, path: str, name: str
) -> None:
    """GitHub refuses results without a file; the logical location says what it really is about."""
    (run,) = sarif(report(finding("KV204", product=product, path=None, line=None, about=name)))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": name}]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == path


def test_sarif_of_a_repository_without_files_has_a_logical_location_only() -> None:
    """Without any file there is no physical location."""
    stray = finding("KV501", product=None, repo="other", path=None, line=None, about="hotfix/x")
    (run,) = sarif(report(stray), {".": "", "other": "other"})["runs"]
    assert run["results"][0]["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "hotfix/x"}]}]


def test_fingerprints_stay_when_lines_and_words_change() -> None:
    """A finding is the same one at another line, in other words; about another tag it is not."""

    def prints(each: Finding) -> Any:
        return sarif(report(each))["runs"][0]["results"][0]["partialFingerprints"]

    first = prints(finding())
    assert set(first.values()) == {finding().fingerprint}
    assert prints(finding(line=99, message="x", hint="y")) == first
    others = [
        finding(about="1.4.0"),
        finding(path=STAFF),
        finding(product=None),
        finding("KV105"),
        finding(repo="x"),
    ]
    assert all(prints(each) != first for each in others)


def test_ignored_findings_are_suppressed_not_hidden() -> None:
    """An ignored finding is in SARIF with the reason and the day; nowhere else does it count."""
    entry = Ignore("KV205", "made before we annotated tags", dt.date(2026, 12, 31))
    whole = report(finding(), ignored=((finding("KV205", path=None, line=None, about="t"), entry),))
    kept, ignored = sarif(whole)["runs"][0]["results"]
    assert "suppressions" not in kept
    assert ignored["ruleId"] == "KV205"
    assert ignored["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": entry.reason,
            "properties": {"until": "2026-12-31"},
        }
    ]
    assert "KV205" not in to_text(whole) + to_github(whole, ONE) + written(whole.to_json()) + summary_of(
        whole
    )


def test_sarif_messages_make_no_links() -> None:
    """`[text](address)` in a message would be a link for who reads SARIF."""
    (run,) = sarif(report(finding(message="[click](https://evil.example)")))["runs"]
    assert run["results"][0]["message"]["text"].startswith("[click\\](https://evil.example)")


def unescaped(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner does: its name, its properties, its message."""
    match = re.fullmatch(r"::(?P<name>[a-z]+) (?P<properties>.*?)::(?P<data>.*)", line)
    assert match, line

    def read(text: str, codes: str) -> str:
        for code in codes.split():
            text = text.replace(code, chr(int(code[1:], 16)))
        return text.replace("%25", "%")

    pairs = (each.split("=", 1) for each in match["properties"].split(","))
    properties = {name: read(value, "%0D %0A %3A %2C") for name, value in pairs}
    return match["name"], properties, read(match["data"], "%0D %0A")


@pytest.mark.fault(111)
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1))
@example("100%, a:b::error::%0A%3A")
def test_annotations_read_back_as_they_were(text: str) -> None:
    """What the runner decodes is the path, the line, the title and the message that were found."""
    each = finding(path=f"p{text}", message=f"m{text}", hint=f"h{text}")
    assert unescaped(to_github(report(each), ONE)) == (
        "error",
        {"file": f"p{text}", "line": "3", "title": "KV101 a version file is missing (web)"},
        f"m{text}\nhint: h{text}",
    )


def test_annotations_by_level_and_place() -> None:
    """note is GitHub's notice; a file has its repository's folder before it, a tag no file at all."""
    found = report(
        finding(repo="site", message="wrong", hint=""),
        finding("KV204", path=None, line=None, about="web/prod-v1", message="not on main", hint=""),
        finding("KV201", product=None, path=None, line=None, message="never", hint=""),
        finding(repo="away", line=None, message="gone", hint=""),
    )
    assert to_github(found, {".": "", "site": "krow-web", "away": None}).split("\n") == [
        f"::error file=krow-web/{WEB},line=3,title=KV101 a version file is missing (web)::wrong",
        "::warning title=KV204 main lacks what is in production (web)::web/prod-v1: not on main",
        "::notice title=KV201 never released to production::never",
        f"::error title=KV101 a version file is missing (web)::away:{WEB}: gone",
    ]


@given(st.lists(findings(), max_size=3))
def test_the_summary_is_markdown_that_says_only_what_it_says(found: list[Finding]) -> None:
    """Read by another reader: two tables, no element but theirs, one row per finding."""
    text = summary_of(report(*found))
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    elements = set(re.findall(r"<([a-z0-9]+)", html))
    assert elements <= {"h3", "table", "thead", "tbody", "tr", "th", "td", "p"}
    assert html.count("<table>") == 1 + bool(found)
    assert html.count("<tr>") >= len(found)


def test_a_long_summary_says_how_much_more_there_is() -> None:
    """GitHub refuses a summary over 1 MiB, so rows are counted, not dropped in silence."""
    text = summary_of(report(*(finding(line=number) for number in range(1, 252))))
    assert text.endswith("and 51 more\n")
    assert "no findings" in summary_of(report())


@given(TEXTS, TEXTS)
@example("krow-withus-web/prod-v1.0.0\udcff", "\x1b[31mfix")
def test_history_says_hostile_names_safely(tag: str, commit: str) -> None:
    """Tags may hold odd bytes: neither rows nor JSON show them raw."""
    release = Release(tag, "production", Version(1, 0, 0), 5, WHEN, commit, files=(PastVersion(tag, None),))
    releases = History("web", (release,))
    csv = releases.to_csv().replace("\r\n", "\n").removesuffix("\n")
    for text, lines in ((str(releases), 2), (csv, 2), (releases.to_markdown(), 3)):
        assert not RAW.search(text)
        assert len(text.split("\n")) == lines
    document = json.loads(written(releases.to_json()))
    assert [text for text in texts(document) if RAW.search(text)] == []
    assert document["releases"][0]["version"] == "1.0.0"
