"""Personal texts: one approved text that differs from person to person by what each permits to be used."""
