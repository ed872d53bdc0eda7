"""Small inputs that the readers take, and pieces of text that mean something to them."""

from __future__ import annotations

import json

_LOCK = {
    "name": "a",
    "version": "1.4.0",
    "lockfileVersion": 3,
    "packages": {"": {"name": "a", "version": "1.4.0"}},
}
_PLIST = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist>\n<plist version="1.0">\n<dict>\n'
_SHORT = "\t<key>CFBundleShortVersionString</key>\n\t<string>1.4.0</string>\n"
_XCODE = """// !$*UTF8*$!
{ objects = {
P = {isa = PBXProject; buildConfigurationList = L; targets = (T, ); };
L = {isa = XCConfigurationList; buildConfigurations = (C, ); };
C = {isa = XCBuildConfiguration; buildSettings = { A = "x y"; }; name = Release; };
T = {isa = PBXNativeTarget; name = App; productType = "com.apple.product-type.application";
 buildConfigurationList = M; };
M = {isa = XCConfigurationList; buildConfigurations = (D /* d */, ); };
D = {isa = XCBuildConfiguration; name = Release; buildSettings = { MARKETING_VERSION = 1.4.0; %s }; };
}; rootObject = P /* Project object */; }
"""
_GRADLE = (
    "android {\n  namespace 'app.krow'\n  defaultConfig {\n    versionCode %s\n    versionName %s\n  }\n}\n"
)
_UV = (
    'version = 1\n\n[[package]]\nname = "left"\nversion = "1.4.0"\nsource = { registry = "https://x.org" }\n\n'
    '[[package]]\nname = "a"\nversion = "1.4.0"\nsource = { editable = "." }\ndependencies = [\n    { name = "left" },\n]\n'
)

VERSION_FILES: dict[str, tuple[str, ...]] = {
    "pubspec": (
        "name: app\ndescription: >-\n  a: b\n  # c\nversion: 1.4.0+7 # shipped\nenvironment:\n  sdk: '^3.0.0'\n",
        "\ufeff---\r\nname: 'app'\r\nversion: \"1.4.0\"\r\ndependencies: {a: [b, c]}\r\nx:\r\n- y: z\r\n",
    ),
    "chart": (
        "apiVersion: v2\nname: a\nversion: 1.4.0\nappVersion: '1.4.0'\n",
        "apiVersion: v2\nname: &n a\nversion: 1.4.0+7\nalias: *n\nkeywords: [a]\n",
    ),
    "yaml": ("version: 1.4.0\na:\n  version: 2\n", "%YAML 1.2\n---\n? version\n: 1.4.0\n...\n"),
    "package-json": (
        '{\n  "name": "a",\n  "version": "1.4.0",\n  "private": true,\n  "x": [1, 2.5e3, null, "\\u00e9"]\n}\n',
        '{"a":{"version":"0.0.1"},"version":"1.4.0-rc.1+7"}',
    ),
    "package-lock": (
        json.dumps(_LOCK, indent=2) + "\n",
        '{"name":"a","version":"1.4.0","lockfileVersion":1}',
    ),
    "expo": (
        '{"expo": {"name": "a", "version": "1.4.0", "ios": {"buildNumber": "7"}, "android": {"versionCode": 7}}}\n',
        '{"name": "a", "version": "1.4.0"}\n',
    ),
    "json": ('{"version": "1.4.0", "b": {"c": []}}\n',),
    "pyproject": (
        '[build-system]\nrequires = []\n\n[project]\nname = "a"\nversion = "1.4.0" # x\ndependencies = [\n  "b>=1",\n]\n',
        "[tool.poetry]\nname = 'a'\nversion = '1.4.0'\n\n[tool.poetry.dependencies]\nb = {version = \"^1\", x = 1}\n",
    ),
    "uv-lock": (_UV,),
    "cargo": (
        '[package]\nname = "a"\nversion = "1.4.0"\nedition = "2021"\n\n[dependencies]\nb = "1"\n',
        '[workspace]\nmembers = ["x/*"]\n[workspace.package]\nversion = """1.4.0"""\n',
        "[workspace.package]\nversion = \"1.4.0\"\n[[bin]]\npath = '''\na'''\n",
    ),
    "cargo-lock": (
        '# @generated\nversion = 4\n\n[[package]]\nname = "a"\nversion = "1.4.0"\ndependencies = [\n "b",\n]\n\n'
        '[[package]]\nname = "b"\nversion = "1.4.0"\nsource = "registry+https://x.org"\nchecksum = "00"\n',
    ),
    "toml": ('version = "1.4.0"\na.b = 1979-05-27T07:32:00Z\n[c]\nd = [[1, 0x1f], {e = "f"}]\n',),
    "gradle": (
        _GRADLE % ("7", '"1.4.0"'),
        _GRADLE % ("= 7 // x", "= '1.4.0' /* y */"),
        "plugins { id 'java' version '1.0' }\nversion = '1.4.0'\ndef a = \"${b}\"\n",
    ),
    "gradle-properties": (
        "# x\nversion=1.4.0\norg.gradle.jvmargs=-Xmx1g \\\n  -Dx=y\n",
        "version : 1.4.0\r\na = \\u0041\n",
    ),
    "plist": (
        f"{_PLIST}{_SHORT}\t<key>CFBundleVersion</key>\n\t<string>7</string>\n</dict>\n</plist>\n",
        f"{_PLIST}{_SHORT}<!-- & --><key>a</key><array><true/><integer>1</integer></array>\n</dict>\n</plist>\n",
    ),
    "xcode": (_XCODE % "CURRENT_PROJECT_VERSION = 7;", _XCODE % ""),
    "text": ("1.4.0\n", "1.4.0+007", '# x\n__version__ = "1.4.0"  # krow-versions\ny = 2.0.0\n'),
}

