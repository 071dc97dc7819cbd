"""Where the next facilities serve most: maximal cover (Church & ReVelle 1974), exact, with a bound to show."""
