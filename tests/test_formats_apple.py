"""Apple's files: Info.plist and project.pbxproj, with versions and builds, derived and literal."""

from __future__ import annotations

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions import Version, read_version, set_version
from krow_versions.config import load, look, propose
from krow_versions.encoding import decode
from krow_versions.errors import (
    AmbiguousVersion,
    EncodingError,
    FileFormatError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    VersionNotFound,
)
from krow_versions.formats import find_version, format_named, replace_version
from support.apple import (
    APP,
    BUILD,
    EXTENSION,
    FRAMEWORK,
    SHORT,
    TEST,
    app,
    both,
    dependency,
    plist,
    project,
    string,
    target,
)
from support.openstep import read_project

numbers = st.integers(0, 99)
cores = st.builds(Version, numbers, numbers, numbers)
builds = st.integers(0, 10**6)


# --- Info.plist -------------------------------------------------------------------------------


@given(cores, builds, cores, builds, st.text("aé🚀 \n", max_size=9))
def test_version_and_build_of_a_plist_move_together(
    core: Version, build: int, new: Version, new_build: int, before: str
) -> None:
    """Both keys are read and written, whatever characters of several bytes are before them."""

    def text(core: Version, build: int) -> str:
        version = (SHORT, string(str(core)), "N", string("6.0"), BUILD, string(str(build)))
        return "\ufeff" * ("é" in before) + plist("CFBundleName", string(before), *version)

    for end in "\n", "\r\n":
        old, wanted = text(core, build).replace("\n", end), text(new, new_build).replace("\n", end)
        assert read_version(old, format="plist") == core.with_build(build)
        assert set_version(old, new.with_build(new_build), format="plist") == wanted


def test_a_plist_may_have_only_a_build() -> None:
    """The version derives from the project, and the build is literal."""
    located = find_version(
        plist(SHORT, string("$(MARKETING_VERSION)"), BUILD, string("0041")), format_named("plist")
    )
    assert (located.version, located.build, located.held) == (None, 41, 41)
    assert replace_version(located, 42) == plist(SHORT, string("$(MARKETING_VERSION)"), BUILD, string("0042"))


def test_a_build_of_three_numbers_is_the_version() -> None:
    """Such a build must be the same as the version, and moves with it."""
    text = plist(SHORT, string("1.4.0"), BUILD, string("1.4.0"))
    assert set_version(text, "1.4.1", format="plist") == text.replace("1.4.0", "1.4.1")
    with pytest.raises(
        AmbiguousVersion, match=r"line 4 \(CFBundleShort.*line 6 \(CFBundleVersion\) says '1.4.1'"
    ):
        read_version(text.replace(">1.4.0<", ">1.4.1<", 2).replace("1.4.1", "1.4.0", 1), format="plist")


@pytest.mark.parametrize("key", ["AppVersion", "Nested.AppVersion"])
def test_a_key_of_a_plist_can_be_named(key: str) -> None:
    """A key that the user names is found at the top or in a dictionary."""
    nested = f"<dict><key>AppVersion</key>{string('2.0.0')}</dict>"
    text = plist(SHORT, string("1.4.0"), "AppVersion", string("2.0.0"), "Nested", nested)
    assert str(read_version(text, format="plist", key=key)) == "2.0.0"
    after = set_version(text, "2.0.1", format="plist", key=key)
    data = plistlib.loads(after.encode())
    assert [data["AppVersion"], data["Nested"]["AppVersion"], data[SHORT]] == (
        ["2.0.1", "2.0.0", "1.4.0"] if key == "AppVersion" else ["2.0.0", "2.0.1", "1.4.0"]
    )


