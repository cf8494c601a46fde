"""How much money without references finds its place, and how much of it the wrong one."""
