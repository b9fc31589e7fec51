"""Bootstrap: the one place where the parts meet. `serve` runs the product with a configuration."""

from operator_push.bootstrap.program import serve

__all__ = ["serve"]
