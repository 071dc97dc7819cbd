"""The 15-minute life circle of an area out of arrays: who reaches what on foot, and where the next one serves most."""
