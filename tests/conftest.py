"""What every test relies on.

`async def test_…` runs on the event loop of pytest-jupyter, the one plugin here that runs coroutines. It knows no
asynchronous fixtures: what must be opened and closed around an asynchronous test is an `async with` inside it.
"""

pytest_plugins = ["pytest_jupyter.jupyter_server"]
