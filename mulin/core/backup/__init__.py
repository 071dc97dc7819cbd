"""Copies of an installation taken while it runs: the database as of one moment, the media files, and a manifest.

A copy is a folder. Its manifest names the hash of every file, the rows of every table, the migrations and a
fingerprint of the field key, which itself is never part of a copy (docs/operating.md).
"""
