"""The rules: one rule, one file, one test; none knows another. `domain.policy` asks them in order.

Numbers, which stand in stored trails for ever: 1 account, 2 source, 3 destination, 4 route, 5 permission,
6 quiet hours, 7 frequency cap, 8 do not disturb, 9 holdout, 10 registered content (at the door, where
the text is); 0 names the rule set. A new rule takes the next number and a place in `policy.STANDARD_RULES`.
"""
