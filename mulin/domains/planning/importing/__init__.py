"""Ground truth out of other people's files: read, convert, check, repair when told to. No database, no clock."""
