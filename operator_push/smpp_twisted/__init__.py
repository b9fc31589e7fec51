"""smpp_twisted: the transport between a TCP stream and an `SmppSession`; listen, connect, reconnect.

Laws: one `session.receive` and one `transport.write` per chunk of octets; the clock is read once per chunk;
no Deferred or Task per message; the reactor and the clock are arguments. What a PDU means is not decided
here: the owner of a protocol (gateway, simulator) gets the session's events as one list per chunk.
"""
