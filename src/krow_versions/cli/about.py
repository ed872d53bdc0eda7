"""What this program is: its version, and where its documentation is."""

from __future__ import annotations


def program() -> tuple[str, str | None]:
    """Return the version, and the URL of the documentation without a '/' at the end, or None."""
    from importlib.metadata import metadata

    found = metadata("krow-versions")
    urls = dict(url.split(", ", 1) for url in found.get_all("Project-URL", []))
    return found["Version"], urls.get("Documentation", "").rstrip("/") or None
