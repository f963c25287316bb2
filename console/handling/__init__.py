"""What the office, units, posts of the grid and reviewers do with a problem: one command each, by theme."""
