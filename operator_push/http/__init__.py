"""HTTP doors: web pages and interfaces, each a process of its own (law 6).

They read the store through what they are given and decide nothing: whatever changes goes to the server that
owns the person's shard.
"""
