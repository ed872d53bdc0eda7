"""What ``init`` proposes: sensible on every layout known, and accepted by the loader on any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.config import FoundFile, load, look, propose
from krow_versions.errors import KrowVersionsError, Unsupported
from krow_versions.products import KROW
from support.configurations import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from krow_versions.settings import Config

# Per layout: slugs and main files of the products that a release engineer would name there.
EXPECTED = {
    "24601__buzz": {
        "admin-web": "admin-web/package.json",
        "relay": "crates/buzz-relay/Cargo.toml",
        "desktop": "desktop/package.json desktop/src-tauri/Cargo.toml",
        "web": "web/package.json",
    },
    "Aktion-Sodis__software-main": {
        "admin-app": "admin-app/frontend/package.json",
        "mobile-app": "mobile-app/pubspec.yaml",
    },
    "altrupets__monorepo": {
        "agent-sidecar": "apps/agent-sidecar/pyproject.toml",
        "backend": "apps/backend/package.json",
        "mobile": "apps/mobile/pubspec.yaml",
        "b2g": "apps/web/b2g/pubspec.yaml",
        "crud-superusers": "apps/web/crud-superusers/package.json",
        "landing-b2g": "apps/web/landing-b2g/package.json",
    },
    "duxweb__codux": {
        "agent": "apps/agent/Cargo.toml",
        "desktop": "apps/desktop/Cargo.toml apps/desktop/runtime/Cargo.toml",
        "mobile": "apps/mobile/pubspec.yaml",
        "wrapper-helper": "apps/wrapper-helper/Cargo.toml",
    },
    "ente-io__ente": {
        "desktop": "desktop/package.json",
        "auth": "mobile/apps/auth/pubspec.yaml",
        "locker": "mobile/apps/locker/pubspec.yaml",
        "photos": "mobile/apps/photos/pubspec.yaml",
        "ensu": "rust/apps/ensu/package.json rust/apps/ensu/src-tauri/Cargo.toml",
    },
    "kimhons__okada-mobile": {
        "admin-dashboard": "apps/admin_dashboard/package.json",
        "admin-dashboard-customer-app": "apps/admin_dashboard/apps/customer_app/pubspec.yaml",
        "admin-dashboard-rider-app": "apps/admin_dashboard/apps/rider_app/pubspec.yaml",
        "customer-app": "apps/customer_app/pubspec.yaml",
        "rider-app": "apps/rider_app/pubspec.yaml",
        "api-gateway": "services/api-gateway/package.json",
        "auth-service": "services/auth-service/package.json",
        "payment-service": "services/payment-service/package.json",
    },
    "shahriar-ahmed-seam__Fleet-Command-Center": {
        "customer": "apps/customer/pubspec.yaml",
        "dashboard": "apps/dashboard/package.json",
        "driver": "apps/driver/pubspec.yaml",
        "management": "services/management/package.json",
        "optimizer": "services/optimizer/pyproject.toml",
    },
}
DASHED = {"24601__buzz", "altrupets__monorepo", "ente-io__ente"}


def products(config: Config) -> dict[str, str]:
    """The files of each product, by its slug."""
    return {
        product.slug: " ".join(file.path for file in product.files) for product in config.catalog.products
    }


def proposed(
    found: list[FoundFile], tags: list[str] | None = None, changelogs: tuple[str, ...] = ()
) -> Config:
    """What a proposal means."""
    return load(propose(found, tags or [], changelogs).text, path="krow-versions.toml")


@pytest.mark.parametrize("name", EXPECTED)
def test_every_layout_gets_its_products(shared: Path, name: str) -> None:
    """Applications and services are products; libraries, tests, tools, files without a version are listed."""
    layout = shared / "corpus" / "layouts" / name
    facts = (shared / "corpus" / "layouts.md").read_text(encoding="utf-8")
    facts = facts.split(f"## {name.replace('__', '/')} ")[1].split("\n## ")[0]
    tags = [
        example
        for count, example in re.findall(r" x([0-9]+) \(e\.g\. ([^)]*)\)", facts.partition("| file")[0])
        for _ in range(int(count))
    ]
    changelogs = re.findall(r"^\| (\S*CHANGELOG\.md) \|", facts, re.MULTILINE)
    found = []
    for file in sorted(path for path in layout.rglob("*") if path.is_file()):
        path = file.relative_to(layout).as_posix()
        try:
            found.append(look(path, file.read_text(encoding="utf-8")))
        except Unsupported:
            assert "changelog" in file.name.lower()
    text = propose(found, tags, changelogs).text
    config = load(text, path="krow-versions.toml")
    assert products(config) == EXPECTED[name]
    style = "{slug}-v{version}" if name in DASHED else "{slug}/prod-v{version}"
    assert config.catalog.tags["production"].text == style
    told = [file for file in found if file.format != "package-lock" and file.path not in text]
    assert not told or "more\n" in text
    for product in config.catalog.products:
        beside = product.files[0].path.rpartition("/")[0] + "/CHANGELOG.md"
        assert product.changelog == (beside if beside in changelogs else None)


def test_every_layout_is_tried(shared: Path) -> None:
    """No layout is left out of the test above."""
    assert {path.name for path in (shared / "corpus" / "layouts").iterdir()} == set(EXPECTED)


def test_a_krow_checkout_gets_the_products_of_krow() -> None:
    """KROW's layout, or KROW's tags, give KROW's names and slugs; other folders are added to them."""
    found = [
        FoundFile("apps/mobile/apps/worker/pubspec.yaml", "pubspec", "0.1.0+5"),
        FoundFile("apps/web/package.json", "package-json", "1.0.0"),
        FoundFile("backend/api/package.json", "package-json", "1.0.0"),
        FoundFile("backend/core/package.json", "package-json", "1.0.0"),
        FoundFile("apps/kiosk/pubspec.yaml", "pubspec", "1.0.0+1"),
    ]
    config = proposed(found)
    assert products(config) == {
        "krow-withus-worker-mobile": "apps/mobile/apps/worker/pubspec.yaml",
        "krow-withus-web": "apps/web/package.json",
        "krow-withus-backend": "backend/api/package.json backend/core/package.json",
        "kiosk": "apps/kiosk/pubspec.yaml",
    }
    assert config.catalog.product("staff-mobile").name == "worker-mobile"
    assert products(proposed(found[1:2])) == {"web": "apps/web/package.json"}
    assert products(proposed(found[1:2], ["krow-withus-web/prod-v1.0.0"])) == {
        "krow-withus-web": "apps/web/package.json"
    }


