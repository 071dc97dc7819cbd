"""The grids of several departments over the same ground: read, compared, made one."""
