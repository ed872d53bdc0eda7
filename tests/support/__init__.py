"""What several test modules need: repositories, scenes, programs, values, readers of what is shown.

A test module takes helpers from here and from nowhere else.
"""

from __future__ import annotations

import pkgutil

import pytest

# Asserts in helpers show their values, and bite under ``python -O``, too.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
