"""`python -m smsc_sim` is `smsc-sim`."""

from smsc_sim.cli import main

main(prog_name="smsc-sim")
