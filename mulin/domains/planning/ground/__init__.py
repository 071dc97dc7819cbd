"""The ground of a plan as arrays: the local plane, who is whose neighbour, and what lies between. No database."""
