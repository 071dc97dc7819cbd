"""What cases do by the clock."""
