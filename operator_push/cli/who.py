"""Who gives a command: the name that stands beside a change in the store."""

import getpass


def who_asks() -> str:
    """The name of the user who runs this command, empty where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
