"""Campaigns that judge the judge: thousands of checks whose right verdict is known from an independent reference.

``python -m benchmarks.campaigns`` runs them; docs/campaigns.md says how they are made and what they found.
"""
