"""Reading: a file is opened, its format is told by its octets, and its rows come as blocks for the door."""