ENTITY = '<!DOCTYPE plist [<!ENTITY v "1.4.0">]>\n'
PLISTS = {
    "two numbers": (
        plist(SHORT, string("1.0")),
        InvalidVersion,
        "line 4: .* is '1.0', not x.y.z.*write 1.0.0",
    ),
    "a build of two numbers": (
        plist(SHORT, string("1.4.0"), BUILD, string("1.4")),
        InvalidVersion,
        "line 6: CFBundleVersion is '1.4', neither a whole number nor x.y.z",
    ),
    "a build of four numbers": (
        plist(SHORT, string("1.4.0"), BUILD, string("1.4.0.42")),
        InvalidVersion,
        "line 6: CFBundleVersion is '1.4.0.42', neither",
    ),
    "Flutter": (
        plist(SHORT, string("$(FLUTTER_BUILD_NAME)"), BUILD, string("$(FLUTTER_BUILD_NUMBER)")),
        VersionNotFound,
        r"derives from '\$\(FLUTTER_BUILD_NAME\)'.*pubspec.yaml",
    ),
    "a project": (
        plist(SHORT, string("${MARKETING_VERSION}"), BUILD, string("${CURRENT_PROJECT_VERSION}")),
        VersionNotFound,
        "derives from.*project.pbxproj",
    ),
    "a variable of its own": (
        plist(SHORT, string("$(MY_VERSION)")),
        VersionNotFound,
        "derives from.*xcconfig",
    ),
    "neither": (
        plist("6.0", string("6.0"), "305", string("305")),
        VersionNotFound,
        "neither.*project.pbxproj",
    ),
    "in a dictionary below": (
        plist("Nested", f"<dict><key>{SHORT}</key>{string('1.4.0')}</dict>"),
        VersionNotFound,
        "neither",
    ),
    "twice": (
        plist(SHORT, string("1.4.0"), SHORT, string("1.4.0")),
        AmbiguousVersion,
        "line 6: the key CFBundleShortVersionString is there twice",
    ),
    "an integer": (
        plist(BUILD, "<integer>42</integer>"),
        InvalidVersion,
        "line 4: CFBundleVersion is <integer>",
    ),
    "a list": (plist(BUILD, f"<array>{string('42')}</array>"), InvalidVersion, "is no string"),
    "empty": (plist(SHORT, string("")), VersionNotFound, "line 4: .*is empty"),
    "empty element": (plist(SHORT, "<string/>"), VersionNotFound, "line 4: .*is empty"),
    "a comment inside": (plist(SHORT, string("1.4<!-- -->.0")), Unsupported, "line 4: .*comment, CDATA"),
    "a comment before": (plist(SHORT, string("<!-- -->1.4.0")), Unsupported, "line 4: .*comment, CDATA"),
    "CDATA": (plist(SHORT, string("<![CDATA[1.4.0]]>")), Unsupported, "line 4: .*comment, CDATA"),
    "a reference": (
        plist(SHORT, string("&#49;.4.0")),
        Unsupported,
        "line 4: .*comment, CDATA or a reference",
    ),
    "an unknown entity": (
        plist(SHORT, string("1.4.0&v;"), start='<!DOCTYPE plist SYSTEM "x.dtd">\n'),
        Unsupported,
        "line 5: .*comment, CDATA or a reference",
    ),
    "white space": (plist(SHORT, string(" 1.4.0 ")), InvalidVersion, "line 4: .*write 1.4.0"),
    "an entity": (
        plist(SHORT, string("&v;"), start=ENTITY),
        FileFormatError,
        "line 1: the file declares an entity",
    ),
    "an external entity": (
        plist(SHORT, string("&v;"), start='<!DOCTYPE plist [<!ENTITY v SYSTEM "file:///etc/passwd">]>\n'),
        FileFormatError,
        "line 1: the file declares an entity",
    ),
    "another encoding": (
        plist(
            SHORT, string("1.4.0"), "N", string("é"), start='<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        ),
        FileFormatError,
        "line 1: the file is UTF-8 but declares 'iso-8859-1'",
    ),
    "UTF-16 declared": (
        plist(SHORT, string("1.4.0"), start='<?xml version="1.0" encoding="UTF-16"?>\n'),
        FileFormatError,
        "line 1: the file is UTF-8 but declares 'utf-16'",
    ),
    "old style": (f"{{ {BUILD} = 42; }}", Unsupported, "old style or in JSON.*plutil -convert xml1"),
    "JSON": (f'{{"{BUILD}": "42"}}', Unsupported, "old style or in JSON.*plutil -convert xml1"),
    "text": ("1.4.0\n", FileFormatError, "line 1: invalid XML"),
    "other XML": ("<project/>", FileFormatError, "line 1: there is <project> where <plist> must be"),
    "cut off": (plist(SHORT, string("1.4.0"))[:-9], FileFormatError, "line 6: invalid XML"),
    "a list at the top": ("<plist><array/></plist>", VersionNotFound, "no dictionary"),
    "a key without a value": (
        "<plist><dict>\n<key>a</key></dict></plist>",
        FileFormatError,
        "without a value",
    ),
    "a value without a key": (
        "<plist><dict>\n<string/></dict></plist>",
        FileFormatError,
        "line 2: .*<key> must",
    ),
    "two keys": (
        "<plist><dict><key>a</key>\n<key>b</key></dict></plist>",
        FileFormatError,
        "line 2: .*value must",
    ),
    "a key in a list": ("<plist><array>\n<key>a</key></array></plist>", FileFormatError, "line 2: .*outside"),
    "two values": ("<plist><dict/>\n<dict/></plist>", FileFormatError, "line 2: there are several values"),
    "an element in a value": (plist(SHORT, string("<b/>")), FileFormatError, "line 4: there is <b> where"),
    "a preprocessor": (
        plist(SHORT, "#ifdef A\n" + string("1.4.0")),
        FileFormatError,
        "line 4: .*MARKETING_VERSION",
    ),
    "deep": (plist("a", "<array>" * 200 + "</array>" * 200), FileFormatError, "nested more than 100 levels"),
    "NUL": ("\0", EncodingError, "NUL"),
}


@pytest.mark.parametrize(("text", "kind", "words"), PLISTS.values(), ids=PLISTS)
def test_a_plist_is_refused_as_what_it_is(text: str, kind: type[KrowVersionsError], words: str) -> None:
    """What cannot be edited safely is refused with its line, its reason and what to do."""
    with pytest.raises(kind, match=f"(?s){words}") as caught:
        read_version(text, format="plist")
    assert caught.value.hint


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "US-ASCII", "ISO-8859-1", "windows-1252"])
def test_an_encoding_that_means_the_same_is_accepted(encoding: str) -> None:
    """The declaration is only a word as long as all bytes mean the same."""
    text = plist(SHORT, string("1.4.0"), start=f'<?xml version="1.0" encoding="{encoding}"?>\n')
    assert set_version(text, "1.4.1", format="plist") == text.replace("1.4.0", "1.4.1")


