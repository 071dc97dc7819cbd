"""The demo town: an invented town on real ground, grown from a seed."""
