"""A draft is edited and deleted over the REST API; the class learns nothing of it."""

from __future__ import annotations

import json

from hall import open_hall

RIGHT = {"text": "Which is *larger*?", "options": ["mean", "median"], "correct": "median"}


async def test_a_draft_is_edited_and_deleted_and_the_class_learns_nothing() -> None:
    """Rendered and checked like a new one; afterwards there is nothing at its address."""
    async with open_hall() as hall:
        code = await hall.open_room()
        draft = await hall.publish(code, publish=False)
        path = f"rooms/{code}/questions/{draft['id']}"
        phone = await hall.connect(f"?room={code}")
        await phone.hello(await hall.join(code))
        await phone.until("snapshot")
        made = await hall.ask("PUT", path, RIGHT)
        edited = json.loads(made.body)
        assert (made.code, edited["id"], edited["correct"]) == (200, draft["id"], ["b"])
        assert "<em>larger</em>" in edited["html"]
        wrong = await hall.ask("PUT", path, RIGHT | {"options": ["mean", "mean"]})
        assert (wrong.code, json.loads(wrong.body)["code"]) == (400, "bad-question")
        (kept,) = json.loads((await hall.ask("GET", f"rooms/{code}")).body)["questions"]
        assert kept["text"] == RIGHT["text"]
        assert (await hall.ask("DELETE", path)).code == 204
        assert json.loads((await hall.ask("GET", f"rooms/{code}")).body)["questions"] == []
        assert [(await hall.ask(method, path, body)).code for method, body in (("PUT", RIGHT), ("DELETE", None))] == [
            404,
            404,
        ]
        await phone.send("ping")
        assert (await phone.receive())["event"] == "pong"


async def test_what_was_asked_is_neither_edited_nor_deleted() -> None:
    """409, with a sentence that says so."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        for method, body in (("PUT", RIGHT), ("DELETE", None)):
            refused = await hall.ask(method, f"rooms/{code}/questions/{asked['id']}", body)
            problem = json.loads(refused.body)
            assert (refused.code, problem["code"]) == (409, "already-published")
            assert "stays as the class saw it" in problem["message"]