def test_a_binary_property_list_is_named() -> None:
    """It is converted by Apple's own program."""
    data = plistlib.dumps({SHORT: "1.4.0", BUILD: "42"}, fmt=plistlib.FMT_BINARY)
    with pytest.raises(EncodingError, match=r"(?s)binary property list.*plutil -convert xml1"):
        decode(data)


# --- project.pbxproj --------------------------------------------------------------------------


@given(cores, builds, cores, builds, st.sampled_from(["\n", "\r\n"]))
def test_all_of_an_app_move_together(
    core: Version, build: int, new: Version, new_build: int, end: str
) -> None:
    """Every configuration of the app and of its extension is written; tests and frameworks are not."""

    def text(core: Version, build: int) -> str:
        return project(
            target('"é🚀"', APP, both(core, build)),
            target('"My Extension"', EXTENSION, both(f'"{core}"', f"'{build}'")),
            target("Tests", TEST, both("1.0", 1)),
            target("Kit", FRAMEWORK, both("7.7.7", 7)),
        ).replace("\n", end)

    assert read_version(text(core, build), format="xcode") == core.with_build(build)
    assert set_version(text(core, build), new.with_build(new_build), format="xcode") == text(new, new_build)


def test_the_places_are_named_by_target_and_configuration() -> None:
    """The key path of a place is stable and readable."""
    text = project(target("Runner", APP, both("1.4.0", 42)))
    assert [place.name for place in find_version(text, format_named("xcode")).places] == [
        "Runner.Debug.MARKETING_VERSION",
        "Runner.Debug.CURRENT_PROJECT_VERSION",
        "Runner.Release.MARKETING_VERSION",
        "Runner.Release.CURRENT_PROJECT_VERSION",
    ]


