"""The 5-, 10- and 15-minute life circle: how far every building is, on foot, from the nearest facility of each kind."""
