"""The demo: the whole main job in one command, with real sockets, real programs and a report at the end.

It starts the simulator, the product and its clients as programs, talks to them as anybody would (control
socket, SMPP, files), and proves what they did from records that it did not write itself: the simulator's
witness and CDR files, the product's rows, what the clients saw. No number in the report is assumed.
Not here: anything that the product needs to work.
"""
