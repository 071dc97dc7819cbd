"""View models of cases: one frozen value per region of a page."""
