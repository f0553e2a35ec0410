"""Proofs of the engine's vjp rules: each is run on symbols and compared with the derivative of its operation's meaning.

This package alone sees both: the rules, which the symbolic side never reads, and the meanings, which the engine never
reads. See ``docs/proofs.md``.
"""

from __future__ import annotations

from symdiff.proof.operations import prove, prove_all, refuted, summary
from symdiff.proof.outcome import Counterexample, Finding, Proof, Status

__all__ = ["Counterexample", "Finding", "Proof", "Status", "prove", "prove_all", "refuted", "summary"]
