"""What tables made in Python ask of other tables."""
