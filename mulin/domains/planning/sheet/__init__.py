"""A grid map 网格分布图 on paper: geometry in, one SVG of A3 out. No database and no clock in here."""
