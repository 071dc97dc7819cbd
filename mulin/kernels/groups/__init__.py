"""Households into contact groups of 10–15 neighbours by entrance and floor.

Micro-grids need no kernel of their own: they are a `partition` of buildings with `community` set to the grid and the
bounds of a micro-grid.
"""
