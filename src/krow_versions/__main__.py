"""``python -m krow_versions``, the same as ``krow-versions``."""

import os
import sys

if __name__ == "__main__":
    # Python puts the current folder first on the path, which may be a checkout with an attr.py or json.py
    # of its own. So it goes before anything is loaded from there; Python has loaded os and sys long ago.
    try:
        _here = os.getcwd()
    except OSError:  # It was deleted, and is not on the path then.
        _here = ""
    if sys.path[:1] == [_here] and not sys.flags.safe_path:
        del sys.path[0]

    try:
        from krow_versions.cli import main

        main()
    except KeyboardInterrupt:  # Before or after what main() can catch.
        os.write(2, b"error: interrupted\n")
        os._exit(130)
