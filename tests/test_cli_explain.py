"""``explain``: the page of a finding in the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from krow_versions.findings import FINDINGS, GROUPS
from support.commands import RAW, assert_refused, run
from support.reports import finding

if TYPE_CHECKING:
    from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def words(text: str) -> list[str]:
    """The words of a text, wherever its lines end."""
    return text.split()


def test_every_page_says_all_of_its_finding_and_loses_no_word(tmp_path: Path) -> None:
    """Outside of any repository; paragraphs fit the terminal, and what can be copied is in one line."""
    for code, kind in FINDINGS.items():
        shown = run("explain", code, cwd=tmp_path, env={"COLUMNS": "70"})
        assert (shown.code, shown.err) == (0, "")
        assert not RAW.search(shown.out)
        page = shown.out
        for text in (kind.what, kind.why, *kind.how, f"```\n{kind.example}\n```"):
            if text.startswith("```"):
                lines = [f"      {line}".rstrip() for line in text.split("\n")[1:-1]]
                assert "\n".join(lines) in page
                page = page.replace("\n".join(lines), "", 1)
            else:
                plain = " ".join(words(re.sub(r"\]\([^)]*\)", "", text).replace("[", "").replace("]", "")))
                assert plain in " ".join(words(page.replace("[", "").replace("]", "")))
        assert [
            line for line in page.splitlines() if len(line) > 70 and "`" not in line and "://" not in line
        ] == []
        for span in re.findall("`[^`]*`", f"{kind.what}{kind.why}"):
            assert span in page
        assert words(page)[-1] not in {"[", "```"}


def test_codes_are_of_any_case_and_several_and_each_once(tmp_path: Path) -> None:
    """As they are typed, in that order; a group by the beginning of its ids, with or without xx."""
    shown = run("explain", "kv202", "Kv5", "KV202", "kv5XX", "KV101", cwd=tmp_path).out
    heads = re.findall(r"^(KV[0-9]+(?:xx)?): (.*)$", shown, re.MULTILINE)
    assert heads == [
        ("KV202", FINDINGS["KV202"].title),
        ("KV5xx", "hotfix branches"),
        ("KV101", FINDINGS["KV101"].title),
    ]


def test_without_a_code_all_are_listed(tmp_path: Path) -> None:
    """Each with its severity and its title, below its group."""
    shown = run("explain", cwd=tmp_path).out
    assert re.findall(r"^(KV[0-9])xx: (.*)$", shown, re.MULTILINE) == [
        (each.prefix, each.about) for each in GROUPS
    ]
    listed = re.findall(r"^  (KV[0-9]{3})  (\w+) +(.*)$", shown, re.MULTILINE)
    assert listed == [(each.code, each.severity, each.title) for each in FINDINGS.values()]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("KV22", ["'KV22'", "did you mean KV2"]),
        ("202", ["'202'", "did you mean KV202 (a file is behind production)?"]),
        ("KV999", ["'KV999'", "krow-versions explain lists all findings"]),
        ("behind", ["'behind'", "explain lists all"]),
        ("\x1b[2K", ["explain lists all"]),
        ("", ["''"]),
    ],
)
def test_an_unknown_code_is_wrong_usage(tmp_path: Path, typed: str, said: list[str]) -> None:
    """It says what was probably meant, and how to see all; nothing of the others is printed."""
    assert_refused(run("explain", "KV202", typed, cwd=tmp_path), *said, code=2)
    assert_refused(run("explain", typed, "nothing", "--json", cwd=tmp_path), *said, "'nothing'", code=2)


def test_json_has_the_page_as_data(tmp_path: Path) -> None:
    """Exactly the keys that are documented; a group is its findings, and none is all."""
    document = run("explain", "kv217", "KV217", "--json", cwd=tmp_path).data
    (found,) = document.pop("findings")
    kind = FINDINGS["KV217"]
    url = found.pop("url")
    assert url is None or url.endswith("/findings.html#kv217")
    assert document == {"schema": 1}
    assert "[tags] signers" in found["what"]
    assert "](" not in found["what"]
    assert found == {
        "code": "KV217",
        "severity": "note",
        "title": kind.title,
        "group": "production",
        "what": found["what"],
        "why": kind.why,
        "how": [*kind.how],
        "example": kind.example,
    }
    for args, codes in (
        (["KV5", "KV501"], [code for code in FINDINGS if code.startswith("KV5")]),
        ([], [*FINDINGS]),
    ):
        listed = run("explain", *args, "--json", cwd=tmp_path).data["findings"]
        assert [each["code"] for each in listed] == codes


def test_colour_adds_nothing_but_a_symbol(tmp_path: Path) -> None:
    """Without the colours, the page is the same."""
    plain, painted = (
        run("explain", "KV202", "KV5", "--color", each, cwd=tmp_path).out for each in ("never", "always")
    )
    assert "\x1b" not in plain
    assert ANSI.search(painted)
    assert ANSI.sub("", painted).replace("Severity: ✗ error", "Severity: error") == plain


def test_importers_have_the_page_of_a_finding() -> None:
    """The same words, for print()."""
    page = finding("KV202").explain()
    assert page.startswith("KV202: a file is behind production\n\nSeverity: error.\n\nWhat:\n\n")
    assert "\n    git merge krow-withus-web/prod-v1.4.0\n" in page
    assert page.endswith(FINDINGS["KV202"].example)


def test_an_audit_names_it_once(tmp_path: Path) -> None:
    """On stderr, for people alone."""
    (tmp_path / "apps/web").mkdir(parents=True)
    (tmp_path / "apps/web/package.json").write_text('{"version": 1}\n')
    shown = run("audit", cwd=tmp_path)
    (told,) = re.findall(r"^krow-versions explain (KV[0-9]{3}) says more$", shown.err, re.MULTILINE)
    assert run("explain", told, cwd=tmp_path).code == 0
    assert "explain" not in shown.out
    for args in (["-q"], ["--json"], ["--format", "github"], ["-o", "x.txt"]):
        other = run("audit", *args, cwd=tmp_path)
        assert other.code == 1
        assert "explain" not in other.out + other.err
