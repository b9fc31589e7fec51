"""Archives: what a file holds as streams of octets, itself or unpacked from gzip, zstd or zip.

Laws: memory is bounded whatever the archive says; what can be unpacked is given before an archive that ends
early or lies is told of. What the octets mean does not belong here.
"""
