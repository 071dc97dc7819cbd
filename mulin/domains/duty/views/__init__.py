"""The pages of duty: boards for everybody, coverage and posts for those who answer for an area."""