@pytest.mark.parametrize("own", ["", 'MARKETING_VERSION = "$(inherited)";'])
def test_what_a_target_inherits_counts(own: str) -> None:
    """The setting of the project counts for the configuration in which the app has none of its own."""
    text = project(target("App", APP, both("1.4.0", 42), release=own), settings=both("1.4.0", 42))
    after = set_version(text, "1.4.1+43", format="xcode")
    assert after == text.replace("1.4.0", "1.4.1").replace("= 42", "= 43")
    text = project(target("App", APP, both("1.4.0", 42)), settings=both("1.0", 1))
    assert set_version(text, "1.4.1+43", format="xcode") == text.replace("1.4.0", "1.4.1").replace(
        "= 42", "= 43"
    )


def test_a_setting_for_one_platform_is_a_place() -> None:
    """A condition behind the name does not hide a setting."""
    text = project(
        target("App", APP, 'MARKETING_VERSION = 1.4.0; "MARKETING_VERSION[sdk=iphoneos*]" = 1.4.0;')
    )
    assert set_version(text, "1.4.1", format="xcode") == text.replace("1.4.0", "1.4.1")


def test_a_project_without_an_app_is_that_of_its_framework() -> None:
    """Frameworks and tools count where no app is; tests never do."""
    text = project(target("Kit", FRAMEWORK, both("1.4.0", 42)), target("Tests", TEST, both("1.0", 1)))
    assert set_version(text, "1.4.1+43", format="xcode") == text.replace("1.4.0", "1.4.1").replace(
        "= 42", "= 43"
    )


TWO = project(
    target("One", APP, both("1.4.0", 42), depends="D0"),
    target("Two", APP, both("2.0.0", 7)),
    target("OneShare", EXTENSION, both("1.4.0", 42)) + dependency("D0", "T#"),
)


def test_two_apps_are_two_products() -> None:
    """Different apps are named with their lines; a key chooses one, with the extensions in it."""
    with pytest.raises(
        AmbiguousVersion, match=r"line \d+ \(One.Debug.MARK.*'1.4.0', line \d+ \(Two(?s:.*)key = 'One'"
    ):
        read_version(TWO, format="xcode")
    one = set_version(TWO, "1.4.1+43", format="xcode", key="One")
    assert one == TWO.replace("1.4.0", "1.4.1").replace("= 42", "= 43")
    two = set_version(TWO, "2.0.1+8", format="xcode", key="Two")
    assert two == TWO.replace("2.0.0", "2.0.1").replace("VERSION = 7", "VERSION = 8")
    with pytest.raises(VersionNotFound, match=r"(?s)no target 'Three'.*'One', 'Two', 'OneShare'"):
        read_version(TWO, format="xcode", key="Three")


def test_tests_of_two_apps_do_not_make_them_one() -> None:
    """A test bundle depends on the app that it tests, which is no reason to see the app as a part of it."""
    tests = (
        target("Tests", TEST, both("1.0", 1), depends="E0, E1")
        + dependency("E0", "T0")
        + dependency("E1", "T1")
    )
    text = project(target("One", APP, both("1.4.0", 42)), target("Two", APP, both("2.0.0", 7)), tests)
    with pytest.raises(AmbiguousVersion, match="the apps have different versions"):
        read_version(text, format="xcode")


