PYTHONPATH=/tmp/G/merge/src:/tmp/G/merge/tests PATH=/tmp/wt/G/.venv/bin:$PATH exec /tmp/wt/G/.venv/bin/python -m pytest -q "$@"
