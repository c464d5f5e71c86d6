"""Archives opened again: read as a stream, never unpacked, and held against their checksums and the originals."""
