"""How the sample files look: one module per file look, canonical rows in, file bytes out."""
