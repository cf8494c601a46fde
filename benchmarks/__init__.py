"""Generators and timings that are not part of the pipeline itself."""