def test_a_repository_of_one_library_is_one_product() -> None:
    """Where there is no application, what there is ships."""
    assert products(proposed([FoundFile("pyproject.toml", "pyproject", "1.0.0")])) == {
        "app": "pyproject.toml"
    }


def test_nothing_found_is_no_product() -> None:
    """A proposal without products says so; it is not written."""
    assert propose([], ["v1.0.0"], []).products == ()


@pytest.mark.parametrize(
    ("tags", "style"),
    [
        (["backend-v1.0.0"], "{slug}-v{version}"),
        (["backend@1.0.0", "backend@1.0.1"], "{slug}@{version}"),
        (["backend/v1.0.0", "x-v1.0.0", "web/v1.0.0"], "{slug}/v{version}"),
        (["backend/prod-v1.0.0"], "{slug}/prod-v{version}"),
        (["backend-v1.0.0-rc.1", "v1.0.0"], "v{version}"),
    ],
)
def test_the_style_of_tags_is_recognised(tags: list[str], style: str) -> None:
    """The style that most tags of releases have becomes the pattern of production."""
    config = proposed([FoundFile("backend/package.json", "package-json", "1.0.0")], tags)
    assert config.catalog.tags["production"].text == style


def test_look_finds_version_privacy_and_fault() -> None:
    """A file's version, whether it is published, and why its version cannot be read."""
    assert look("a/package.json", '{"private": true, "version": "1.0.0"}') == FoundFile(
        "a/package.json", "package-json", "1.0.0", private=True
    )
    assert look("Cargo.toml", '[package]\nversion = "1.0.0"\npublish = false').private
    twice = look("package.json", '{"version": "1.0.0", "version": "2.0.0"}')
    assert twice.version is None
    assert twice.fault
    with pytest.raises(KrowVersionsError):
        look("README.md", "")


