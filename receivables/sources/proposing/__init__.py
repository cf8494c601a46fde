"""Proposing a layout for a file that none describes, with the evidence for each line."""

from receivables.sources.proposing.proposal import NothingFoundError, Proposal, propose

__all__ = ["NothingFoundError", "Proposal", "propose"]
