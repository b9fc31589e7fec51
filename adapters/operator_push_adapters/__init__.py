"""Adapters: optional doors to other systems, reached by entry points only; nobody imports an adapter."""
