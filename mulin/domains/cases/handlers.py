"""What cases do when something happens elsewhere."""
