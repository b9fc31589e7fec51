"""Self-care as a program: its command, and the desk over store and control socket that its pages ask."""
