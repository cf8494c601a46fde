"""The expected tables of a sample world, worked out from its papers by plain loops.

This is an oracle: it reads what was sent, never the warehouse, and shares no code with the
pipeline, so that agreement between the two means something.
"""
