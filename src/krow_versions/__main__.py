"""``python -m krow_versions``, the same as ``krow-versions``."""

from krow_versions.cli import main

if __name__ == "__main__":
    main()
