"""Words and their spelling: escaping for each reader, plurals and lists, moments and durations."""
