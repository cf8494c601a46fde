"""What writes to disk: the warehouse (tables by day) and documents (dated files)."""
