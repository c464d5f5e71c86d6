"""What two or more gates share."""
