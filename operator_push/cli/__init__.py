"""The command line: thin commands that read options, call a room or the running server, and print.

`main.py` lists them all; a command lives in `<name>_command.py`, a group in `<name>_commands.py`. Nothing is
decided, priced or stored here.
"""