def test_a_shared_configuration_is_written_once() -> None:
    """Two targets may refer to the same list of configurations."""
    text = project(target("App", APP, both("1.4.0", 42)), target("Share", EXTENSION, both("1.4.0", 42)))
    text = text.replace("buildConfigurationList = L1;", "buildConfigurationList = L0;")
    after = set_version(text, "1.4.1+43", format="xcode")
    assert (after.count("1.4.1"), after.count("= 43")) == (2, 2)


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "application",
            "application.on-demand-install-capable",
            "application.watchapp2",
            "application.messages",
        ),
        *("app-extension", "app-extension.messages", "app-extension.intents-service", "tv-app-extension"),
        *("watchkit2-extension", "extensionkit-extension", "xcode-extension"),
    ],
)
def test_what_is_embedded_in_an_app_has_its_version(kind: str) -> None:
    """Apple requires it of extensions, watch apps, App Clips and stickers."""
    text = project(target("App", APP, both("1.4.0", 42), depends="D0"), target("In", kind, both("1.4.0", 42)))
    text = text.replace("\tLP =", "\tD0 = {isa = PBXTargetDependency; target = T1; };\n\tLP =")
    for key in None, "App":
        after = set_version(text, "1.4.1+43", format="xcode", key=key)
        assert after == text.replace("1.4.0", "1.4.1").replace("= 42", "= 43")


@pytest.mark.parametrize(
    "kind", ["framework", "bundle.ui-testing", "tool", "library.static", "xpc-service", "bundle"]
)
def test_what_is_no_part_of_an_app_keeps_its_version(kind: str) -> None:
    """Frameworks, tools and tests have versions of their own."""
    text = project(target("App", APP, both("1.4.0", 42)), target("Other", kind, both("1.4.1", 7)))
    assert set_version(text, "1.4.1+43", format="xcode") == text.replace("1.4.0", "1.4.1").replace(
        "= 42", "= 43"
    )


def test_a_version_with_a_build_keeps_its_quotes() -> None:
    """A build behind the version is raised where it is; a plus needs quotes in a project."""
    text = project(target("App", APP, 'MARKETING_VERSION = "1.4.0+42";'))
    after = set_version(text, "1.4.1+43", format="xcode")
    assert read_project(after)["objects"]["C0D"]["buildSettings"] == {"MARKETING_VERSION": "1.4.1+43"}


