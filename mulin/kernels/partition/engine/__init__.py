"""The compiled heart of the partition. Imported by `solve` when it is called: importing it loads numba."""
