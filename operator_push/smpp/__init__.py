"""SMPP v3.4 without I/O (3.3 peers served, 5.0 read by name): octets to PDUs to session events and back.

Start at session.py for a bind, at codec.py for one PDU, at field_specs.py and tlv.py for the tables.
Laws: pure (no socket, clock or randomness); leans on kernel and text alone, so it can be taken elsewhere.
"""
