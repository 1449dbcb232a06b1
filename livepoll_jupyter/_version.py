"""The version, read by the build and by people; `labextension/package.json` says the same (a test compares)."""

__version__ = "0.1.0"
