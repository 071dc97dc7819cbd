"""Visits into days and each day into an order: windows kept, working hours kept, little walking."""
