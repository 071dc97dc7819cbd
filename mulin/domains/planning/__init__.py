"""网格规划: the ground as imported, drafts of grids and of staffing, the life circle; the client of the kernels."""
