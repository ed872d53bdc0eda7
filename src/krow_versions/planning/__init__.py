"""What shall be done, as data: computed from a snapshot, shown, and applied by the workspace.

Nothing here reads a file, asks git, or does anything.
"""
