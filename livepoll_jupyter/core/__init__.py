"""The rules of a room, and nothing else: no I/O, no clock, no randomness, no asyncio, no logging."""