VERSIONS = st.sampled_from((None, "1.0.0", "1.0.0+1", "0.0.0", "2.0.0-beta\n[x]"))


def test_a_chart_is_left_out_and_a_private_pubspec_is_an_app() -> None:
    """What a format says of its files counts: why none is a product, and what is not published."""
    text = propose(
        [
            look("deploy/Chart.yaml", "version: 1.0.0\n"),
            look("shop/pubspec.yaml", "publish_to: none\nversion: 1.0.0\n"),
            look("theme/pubspec.yaml", "version: 1.0.0\n"),
        ],
        [],
        [],
    ).text
    assert "# Left out, charts, which describe how something else is deployed:\n#   deploy/Chart.yaml" in text
    assert "# Left out, libraries, which ship inside of products:\n#   theme/pubspec.yaml" in text
    assert [product.name for product in load(text, path="krow-versions.toml").catalog.products] == ["shop"]


APP = 'android {\n  defaultConfig {\n    versionCode 42\n    versionName "1.4.0"\n  }\n}\n'
FLUTTER = "android {\n  defaultConfig {\n    versionName flutter.versionName\n  }\n}\n"
FLUTTER_OVERRIDE = FLUTTER.replace("flutter.versionName", '"1.4.0"')


@pytest.mark.parametrize(
    ("files", "products"),
    [
        ({"app/build.gradle": APP, "build.gradle": "buildscript { }", "gradle.properties": "a=b"}, {"app"}),
        ({"android/app/build.gradle.kts": APP, "ios/Podfile": ""}, {"android"}),
        ({"pubspec.yaml": "version: 1.4.0+42\n", "android/app/build.gradle": FLUTTER}, {"app"}),
        ({"pubspec.yaml": "version: 1.4.0+42\n", "android/app/build.gradle": FLUTTER_OVERRIDE}, {"app"}),
        ({"apps/a/pubspec.yaml": "version: 1.4.0+42\n", "apps/a/android/app/build.gradle": FLUTTER}, {"a"}),
        ({"package.json": '{"version": "1.4.0"}', "android/app/build.gradle": APP}, {"app"}),
        (
            {"gradle.properties": "VERSION_NAME=1.4.0\nVERSION_CODE=42\n", "app/build.gradle": FLUTTER},
            {"app"},
        ),
        ({"build.gradle.kts": 'version = "1.4.0"\n'}, {"app"}),
    ],
)
def test_an_android_app_is_a_product_and_a_part_of_one_is_none(
    files: dict[str, str], products: set[str]
) -> None:
    """A script with a version of its own is an app's; below a manifest, it is a part of that app."""
    found = [look(path, text) for path, text in files.items() if path != "ios/Podfile"]
    text = propose(found, [], []).text
    assert {product.name for product in load(text, path="krow-versions.toml").catalog.products} == products
    assert "without a version" not in text
    for silent in ("buildscript", "gradle.properties"):
        if files.get("gradle.properties") == "a=b":
            assert silent not in text


CRATE = '[package]\nname = "shop-{0}"\nversion.workspace = true\n'
CARGO = '[workspace]\nmembers = ["crates/*"]\n\n[workspace.package]\nversion = "0.4.0"\n'


def test_a_file_that_inherits_its_version_is_no_product() -> None:
    """Where the members of a Cargo workspace inherit the version, its root is the product."""
    found = [look("Cargo.toml", CARGO)]
    found += [look(f"crates/{name}/Cargo.toml", CRATE.format(name)) for name in ("core", "parser")]
    text = propose(found, [], []).text
    assert products(load(text, path="krow-versions.toml")) == {"app": "Cargo.toml"}
    assert "#   crates/core/Cargo.toml (the version is inherited from the workspace)" in text


EXPO = '{{"expo": {{"version": "{0}"{1}}}}}'
PACKAGE = '{"private": true, "version": "1.4.0"}'
BUILDS = ', "ios": {"buildNumber": "42"}, "android": {"versionCode": 42}'