TABLES = (
    "# Web\n\n| Date | Version | Change |\n| --- | :-: | --- |\n| 2026-03-05 | 0.1.1 | Fix \\| `a` |\n"
    "| 2026-01-02 | **v0.1.0** | Begin |\n\ntext\n",
    "Version | Change\n--- | ---\n0.1.0 | Begin\n[0.1.1](x) | Fix\n",
    "# A\n\n> | Date | Version | Change |\n> |-|-|-|\n\n# B\r\n|Datum|Version|Änderung|\r\n|-|-|-|\r\n|5.3.2026|1.0.0|x|\r\n",
)
HEADINGS = (
    "# Changelog\n\n## [Unreleased]\n\n## [0.1.1] - 2026-03-05\n\n### Fixed\n\n- Crash, for those\n  without\n\n"
    "## [0.1.0] - 2026-01-02\n\n- Begin\n\n[0.1.1]: https://x.org/compare/v0.1.0...v0.1.1\n[0.1.0]: https://x.org\n",
    "## 0.1.1 (2026-03-05)\n\n* **web:** fix\n\n## 0.1.0\n* Begin",
    "Changelog\n=========\n\n0.1.1 (2026-03-05)\n------------------\n\n1. one\n\n0.1.0\n-----\n```\n# x\n```\n",
)
CONFIGURATIONS = (
    '[repos]\napp = "../app"\n\n[products.web]\nslug = "web"\nfiles = ["app:web/package.json", { path = "V", '
    'format = "text", key = "v={version}" }]\nchangelog = "app:CHANGELOG.md#Web"\n'
    'tags = { production = "{slug}/v{version}", staging = ["a{version}", "b{version}({build})"] }\nmax_build = 7\n',
    '[audit]\nsince = 2026-01-02\nignore = [{ code = "KV101", product = "web", reason = "x" }]\n\n'
    '[hotfix]\nbranch = "hotfix/{slug}-v{version}"\nmain = "main"\ncontacts = { "Owner" = "x" }\nshare = true\n',
    '[tool.krow-versions.products.web]\nslug = "@a/b"\nfiles = ["package.json"]\n',
)
RECORDS = (
    'schema = 2\nproduct = "web"\nslug = "web"\nversion = "0.1.1"\n\n[[declared]]\nat = 2026-03-05T13:02:00+02:00\n'
    'who = "A"\nbase = "web/prod-v0.1.0"\nbranch = "hotfix/web-v0.1.1"\nissue = "x"\nseverity = "CRITICAL"\nimpact = "y"\n'
    'environment = "production"\n\n[[done]]\nat = 2026-03-05T13:22:00Z\nbox = "logs"\n',
    'schema = 1\nproduct = "web"\nslug = "web"\nversion = "0.1.1"\nbase = "a"\nbranch = "b"\nissue = "x"\n'
    'severity = "HIGH"\nimpact = "y"\nstarted = 2026-03-05T13:02:00Z\nnotes = "n"\n[done]\nlogs = 2026-03-05T13:22:00Z\n',
)
NAMES = (
    "web/prod-v1.4.0",
    "1.4.0-web",
    "v1.4.0-rc.1",
    "@a/b@1.4.0(45)",
    "web/dev-v1.4.0+7",
    "hotfix/web-v1.4.1",
    "a/b/staging-v0.0.0",
)
VERSIONS = ("1.4.0", "1.4.0+007", "1.4.0-rc.1.x-y+7", "0.0.0", f"{10**80}.0.1", "1.4.0rc1", "v1.4")
COMMITS = (
    "fix(web)!: crash\n\nHOTFIX for production\n\nIssue: a\n  b\nSolution: c\nTested: d\n\nSigned-off-by: A <a@x.org>\n",
    'Revert "feat: a"\r\n\r\nThis reverts commit 0123456789abcdef.\r\n',
    "HOTFIX: crash\n\nImpact: not known\nSeverity: CRITICAL\nMerged as 0123abc\n",
    f"fix: x\n\n(cherry picked from commit {'ab' * 20})\n1772708520 +0200",
    "1772708520 +0200",
)

