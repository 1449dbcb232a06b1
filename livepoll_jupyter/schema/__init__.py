"""Descriptions of the wire for other languages and tools, generated from the typed messages.

Nothing here is written by hand twice: TypeScript types, OpenAPI and AsyncAPI all read ``core.messages`` through
``msgspec``. Nothing here runs while a server does, but for the two documents that it serves.
"""
