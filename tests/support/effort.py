"""How much a test may try: all that there is in CI and in long searches, a part where a person waits."""

from __future__ import annotations

from hypothesis import settings

THOROUGH = settings().max_examples >= 200
LONG = settings().max_examples >= 1000
"""For the nightly search only: what takes minutes."""
