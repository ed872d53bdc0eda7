"""Versions and builds that take the place of a pubspec's, in the files of other build tools."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support import flutter, krow
from support.audits import audit, places_of
from support.flutter import GRADLE, KTS, NAME, PLIST, XCODE, target

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo

CODE, SHORT = "versionCode", "CFBundleShortVersionString"
MARKETING, CURRENT = "MARKETING_VERSION", "CURRENT_PROJECT_VERSION"
EXTENSION = target("Share", "app-extension", MARKETING_VERSION="1.0")
FOUND = [
    pytest.param(GRADLE, flutter.gradle("41"), {CODE: 8}, id="a build in gradle"),
    pytest.param(GRADLE, flutter.gradle("= 41"), {CODE: 8}, id="with an equals sign"),
    pytest.param(GRADLE, flutter.gradle("(41)"), {CODE: 8}, id="called"),
    pytest.param(GRADLE, flutter.gradle("4_1"), {CODE: 8}, id="with an underscore"),
    pytest.param(GRADLE, flutter.gradle("42"), {CODE: 8}, id="equal until the next bump"),
    pytest.param(GRADLE, flutter.gradle(name="'1.3'"), {"versionName": 9}, id="no semver"),
    pytest.param(GRADLE, flutter.gradle("41", '"1.3.0"'), {CODE: 8, "versionName": 9}, id="both"),
    pytest.param(KTS, "android { defaultConfig.versionCode = 41 }", {CODE: 1}, id="kotlin"),
    pytest.param(PLIST, flutter.plist("1.3.0"), {SHORT: 6}, id="a plist"),
    pytest.param(PLIST, flutter.plist(number="1"), {"CFBundleVersion": 8}, id="the build of a plist"),
    pytest.param("macos/Runner/Info.plist", flutter.plist("1.0"), {SHORT: 6}, id="macOS"),
    pytest.param("ios/Share/Info.plist", flutter.plist("1.0"), {SHORT: 6}, id="the plist of an extension"),
    pytest.param(XCODE, flutter.project(EXTENSION), {MARKETING: 32}, id="an extension"),
    pytest.param(
        XCODE,
        flutter.project(target("Runner", "application"), MARKETING_VERSION="1.0"),
        {MARKETING: 16},
        id="inherited from the project",
    ),
    pytest.param(
        XCODE,
        flutter.project(target("Runner", "application", **{'"MARKETING_VERSION[sdk=iphoneos*]"': '"1.3.0"'})),
        {MARKETING: 32},
        id="for one platform",
    ),
    pytest.param(XCODE, "MARKETING_VERSION = 1.0;\n", {MARKETING: 1}, id="what does not parse"),
    pytest.param(
        XCODE,
        "{ objects = { C = { isa = XCBuildConfiguration; buildSettings = { MARKETING_VERSION = 1; }; }; }; }",
        {MARKETING: 1}, id="a configuration of no target",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), FOUND)
def test_what_is_written_out_beside_a_pubspec_is_found(
    repo: Repo, path: str, text: str, expected: dict[str, int]
) -> None:
    """A value that stands in a file of its own is found with file and line, whatever its form."""
    flutter.app(repo, **{path: text})
    assert places_of(audit(repo.path)) == [
        ("KV109", "app", path, line, key) for key, line in expected.items()
    ]


NESTED = "<plist><dict><key>A</key><dict><key>CFBundleVersion</key><string>1</string></dict></dict></plist>"


def of_kind(kind: str, value: str = "1.0") -> dict[str, str]:
    return {XCODE: flutter.project(target("Other", kind, MARKETING_VERSION=value))}


SILENT = [
    pytest.param({GRADLE: flutter.gradle()}, id="derived"),
    pytest.param({KTS: "android { defaultConfig { versionCode = flutter.versionCode } }"}, id="kotlin"),
    pytest.param({GRADLE: flutter.gradle("flutterVersionCode.toInteger()", '"${base}.1"')}, id="expressions"),
    pytest.param({GRADLE: flutter.gradle("1 + base", '"1." + minor')}, id="sums"),
    pytest.param({GRADLE: flutter.gradle("(1000 * abi + base)", '"1.0".plus(suffix)')}, id="calls"),
    pytest.param({GRADLE: "def versionCode = 41\nandroid { versionCode versionCode }"}, id="a variable"),
    pytest.param({GRADLE: 'println("versionCode 41") /* versionCode 41 */'}, id="strings and comments"),
    pytest.param({GRADLE: "if (flutterVersionCode == null) { flutterVersionCode = '1' }"}, id="old template"),
    pytest.param({PLIST: flutter.plist()}, id="a plist that is derived"),
    pytest.param({PLIST: NESTED}, id="below another key"),
    pytest.param(of_kind("bundle.unit-test"), id="tests"),
    pytest.param(of_kind("bundle.ui-testing"), id="tests of the user interface"),
    pytest.param(of_kind("framework"), id="a framework"),
    pytest.param(of_kind("application", f'"{NAME}"'), id="a target that is derived"),
    pytest.param(
        {
            XCODE: flutter.project(
                target("Runner", "application", MARKETING_VERSION="1.0", INFOPLIST_FILE="Runner/Info.plist")
            ),
            PLIST: flutter.plist(),
        },
        id="a setting that the plist does not take",
    ),
    pytest.param(
        {
            XCODE: flutter.project(
                target("Runner", "application", INFOPLIST_FILE="Runner/Info.plist"),
                target("RunnerTests", "bundle.unit-test", INFOPLIST_FILE="RunnerTests/Info.plist"),
            ),
            "ios/RunnerTests/Info.plist": flutter.plist("1.0", "1"),
            "ios/Old/Info.plist": flutter.plist("1.0", "1"),
        },
        id="plists of tests and of no target",
    ),
    pytest.param({"ios/RunnerTests/Info.plist": flutter.plist("1.0", "1")}, id="the plist of tests alone"),
    pytest.param({"ios/A.framework/Info.plist": flutter.plist("1.0", "1")}, id="a framework of others"),
    pytest.param({"other/android/app/build.gradle": flutter.gradle("41")}, id="another folder"),
    pytest.param({"ios": "a file\n"}, id="a file in the place of a folder"),
]  # fmt: skip


@pytest.mark.parametrize("files", SILENT)
def test_what_is_derived_or_does_not_ship_is_not_found(repo: Repo, files: dict[str, str]) -> None:
    """A value that no app gets is no finding, and neither is one that comes from the pubspec."""
    flutter.app(repo, **files)
    assert places_of(audit(repo.path)) == []


@pytest.mark.parametrize(
    ("entry", "generated", "found"),
    [
        ("$(MARKETING_VERSION)", "NO", True),
        ("${MARKETING_VERSION}", "NO", True),
        (NAME, "NO", False),
        (NAME, "YES", True),
    ],
)
def test_a_setting_counts_if_the_app_gets_it(repo: Repo, entry: str, generated: str, found: bool) -> None:
    """The property list of a target decides whether its settings reach the app, unless Xcode makes it."""
    runner = target(
        "Runner",
        "application",
        MARKETING_VERSION="1.0",
        INFOPLIST_FILE='"$(SRCROOT)/Runner/Info-$(CONFIGURATION).plist"',
        GENERATE_INFOPLIST_FILE=generated,
    )
    flutter.app(
        repo, **{XCODE: flutter.project(runner), "ios/Runner/Info-Release.plist": flutter.plist(entry)}
    )
    assert [each.about for each in audit(repo.path).findings] == [MARKETING] * found


def test_values_of_one_line_have_the_order_of_the_file(repo: Repo) -> None:
    """What is printed does not depend on how Python hashes texts in this process."""
    settings = " ".join(f'"{MARKETING}[sdk={at}]" = 1.{at};' for at in range(9))
    text = f"{{ objects = {{ C = {{ isa = XCBuildConfiguration; buildSettings = {{ {settings} }}; }}; }}; }}"
    flutter.app(repo, **{XCODE: text})
    (finding,) = audit(repo.path).findings
    assert f"has {MARKETING} {', '.join(f'1.{at}' for at in range(9))}, but" in finding.message


def test_the_message_says_whether_it_differs_now(repo: Repo) -> None:
    """A value that differs is compared with the pubspec; one that is equal will be left behind."""
    flutter.app(repo, **{GRADLE: flutter.gradle("41", '"1.4.0"'), XCODE: flutter.project(EXTENSION)})
    code, name, share = audit(repo.path).findings
    assert code.message == f"{GRADLE} has versionCode 41, but pubspec.yaml says build 42"
    assert code.hint == (
        "write versionCode = flutter.versionCode; or write 42 there and name the file among the files of "
        "app, so that a bump raises it"
    )
    assert name.message == f"{GRADLE} has versionName 1.4.0, and no bump of pubspec.yaml raises it"
    assert (
        share.message == f"{XCODE} has MARKETING_VERSION 1.0 for Share (line 32), but pubspec.yaml says 1.4.0"
    )
    assert 'MARKETING_VERSION = "$(FLUTTER_BUILD_NAME)"' in share.hint


def test_a_pubspec_without_a_build_is_overridden_by_one(repo: Repo) -> None:
    """Where the pubspec has no build, one elsewhere is not raised by a bump."""
    flutter.app(repo, "1.4.0", **{GRADLE: flutter.gradle("41")})
    (finding,) = audit(repo.path).findings
    assert finding.message == f"{GRADLE} has versionCode 41, but pubspec.yaml says no build"


MSIX = "msix_config:\n  msix_version: {}\n"


@pytest.mark.parametrize(("value", "found"), [("1.4.0.0", False), ("0.38.0.0", True), ("1.4.0.7", True)])
def test_a_version_for_windows_that_differs_is_found(repo: Repo, value: str, found: bool) -> None:
    """One that repeats the version moves with it, and is no override."""
    flutter.app(repo, **{"pubspec.yaml": krow.pubspec("1.4.0+42") + MSIX.format(value)})
    findings = audit(repo.path).findings
    assert [(each.code, each.path, each.about) for each in findings] == [
        ("KV109", "pubspec.yaml", "msix_config.msix_version")
    ] * found
    assert all("remove msix_config.msix_version" in each.hint for each in findings)


def test_following_the_hint_helps(repo: Repo) -> None:
    """Taken from the pubspec, nothing is found any more."""
    flutter.app(repo, **{GRADLE: flutter.gradle("41")})
    assert not audit(repo.path).ok
    repo.write(GRADLE, flutter.gradle("= flutter.versionCode"))
    assert audit(repo.path).ok


def test_a_version_file_of_a_product_is_no_override(repo: Repo) -> None:
    """A bump raises it, whichever product it belongs to, and however it is named."""
    flutter.app(repo, **{GRADLE: flutter.gradle("flutter.versionCode", '"1.4.0"')})
    template = "{ path = 'android/*/build.gradle', format = 'text', key = 'versionName \"{version}\"' }"
    named = flutter.CONFIG.replace('"pubspec.yaml"', f'"pubspec.yaml", {template}')
    repo.write("krow-versions.toml", named)
    assert [each.code for each in audit(repo.path, "app").findings] == []
    other = (
        flutter.CONFIG
        + f'[products.other]\nslug = "other"\nfiles = [{template}]\nchangelog = "CHANGELOG.md"\n'
    )
    repo.write("krow-versions.toml", other)
    assert [each.code for each in audit(repo.path, "app").findings] == []


ENTITY = '<!DOCTYPE p [<!ENTITY a "1">]><plist/>'


def pipe(repo: Repo) -> None:
    (repo.path / GRADLE).unlink()
    os.mkfifo(repo.path / GRADLE)


def out(repo: Repo) -> None:
    (repo.path / GRADLE).unlink()
    (repo.path / GRADLE).symlink_to("/etc/passwd")


def folder_out(repo: Repo) -> None:
    (repo.path / "ios").symlink_to("/etc")


def crowded(repo: Repo) -> None:
    for number in range(201):
        (repo.path / "ios" / str(number)).mkdir(parents=True)


@pytest.mark.parametrize(
    ("spoil", "path", "words"),
    [
        pytest.param(lambda repo: repo.write(GRADLE, b"\xff"), GRADLE, "UTF-8", id="bytes"),
        pytest.param(out, GRADLE, "leads out of its repository", id="a link out"),
        pytest.param(folder_out, "ios", "leads out of its repository", id="a folder that is a link out"),
        pytest.param(lambda repo: repo.write(GRADLE, "#" * (4 * 2**20 + 1)), GRADLE, "limit", id="too large"),
        pytest.param(lambda repo: repo.write(PLIST, b"bplist00\x00"), PLIST, "binary", id="a binary plist"),
        pytest.param(lambda repo: repo.write(PLIST, "<plist>\n<dict>"), PLIST, "XML", id="a broken plist"),
        pytest.param(lambda repo: repo.write(PLIST, ENTITY), PLIST, "entity", id="entities"),
        pytest.param(crowded, "ios", "over 200 entries", id="too many"),
        pytest.param(pipe, GRADLE, "named pipe", id="a pipe"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said(
    repo: Repo, spoil: Callable[[Repo], None], path: str, words: str
) -> None:
    """Nothing is skipped silently: whether such a file overrides the version is not known."""
    flutter.app(repo, **{GRADLE: flutter.gradle()})
    spoil(repo)
    (finding,) = audit(repo.path).findings
    assert (finding.code, finding.path) == ("KV109", path)
    assert finding.message.startswith("whether it overrides pubspec.yaml is not known: ")
    assert words in finding.message
    assert finding.hint


def test_a_name_of_a_stranger_is_escaped(repo: Repo) -> None:
    """Control characters in names of folders, targets and values never reach the reader."""
    hostile = flutter.project(target("\x1b[2K", "application", MARKETING_VERSION="1.0"))
    flutter.app(repo, **{XCODE.replace("ios", "macos"): hostile, GRADLE: flutter.gradle(name='"\x1b[2K"')})
    repo.write("ios/\x1b[2K/Info.plist", flutter.plist("1\u202e0"))
    said = "".join(each.message + each.hint for each in audit(repo.path).findings)
    assert len(audit(repo.path).findings) == 3
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_pubspec_in_a_folder_has_its_own_files(repo: Repo) -> None:
    """Each app is compared with the files beside its own pubspec, also where its folder looks like a glob."""
    flutter.app(repo)
    repo.write("krow-versions.toml", flutter.CONFIG.replace('"pubspec.yaml"', '"*/pubspec.yaml"'))
    for name in ("a[1]", "b"):
        repo.write(f"{name}/pubspec.yaml", krow.pubspec("1.4.0+42"))
    repo.write(f"a[1]/{PLIST}", flutter.plist("1.3.0"))
    repo.write(f"a1/{PLIST}", flutter.plist("1.3.0"))
    (finding,) = audit(repo.path).findings
    assert finding.message == f"a[1]/{PLIST} has {SHORT} 1.3.0, but a[1]/pubspec.yaml says 1.4.0"


@pytest.mark.parametrize("text", [flutter.gradle("41"), flutter.gradle("42")])
def test_a_bump_warns_of_what_it_leaves_behind(repo: Repo, text: str) -> None:
    """Nothing is silent: a plan says which value of another tool it does not raise."""
    flutter.app(repo, **{GRADLE: text})
    plan = kv.Workspace.open(repo.path).plan_bump("app", message="Crash")
    (said,) = (each for each in plan.warnings if GRADLE in each)
    assert said.startswith(f"{GRADLE}:8: versionCode is written out there, so this bump does not raise it")
    repo.write(GRADLE, flutter.gradle())
    assert kv.Workspace.open(repo.path).plan_bump("app", message="Crash").warnings == ()
