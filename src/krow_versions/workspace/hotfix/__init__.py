"""The hotfix of a product on disk and in git: facts gathered, plans made, records kept."""
