"""Archives: read again as a stream, never unpacked, and compared with their checksums and the originals."""
