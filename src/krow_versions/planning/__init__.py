"""Plans, computed from a snapshot as data; the workspace applies them. No file access, no git."""
