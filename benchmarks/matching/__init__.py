"""How well matching finds the papers that belong together, in worlds whose truth is known."""
