"""Use cases, one a file, and the ports that they speak through.

A use case takes values and facts and returns changes; one committer writes them. No socket, row type, wire
format or clock is known here: moments are arguments.
"""
