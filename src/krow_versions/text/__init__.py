"""Text for people and programs: escaping, Markdown, plurals and lists, paths, moments and durations."""
