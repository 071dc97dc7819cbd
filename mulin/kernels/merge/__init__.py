"""Several departments' nets over the same ground into one, with least change and a table of successors."""