PROJECTS = {
    "two numbers": (
        app(both("1.0", 1)),
        InvalidVersion,
        "line 12: .*'1.0', not x.y.z.*write 1.0.0.*lines 12, 15",
    ),
    "tests say the same": (
        project(target("App", APP, both("1.0", 1)), target("Tests", TEST, both("1.0", 1))),
        InvalidVersion,
        r"write 1.0.0; '1.0' is on the lines 12, 15\Z",
    ),
    "the app has the right one": (
        project(target("App", APP, both("1.4.0", 1)), target("Share", EXTENSION, both("1.0", 1))),
        InvalidVersion,
        "line 22: .*'1.0'.*write 1.4.0, as on line 12",
    ),
    "a build of four numbers": (
        app(both("1.4.0", "1.4.0.42")),
        InvalidVersion,
        "line 12: .*'1.4.0.42', neither",
    ),
    "Flutter": (
        app(both('"$(FLUTTER_BUILD_NAME)"', '"$(FLUTTER_BUILD_NUMBER)"')),
        VersionNotFound,
        "pubspec.yaml",
    ),
    "a variable": (
        app('MARKETING_VERSION = "$(MY_VERSION)";'),
        VersionNotFound,
        r"'\$\(MY_VERSION\)'.*xcconfig",
    ),
    "elsewhere": (app("INFOPLIST_FILE = App/Info.plist;"), VersionNotFound, "refer to App/Info.plist"),
    "nothing": (app(""), VersionNotFound, "no target of an app has MARKETING_VERSION"),
    "an extension differs": (
        project(target("App", APP, both("1.4.0", 1)), target("Share", EXTENSION, both("1.3.0", 1))),
        AmbiguousVersion,
        r"line 12 \(App.Debug.* line 22 \(Share.Debug.MARKETING_VERSION\) says '1.3.0'",
    ),
    "a setting is there twice": (
        app(both("1.4.0", 1) + "\n" + both("1.4.0", 1)),
        AmbiguousVersion,
        "line 13: App.Debug.MARKETING_VERSION is there twice",
    ),
    "an object is there twice": (
        app(both("1.4.0", 1)).replace("\tCP = {", "\tC0D = {isa = XCBuildConfiguration;"),
        AmbiguousVersion,
        "the object 'C0D' is there twice",
    ),
    "empty": (app('MARKETING_VERSION = "";'), VersionNotFound, "line 12: the version is empty"),
    "XML": ('<?xml version="1.0"?><plist/>', Unsupported, "written as XML"),
    "JSON": ('{"objects": {}}', Unsupported, "written as JSON"),
    "no project": ("{ objects = {}; rootObject = P; }", FileFormatError, "rootObject names no project"),
    "no semicolon": ("{ a = b\n}", FileFormatError, "line 2: .*there is '}' where ; must be"),
    "no value": ("{ a = ; }", FileFormatError, "there is ';' where a value must be"),
    "no key": ("{ = a; }", FileFormatError, "there is '=' where a key or } must be"),
    "no comma": ("{ a = (b c); }", FileFormatError, "there is 'c' where , or"),
    "no semicolon in an object of no use": (
        "{ objects = { F = {isa = PBXFileReference; path = a\n}; }; }",
        FileFormatError,
        "line 2: .*there is '}' where ; must be",
    ),
    "no comma in an object of no use": (
        "{ objects = { F = {isa = PBXGroup; children = (a b); }; }; }",
        FileFormatError,
        "there is 'b' where , or",
    ),
    "cut off": (app("")[:-3], FileFormatError, "the text ends where a key"),
    "an open comment": ("{ a = b; /* ", FileFormatError, "there is '/' "),
    "an open string": ('{ a = "b; }', FileFormatError, "there is '\"' "),
    "no dictionary": ("( a )", FileFormatError, r"there is '\(' where a { must begin it"),
    "more behind": ("{ objects = {}; } x", FileFormatError, "there is 'x' behind the end"),
    "deep": (f"{{ a = {'(' * 200}{')' * 200}; }}", FileFormatError, "nested more than 100 levels"),
}


@pytest.mark.parametrize(("text", "kind", "words"), PROJECTS.values(), ids=PROJECTS)
def test_a_project_is_refused_as_what_it_is(text: str, kind: type[KrowVersionsError], words: str) -> None:
    """What cannot be edited safely is refused with its line, its reason and what to do."""
    with pytest.raises(kind, match=f"(?s){words}") as caught:
        read_version(text, format="xcode")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plist", plist(SHORT, string("1.4.0"), BUILD, string("42"))),
        ("plist", plist(SHORT, string("1.4.0+42"))),
        ("xcode", app(both("1.4.0", 42))),
        ("xcode", app('MARKETING_VERSION = "1.4.0+42";')),
        ("xcode", app('"CURRENT_PROJECT_VERSION[a][b][c][d][e]" = 42;')),
        ("xcode", app("CURRENT_PROJECT_VERSION=/* 7 */ '42';")),
        ("xcode", app('"CURRENT_PROJECT_VERSION[sdk=iphoneos*]" = 42;')),
        ("xcode", app("CURRENT_PROJECT_VERSION // 7;\n = 42;")),
        ("xcode", app("CURRENT_PROJECT_VERSION\u2028=\u202842;")),
    ],
)
def test_the_bound_of_a_build_is_never_below_it(name: str, text: str) -> None:
    """What is found without parsing is at least the build, however it is written."""
    assert find_version(text, format_named(name)).build == 42
    assert format_named(name).build_bound(text.encode()) >= 42


@pytest.mark.parametrize(
    ("name", "text"), [("plist", plist("n", string("6.0"))), ("xcode", app(both("1.0", "1.0")))]
)
def test_a_file_without_a_build_has_no_high_bound(name: str, text: str) -> None:
    """Numbers elsewhere in the file do not count."""
    assert format_named(name).build_bound(text.encode()) < 2


