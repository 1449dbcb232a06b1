"""Where a room lives: the named server, the Jupyter server of this kernel, or the kernel itself."""

from __future__ import annotations

import pytest

from livepoll_jupyter.core.errors import BadSetting
from livepoll_jupyter.widgets.embedded import _of_process, close_embedded_server, embedded_server
from livepoll_jupyter.widgets.place import PROBLEM, TOKEN, URL, find_server

ENVIRONMENT = {URL: "http://127.0.0.1:8888/user/ada/", TOKEN: "from-the-environment"}


def test_a_named_server_comes_first() -> None:
    """Whatever stands in the environment; its address may lack the last slash."""
    api = find_server("http://192.168.1.5:3000", "mine", ENVIRONMENT)
    assert api.base == "http://192.168.1.5:3000/"
    assert api.headers == {"Authorization": "Bearer mine"}


def test_then_comes_the_jupyter_server_that_started_the_kernel() -> None:
    """It hands its address and a token to its kernels."""
    api = find_server(None, None, ENVIRONMENT)
    assert api.base == "http://127.0.0.1:8888/user/ada/"
    assert api.headers == {"Authorization": "Bearer from-the-environment"}


def test_else_the_kernel_has_a_server_of_its_own() -> None:
    """One, however often it is asked for."""
    assert find_server(None, None, {}) is embedded_server()


def test_a_kernel_whose_jupyter_server_serves_no_rooms_is_told_why() -> None:
    """It has a server of its own all the same, which ends with it."""
    with pytest.warns(UserWarning, match="needs jupyter-server 2.20"):
        assert find_server(None, None, {PROBLEM: "It needs jupyter-server 2.20."}) is embedded_server()


@pytest.mark.parametrize("server", ["localhost:3000", "ws://h/", "here"])
def test_what_is_no_address_is_refused(server: str) -> None:
    """With an example."""
    with pytest.raises(BadSetting, match="write it like"):
        find_server(server, "token", {})


def test_a_token_without_a_server_is_refused() -> None:
    """It would be used for nothing."""
    with pytest.raises(BadSetting, match="named server"):
        find_server(None, "token", {})


def test_a_named_server_without_a_token_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(BadSetting, match="instructor token"):
        find_server("http://127.0.0.1:3000", None, {})


@pytest.mark.parametrize("named", [(None, None), ("http://127.0.0.1:3000", "mine")])
@pytest.mark.parametrize("environment", [{}, ENVIRONMENT])
@pytest.mark.parametrize("voilas", [{"SERVER_SOFTWARE": "voila/0.5.12"}, {"VOILA_PREHEAT": "True"}])
def test_a_page_of_voila_opens_no_room(
    named: tuple[str | None, str | None], environment: dict[str, str], voilas: dict[str, str]
) -> None:
    """Its visitors would have the instructor's buttons, and a kernel of theirs would open a port to everybody.

    A kernel that Voilà starts before a visitor comes is told nothing of a request.
    """
    close_embedded_server()
    with pytest.raises(BadSetting, match="Voilà"):
        find_server(*named, environment | voilas)
    assert not _of_process


def test_a_kernel_on_a_hub_opens_no_port_to_the_hubs_networks() -> None:
    """If the Jupyter server there lacks the extension: the room opens for this machine alone, with what to do."""
    close_embedded_server()
    with pytest.warns(UserWarning, match="Install livepoll-jupyter where JupyterLab itself is installed"):
        assert find_server(None, None, {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}) is embedded_server()
    ((server, _),) = _of_process.values()
    assert [where.getsockname()[0] for where in server._server._listener.sockets] == ["127.0.0.1"]
    close_embedded_server()
