"""What the pages of duty show, one frozen value per region."""