# What means something in one of the formats, or has confused a reader somewhere.
TOKENS = (
    *(
        "1.4.0",
        "1.4.1+8",
        "9.8.7",
        "+0",
        "-rc.1",
        "0",
        "007",
        "1e9",
        "version",
        "name",
        "null",
        "~",
        "true",
        "v",
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "\ufeff",
        "\0",
        "\u2028",
        "\x85",
        "\u202e",
        "é",
        "😀",
        "\x1b[2K",
        "\ud800",
    ),
    *(
        ":",
        ": ",
        "- ",
        "? ",
        "#",
        " #",
        "&a ",
        "*a",
        "!!str ",
        "|",
        ">",
        "'",
        '"',
        '"""',
        "'''",
        "`",
        "\\",
        "\\u0041",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        "=",
        ";",
        "/*",
        "*/",
        "//",
        "<",
        ">",
        "<!--",
        "-->",
        "<![CDATA[",
        "&amp;",
        "&#x31;",
    ),
    *(
        "{version}",
        "{slug}",
        "{build}",
        "krow-versions",
        "---\n",
        "...\n",
        "<<<<<<< a\n",
        ">>>>>>> b\n",
        "%YAML 1.2\n",
    ),
    *(
        "| --- |",
        "|-|-|\n",
        "## 0.1.1\n",
        "# x\n",
        "===\n",
        "[a]: b\n",
        "```\n",
        "- x\n",
        "<div>\n",
        "Date",
        "Issue: ",
    ),
    *(
        "[project]\n",
        "[[package]]\n",
        "schema = 3\n",
        "slug = 'x'\n",
        "$(x)",
        "${x}",
        "<dict/>",
        "MARKETING_VERSION = ",
    ),
)
