"""Entrances of cases for people: translate, one call, translate back."""
