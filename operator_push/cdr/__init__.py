"""Charging records as the standards write them: BER, the records of 3GPP TS 32.298, the files of TS 32.297.

Pure: octets in, values out. Shared by the product, the simulator and the ingester.
"""
