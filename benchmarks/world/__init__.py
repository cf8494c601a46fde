"""The sample world: a fictional supplier, five fictional chains, and the papers between them.

`python -m benchmarks.world --out data/samples` writes `inbox/` and the expected truth.
"""
