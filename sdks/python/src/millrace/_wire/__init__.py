"""The wire: bytes to judged messages and back. No I/O, and no decision but what the bytes alone decide."""
