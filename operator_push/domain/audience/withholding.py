"""Withholding: a checked rule as it reads for people who do not permit some of its attributes.

What is not permitted is not known: the attribute becomes null, and three-valued logic does the rest. For SQL,
which reads whole columns; a compiled function is given a PermittedProfile, where the attribute is absent.
"""

from collections.abc import Collection

from operator_push.domain.audience.tree import Attribute, Literal, Node, children, rebuilt


def withhold(root: Node, names: Collection[str]) -> Node:
    """The rule with every attribute in `names` replaced by null; for to_sql alone."""
    if not names:
        return root
    if isinstance(root, Attribute):
        return Literal(None, root.column) if root.name in names else root
    parts = children(root)
    return rebuilt(root, [withhold(part, names) for part in parts]) if parts else root
