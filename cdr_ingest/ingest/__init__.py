"""Ingest: one run from an input folder to features, rejects and a report.

The stages are elsewhere (door, records, features, store); here is their order and what makes a run count.
"""