# --- init -------------------------------------------------------------------------------------

LITERAL = plist(SHORT, string("1.4.0"), BUILD, string("42"), "CFBundlePackageType", string("APPL"))
DERIVED = plist(SHORT, string("$(MARKETING_VERSION)"), BUILD, string("$(CURRENT_PROJECT_VERSION)"))
FLUTTER = both('"$(FLUTTER_BUILD_NAME)"', '"$(FLUTTER_BUILD_NUMBER)"')
PROPOSED = {
    "a project whose plists derive": (
        {"Kiosk.xcodeproj/project.pbxproj": app(both("1.4.0", 42)), "Kiosk/Info.plist": DERIVED},
        {"kiosk": ["Kiosk.xcodeproj/project.pbxproj"]},
    ),
    "a project and a literal plist": (
        {"Kiosk.xcodeproj/project.pbxproj": app(both("1.4.0", 42)), "Kiosk/Info.plist": LITERAL},
        {"kiosk": ["Kiosk.xcodeproj/project.pbxproj", "Kiosk/Info.plist"]},
    ),
    "a plist whose project has no version": (
        {"Kiosk.xcodeproj/project.pbxproj": app(""), "Kiosk/Supporting Files/Info.plist": LITERAL},
        {"kiosk": ["Kiosk/Supporting Files/Info.plist"]},
    ),
    "in a folder of its platform": (
        {
            "kiosk/ios/App.xcodeproj/project.pbxproj": app(both("1.4.0", 42)),
            "api/package.json": '{"version":"2.0.0"}',
        },
        {"kiosk": ["kiosk/ios/App.xcodeproj/project.pbxproj"], "api": ["api/package.json"]},
    ),
    "with tests": (
        {
            "Kiosk.xcodeproj/project.pbxproj": app(both("1.4.0", 42)),
            "KioskUITests/Info.plist": LITERAL.replace("1.4", "2.0"),
        },
        {"kiosk": ["Kiosk.xcodeproj/project.pbxproj"]},
    ),
    "a Flutter app that only derives": (
        {
            "kiosk/pubspec.yaml": "version: 1.4.0+42\n",
            "kiosk/ios/Runner.xcodeproj/project.pbxproj": app(FLUTTER),
            "kiosk/ios/Runner/Info.plist": DERIVED,
        },
        {"kiosk": ["kiosk/pubspec.yaml"]},
    ),
    "a Flutter app with an extension": (
        {
            "pubspec.yaml": "version: 1.4.0+42\n",
            "ios/Runner.xcodeproj/project.pbxproj": project(
                target("Runner", APP, FLUTTER), target("Share", EXTENSION, both("1.3.0", 7))
            ),
        },
        {"app": ["pubspec.yaml"]},
    ),
}


@pytest.mark.parametrize(("texts", "products"), PROPOSED.values(), ids=PROPOSED)
def test_an_app_is_proposed_once(texts: dict[str, str], products: dict[str, list[str]]) -> None:
    """A native app is one product of its project and its plists; a Flutter app is that of its pubspec."""
    config = load(
        propose([look(path, text) for path, text in texts.items()], (), ()).text, path="krow-versions.toml"
    )
    proposed = {each.slug: [file.path for file in each.files] for each in config.catalog.products}
    assert proposed == products


def test_a_build_of_the_project_beside_a_version_is_known() -> None:
    """It does not rise with the version, so its line is known, for a warning."""
    text = (
        '<plist version="1.0"><dict>\n<key>CFBundleShortVersionString</key><string>1.4.0</string>\n'
        "<key>CFBundleVersion</key>\n<string>$(CURRENT_PROJECT_VERSION)</string>\n</dict></plist>\n"
    )
    ((line, said),) = find_version(text, format_named("plist")).derived
    assert (line, "'$(CURRENT_PROJECT_VERSION)'" in said) == (4, True)
