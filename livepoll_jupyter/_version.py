"""The version, read by the build and by people; a test holds `package.json` to the same."""

__version__ = "0.1.0"
