"""The files of a Flutter app beside its pubspec, as the tools of Flutter and of Xcode write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import krow

if TYPE_CHECKING:
    from support.repositories import Repo

GRADLE = "android/app/build.gradle"
KTS = "android/app/build.gradle.kts"
XCODE = "ios/Runner.xcodeproj/project.pbxproj"
PLIST = "ios/Runner/Info.plist"
NAME, NUMBER = "$(FLUTTER_BUILD_NAME)", "$(FLUTTER_BUILD_NUMBER)"
CONFIG = """\
[products.app]
slug = "app"
files = ["pubspec.yaml"]
changelog = "CHANGELOG.md"
"""


def gradle(code: str = "flutter.versionCode", name: str = "flutter.versionName") -> str:
    """A build script; the code is on line 8, the name on line 9."""
    return f"""\
plugins {{
    id "com.android.application"
}}

android {{
    defaultConfig {{
        applicationId "com.example.app" // versionCode 1
        versionCode {code}
        versionName {name}
    }}
}}
"""


def plist(name: str = NAME, number: str = NUMBER) -> str:
    """A property list; the version is on line 6, the build on line 8."""
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>CFBundleShortVersionString</key>
    <string>{name}</string>
    <key>CFBundleVersion</key>
    <string>{number}</string>
</dict>
</plist>
"""


def target(name: str, kind: str, **settings: str) -> tuple[str, str, dict[str, str]]:
    """A target of a project, of a type such as ``application`` or ``app-extension``."""
    return name, kind, settings


def project(*targets: tuple[str, str, dict[str, str]], **shared: str) -> str:
    """A project with these targets, each with one configuration; *shared* are the settings of the project."""
    number = len(targets)
    lines = ["// !$*UTF8*$!", "{", "\tarchiveVersion = 1;", "\tobjects = {"]
    for index, (name, kind, settings) in enumerate((("Runner", "", shared), *targets)):
        isa = "PBXNativeTarget" if kind else "PBXProject"
        lines += [
            f"\t\tT{index} /* {name} */ = {{",
            f"\t\t\tisa = {isa};",
            f"\t\t\tbuildConfigurationList = L{index};",
        ]
        if kind:
            lines += [f'\t\t\tname = "{name}";', f'\t\t\tproductType = "com.apple.product-type.{kind}";']
        lines += ["\t\t};", f"\t\tL{index} = {{", "\t\t\tisa = XCConfigurationList;"]
        lines += [f"\t\t\tbuildConfigurations = (C{index} /* Release */,);", "\t\t};", f"\t\tC{index} = {{"]
        lines += ["\t\t\tisa = XCBuildConfiguration;", "\t\t\tbuildSettings = {"]
        lines += [f"\t\t\t\t{key} = {value};" for key, value in settings.items()]
        lines += ["\t\t\t};", "\t\t\tname = Release;", "\t\t};"]
    assert number < 10
    return "\n".join((*lines, "\t};", "\trootObject = T0;", "}", ""))


def app(repo: Repo, version: str = "1.4.0+42", **files: str) -> Repo:
    """Commit an app in production with its pubspec; *files* have double underscores for slashes."""
    repo.write("krow-versions.toml", CONFIG)
    core = version.partition("+")[0]
    repo.write(
        "CHANGELOG.md", f"| Date | Version | Change |\n|---|---|---|\n| 2026-01-01 | {core} | First |\n"
    )
    repo.write("pubspec.yaml", krow.pubspec(version))
    for path, text in files.items():
        repo.write(path, text)
    repo.commit("feat: first release")
    repo.tag(f"app/prod-v{core}")
    return repo
