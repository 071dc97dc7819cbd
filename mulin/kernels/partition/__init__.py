"""Buildings into grids: each in exactly one, contiguous, inside its community, within bounds, few streets cut."""
