"""Know, move and audit the version of every product in a multi-repository codebase."""
