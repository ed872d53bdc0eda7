"""Property lists and Xcode projects for tests."""

from __future__ import annotations

SHORT, BUILD = "CFBundleShortVersionString", "CFBundleVersion"
APP, EXTENSION = "application", "app-extension"
FRAMEWORK, TEST = "framework", "bundle.unit-test"


def plist(*pairs: str, start: str = "") -> str:
    """Write a property list with these keys and elements."""
    lines = "".join(
        f"\t<key>{key}</key>\n\t{value}\n" for key, value in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return f'{start}<plist version="1.0">\n<dict>\n{lines}</dict>\n</plist>\n'


def string(text: str) -> str:
    return f"<string>{text}</string>"


def project(*targets: str, settings: str = "") -> str:
    """Write a project; *settings* are those of the project itself."""
    names = ", ".join(f"T{number} /* x */" for number in range(len(targets)))
    objects = "".join(each.replace("#", str(number)) for number, each in enumerate(targets))
    return f"""// !$*UTF8*$!
{{
	objects = {{
		P /* Project object */ = {{isa = PBXProject; buildConfigurationList = LP; targets = ({names}); }};
		LP = {{isa = XCConfigurationList; buildConfigurations = (CP); }};
		CP = {{isa = XCBuildConfiguration; buildSettings = {{ {settings} }}; name = Release; }};
{objects}	}};
	rootObject = P /* Project object */;
}}
"""


def target(name: str, kind: str, settings: str, depends: str = "", release: str | None = None) -> str:
    """Write a target with the configurations Debug and Release, and its dependencies."""
    return f"""
		T# = {{isa = PBXNativeTarget; name = {name}; productType = "com.apple.product-type.{kind}";
			buildConfigurationList = L#; dependencies = ({depends}); }};
		L# = {{isa = XCConfigurationList; buildConfigurations = (C#D, C#R); }};
		C#D = {{isa = XCBuildConfiguration; name = Debug; buildSettings = {{
			{settings}
		}}; }};
		C#R = {{isa = XCBuildConfiguration; name = Release; buildSettings = {{
			{settings if release is None else release}
		}}; }};
"""


def dependency(key: str, on: str) -> str:
    return f"\t\t{key} = {{isa = PBXTargetDependency; target = {on}; }};\n"


def both(version: object, build: object) -> str:
    return f"MARKETING_VERSION = {version}; CURRENT_PROJECT_VERSION = {build};"


def app(settings: str) -> str:
    return project(target("App", APP, settings))
