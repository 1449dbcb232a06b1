"""Where rooms are kept: the contract in ``base``, and one module per store."""
