"""A room as the world reaches it: sockets, REST and pages over a store. It holds no rules of a room."""
