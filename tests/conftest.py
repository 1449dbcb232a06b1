"""What every test relies on.

`async def test_…` runs on the event loop of pytest-jupyter's core, the one plugin here that runs coroutines. It
knows no asynchronous fixtures: what must be opened and closed around an asynchronous test is an `async with` inside
it. Its server plugin is not loaded: its clean-up makes a Jupyter server after every test, whether or not there was one.

`--hypothesis-profile=long` draws a hundred times as many examples.
"""

from hypothesis import settings

pytest_plugins = ["pytest_jupyter.jupyter_core"]

settings.register_profile("long", max_examples=10_000)
