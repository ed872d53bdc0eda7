"""The documentation site; ``./dev docs`` builds it with warnings as errors, without any network."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "krow-versions"
author = "The krow-versions authors"
project_copyright = author
release = version = version_of("krow-versions")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "site_of_krow",
]
exclude_patterns = ["_ext", "generated/*.md"]  # Those are included by others.
nitpicky = True
# An output line that begins with # looks like a prompt to the lexer of consoles, so that it may trip.
suppress_warnings = ["misc.highlighting_failure"]
# Names of the standard library and of other packages are shown, not led to: that would need the network.
nitpick_ignore_regex = [
    (r"py:.*", r"(builtins|collections|datetime|dt|os|re|typing|pd|pandas|hypothesis|attrs)\..*"),
    (
        r"py:.*",
        r"(Axes|date|datetime|optional|Path|Callable|Iterable|Iterator|Mapping|Sequence|Any|Self|SearchStrategy|DrawFn)",
    ),
    (
        r"py:class",
        r"Opened",
    ),  # The protocol of a workspace, for its own parts: `Workspace` is what importers see.
]

smartquotes_action = "qe"  # Never dashes: two hyphens begin an option.

html_theme = "furo"
html_title = f"krow-versions {release}"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
