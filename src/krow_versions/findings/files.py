"""KV1xx: version files."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, block, sh, toml, yaml

_GRADLE = block("groovy", "versionCode flutter.versionCode", "versionName flutter.versionName")
KINDS = (
    FindingKind(
        "KV101",
        "error",
        "a version file is missing",
        what="A version file that the configuration names or that git tracks is not on disk.",
        why="A bump would leave it behind, and the next checkout would bring it back with the old version.",
        how=(
            "Bring it back, or take it out of git and of the configuration:",
            sh(
                "git restore apps/web/package.json",
                "git rm apps/web/package.json",
            ),
        ),
        example="apps/web/package.json: error: apps/web/package.json is in git, but not on disk [KV101]",
    ),
    FindingKind(
        "KV102",
        "error",
        "a version file cannot be read",
        what=(
            "A version file is there and cannot be read: no permission, not UTF-8, over the size limit, "
            "no regular file, or a link out of its repository. Or a folder that may contain one cannot "
            "be read; then the finding names the folder."
        ),
        why="No command can read or raise its version; a bump of the product is refused.",
        how=(
            ("Follow the hint. Usually the file was saved in another encoding, or has another owner:"),
            sh(
                "file apps/web/package.json",
                "ls -l apps/web/package.json",
                "git restore apps/web/package.json",
            ),
        ),
        example=(
            "apps/web/package.json:1: error: apps/web/package.json: byte 0xff at offset 0 is not UTF-8 "
            "[KV102]"
        ),
    ),
    FindingKind(
        "KV103",
        "error",
        "a version file is broken",
        what=(
            "A version file does not parse, has no version or several, or has it in a layout that cannot "
            "be edited safely."
        ),
        why=(
            "A bump of the product is refused, in the middle of a hotfix. Other tools may read another "
            "version from the file than people do."
        ),
        how=(
            (
                "Correct the line that is named; [what is refused](formats.md#what-is-refused) lists the "
                "layouts. To see who changed it:"
            ),
            sh("git log -p -- apps/mobile/apps/staff/pubspec.yaml"),
        ),
        example=(
            "apps/mobile/apps/staff/pubspec.yaml:3: error: apps/mobile/apps/staff/pubspec.yaml: there is "
            "a merge conflict mark [KV103]"
        ),
    ),
    FindingKind(
        "KV104",
        "error",
        "a version is invalid",
        what=(
            "The version is not a semver version, is not text (`version: 1.0`), or its build is not a "
            "whole number. It is only a note for a Python pre-release (`2.5.0.dev0`), which main often "
            "has between two releases."
        ),
        why=(
            "Stores and package managers refuse it or read it differently. It cannot be compared with "
            "other versions."
        ),
        how=(
            (
                "Write three numbers, and a whole number after the `+` if there is a build; use quotes if "
                "the format would read a number:"
            ),
            yaml("version: 0.1.1+6"),
        ),
        example=(
            "apps/web/package.json:3: error: apps/web/package.json: '1.4' is not a version "
            "(major.minor.patch) [KV104]"
        ),
    ),
    FindingKind(
        "KV105",
        "error",
        "files of one product disagree",
        what="Version files of one product carry different versions, or different builds of one version.",
        why="One of them ships with the wrong version. A bump may refuse the product.",
        how=(
            "If a bump was interrupted, run it again; the result is the same:",
            sh("krow-versions bump-patch backend"),
            "Otherwise find out which is right, and correct the others:",
            sh(
                "krow-versions show backend",
                "git log -p -- backend/core-api/package.json",
            ),
        ),
        example=(
            "backend/core-api/package.json:3: error: the files of Backend disagree: "
            "backend/command-api/package.json says 0.3.2, backend/core-api/package.json says 0.3.1 "
            "[KV105]"
        ),
    ),
    FindingKind(
        "KV106",
        "error",
        "a lock file is out of step",
        what=(
            "A lock file (`package-lock.json`, `Cargo.lock`, `uv.lock`) has another version of a package "
            "than its manifest, or two different ones."
        ),
        why=(
            "`npm ci`, `cargo build --locked` and `uv lock --check` refuse such a pair, or the next install "
            "changes the lock in a commit that is about something else."
        ),
        how=(
            "If a bump was interrupted, run it again. Otherwise let the package manager write the lock:",
            sh(
                "krow-versions bump-patch web",
                "cd apps/web && npm install --package-lock-only",
            ),
        ),
        example=(
            "apps/web/package-lock.json:3: error: apps/web/package-lock.json says 1.4.0, but "
            "apps/web/package.json says 1.4.1 [KV106]"
        ),
    ),
    FindingKind(
        "KV107",
        "error",
        "a build number is missing",
        what=(
            "A file has no build (`0.1.1`), but had one in production, or another `pubspec.yaml` of the "
            "product has one."
        ),
        why=("Stores compare builds. Without one, the upload is refused or the build starts again at 1."),
        how=(
            "Find the highest build that shipped, and write one above it:",
            sh("krow-versions history worker-mobile"),
            yaml("version: 0.1.1+6"),
        ),
        example=(
            "apps/mobile/apps/staff/pubspec.yaml:6: error: apps/mobile/apps/staff/pubspec.yaml says "
            "0.1.1 without a build, but it was 0.1.0+5 in production "
            "(krow-withus-worker-mobile/prod-v0.1.0) [KV107]"
        ),
    ),
    FindingKind(
        "KV108",
        "error",
        "a build number is over the limit",
        what=(
            "The build of a file is over the product's `max_build` (2,100,000,000 unless configured, the "
            "greatest that Google Play accepts)."
        ),
        why="The store refuses it. If it was accepted once, no higher one is left.",
        how=(
            (
                "If it did not ship, write a lower one, above what shipped. If the limit of the product "
                "is another one, configure it:"
            ),
            toml(
                "[products.worker-mobile]",
                "max_build = 9999999",
            ),
        ),
        example=(
            "apps/mobile/apps/staff/pubspec.yaml:6: error: apps/mobile/apps/staff/pubspec.yaml says "
            "0.1.1+2100000001, and its build is over the limit of 2100000000 [KV108]"
        ),
    ),
    FindingKind(
        "KV109",
        "warning",
        "a version is written out beside a pubspec",
        what=(
            "A build script of Gradle, an Xcode project, an `Info.plist` or `msix_version` has a version or "
            "a build of its own, beside an app's `pubspec.yaml`. It differs now, or it will after the next "
            "bump. Or such a file cannot be read, so that this is not known. Targets of tests do not count."
        ),
        why=(
            "It takes the place of the pubspec's version, and nothing says so: the app ships with the old "
            "version, the store refuses a build that it has already, and Apple warns about an extension that "
            "differs from its app."
        ),
        how=(
            "Take it from the pubspec. In `android/app/build.gradle`, or with `=` in `build.gradle.kts`:",
            _GRADLE,
            (
                "In Xcode, write `$(FLUTTER_BUILD_NAME)` and `$(FLUTTER_BUILD_NUMBER)`, as "
                "`MARKETING_VERSION` and `CURRENT_PROJECT_VERSION` of the target or in its `Info.plist`. "
                "An extension knows them when its configuration is `Flutter/Debug` or `Flutter/Release`, "
                "as that of the app. In a pubspec, remove `msix_version`."
            ),
            "Or write the present version there, and name the file, so that a bump raises it:",
            toml(
                "[products.worker-mobile]",
                'slug  = "krow-withus-worker-mobile"',
                'files = ["pubspec.yaml", "android/app/build.gradle"]',
            ),
            "If a target has a version of its own on purpose, [ignore it](howto-ignore.md) with a reason.",
        ),
        example=(
            "apps/mobile/apps/staff/android/app/build.gradle:3: warning: "
            "apps/mobile/apps/staff/android/app/build.gradle has versionCode 4, but "
            "apps/mobile/apps/staff/pubspec.yaml says build 5 [KV109]"
        ),
    ),
)
