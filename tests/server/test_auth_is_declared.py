"""What JupyterLab's extension template checks: each handler says who may ask it, or Jupyter warns."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from jupyter_hall import open_jupyter
from jupyter_server.utils import JupyterServerAuthWarning


@pytest.mark.usefixtures("jp_environ")
async def test_jupyter_warns_of_no_handler_without_a_declared_policy(tmp_path: Path) -> None:
    """Each has ``@authenticated`` or ``@allow_unauthenticated``; Jupyter looks where it lets nobody in unasked."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with open_jupyter(tmp_path, allow_unauthenticated_access=False):
            pass
    assert [str(each.message) for each in caught if issubclass(each.category, JupyterServerAuthWarning)] == []