@pytest.mark.parametrize("builds", ["", BUILDS])
def test_an_expo_app_is_a_product_with_its_package(builds: str) -> None:
    """An app.json of Expo is an app's; the package.json beside it belongs to it if it has the same x.y.z."""
    manifest = look("package.json", PACKAGE)
    config = proposed([look("app.json", EXPO.format("1.4.0", builds)), manifest])
    assert products(config) == {"app": "app.json package.json"}
    differing = products(proposed([look("app.json", EXPO.format("2.0.0", builds)), manifest]))
    assert differing == {"app": "app.json", "app-package-json": "package.json"}


def test_a_file_with_a_build_of_its_own_is_an_app() -> None:
    """A versionCode or CFBundleVersion is counted by a store, whatever the folder is called."""
    found = [
        look("courier/build.gradle", APP),
        look("api/package.json", PACKAGE),
        look("theme/pubspec.yaml", "version: 1.0.0\n"),
    ]
    assert products(proposed(found)) == {"api": "api/package.json", "courier": "courier/build.gradle"}


def test_a_version_that_cannot_be_read_is_explained() -> None:
    """A file with tags and an odd version is a product; the comment behind its files says why it is odd."""
    found = [look("pyproject.toml", '[project]\nname = "tool"\nversion = "2.5.0.dev0"\n')]
    text = propose(found, ["2.4.1"], []).text
    assert "  # '2.5.0.dev0' is a pre-release as Python writes it" in text
    assert [line for line in text.splitlines() if line.endswith("# ")] == []


@pytest.mark.parametrize("name", ["web", "backend", "worker-mobile", "client-mobile"])
def test_a_product_called_like_one_of_krow_has_nothing_of_it(name: str) -> None:
    """Slug, titles, aliases and files of the built-in catalog are not inherited by what ``init`` writes."""
    for tags in ([f"{name}-v1.2.3"], ["v1.2.3"], []):
        config = proposed(
            [look(f"apps/{name}/package.json", f'{{"name": "{name}", "version": "1.2.3"}}\n')], tags
        )
        (product,) = config.catalog.products
        assert (product.name, product.slug, product.aliases) == (name, name, ())
        assert [file.path for file in product.files] == [f"apps/{name}/package.json"]


def test_a_version_that_is_none_is_shown() -> None:
    """A script whose literal is no version is listed with the reason, for somebody must correct it."""
    text = propose([look("app/build.gradle", APP.replace("1.4.0", "1.4"))], [], []).text
    assert "app/build.gradle ('1.4' is not a version" in text


FORMATS = st.sampled_from(("pubspec", "package-json", "package-lock", "cargo", "chart"))
FOLDERS = st.lists(
    st.sampled_from(("apps", "web", "a b", "A", "a", "ü", "packages", "x" * 80, "[id]", "c:d")), max_size=4
)
PATHS = st.builds(
    "/".join,
    st.builds(lambda parts, name: [*parts, name], FOLDERS, st.sampled_from(("pubspec.yaml", "package.json"))),
)
FOUND = st.builds(
    FoundFile, PATHS | ALL.map("{}/package.json".format), FORMATS, VERSIONS, st.booleans(), st.none() | ALL
)
TAGS = st.lists(ALL | st.sampled_from(("a-v1.0.0", "web/v1.0.0", "b@1.0.0", "1.0.0/a")), max_size=5)


@given(st.lists(FOUND, max_size=8, unique_by=lambda file: file.path), TAGS, st.lists(PATHS | ALL, max_size=3))
def test_whatever_is_found_the_loader_accepts_what_is_proposed(
    found: list[FoundFile], tags: list[str], changelogs: list[str]
) -> None:
    """Any paths, versions and tags, line breaks in them included: the text loads, in any order the same."""
    text = propose(found, tags, changelogs).text
    config = load(text, path="krow-versions.toml")
    assert propose(found[::-1], tags[::-1], changelogs[::-1]).text == text
    if config.catalog.products != KROW.products:
        carried = [file.path for product in config.catalog.products for file in product.files]
        assert {*carried} <= {file.path for file in found}
