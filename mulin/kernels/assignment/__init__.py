"""Staff to grids: everyone in one grid, seats kept, the shortest way in sum, proved by prices."""
