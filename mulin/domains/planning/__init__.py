"""网格规划: the ground as imported, grid drafts, staffing drafts, the life circle; the client of the kernels."""
