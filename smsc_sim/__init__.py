"""smsc-sim: the bundled SMSC simulator."""
