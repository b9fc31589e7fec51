"""operator-push: permissioned, billed push messaging that runs beside an operator's SMSC."""
