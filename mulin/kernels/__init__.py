"""Arrays in, arrays out: the computation behind grids, staffing, routes and the life circle.

Every kernel is entered by `solve(problem, *, stop, seed, params) -> Result`. A problem refuses what cannot be computed
(`BadProblem`); a result that cannot keep every rule carries a `Certificate` for each rule it breaks. Both speak in a
code and plain facts; the words for people are the caller's.
"""
