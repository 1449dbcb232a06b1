"""The plain text of a question goes from the renderer to the file, to clients of version 2, and into the CSV."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hall import Hall, open_hall

from livepoll_jupyter.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

ASKED = {
    "text": r"**Which** is $\frac{1}{2}$?", "correct": r"$\frac12$",
    "options": [r"$\frac12$", "*both*", "neither", "**neither**"],
}  # fmt: skip
WITHOUT = {"id", "kind", "text", "html", "options", "round", "is_locked", "is_active"}


def plains(question: dict[str, Any]) -> list[str | None]:
    """What stands beside the sources: of the text, then of each option."""
    return [question.get("plain"), *(option.get("plain") for option in question["options"])]


PLAIN = ["Which is 1/2?", "1/2", "both", None, None]
"""None where it is the source, and where two options would have the same plain text."""


async def test_version_2_has_plain_texts_and_version_1_what_it_always_had() -> None:
    """At the opening of a socket, in a snapshot, as a question is published, and in what a client has missed."""
    async with open_hall() as hall:
        code = await hall.open_room()
        old, new = await hall.connect(f"?room={code}"), await hall.connect(f"?room={code}")
        welcome = await new.hello(await hall.join(code))
        made = await hall.publish(code, **ASKED)
        assert plains(made) == PLAIN
        assert plains((await new.until("new-question"))["data"]) == PLAIN
        told = (await old.until("new-question"))["data"]
        assert told.keys() == WITHOUT
        assert [option.keys() for option in told["options"]] == [{"id", "label", "html"}] * 4
        assert [option["label"] for option in told["options"]] == ASKED["options"]

        late = await hall.connect(f"?room={code}")
        assert (await late.until("new-question"))["data"] == told
        await late.hello()
        assert plains((await late.until("snapshot"))["data"]["question"]) == PLAIN

        back = await hall.connect(f"?room={code}")
        await back.hello(resume={"epoch": welcome["epoch"], "seq": 0})
        assert plains((await back.until("new-question"))["data"]) == PLAIN


async def answers_as_csv(hall: Hall, code: str) -> list[dict[str, str]]:
    """The rows of the file that the instructor downloads."""
    answer = await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


async def test_the_file_of_answers_has_plain_texts() -> None:
    """Question and labels as a reader sees them; equal ones are told apart by their sources."""
    async with open_hall() as hall:
        code = await hall.open_room()
        question = await hall.publish(code, **ASKED)
        for place, answer in enumerate("abcd"):
            phone = await hall.connect(f"?room={code}")
            await phone.hello(await hall.join(code))
            await phone.vote(question, answer, op=f"op-{place}")
        rows = await answers_as_csv(hall, code)
        assert {row["question"] for row in rows} == {"Which is 1/2?"}
        assert {row["answer"]: row["labels"] for row in rows} == dict(
            zip("abcd", ["1/2", "both", "neither", "**neither**"], strict=True)
        )


STORED = json.dumps({
    "id": "q1", "kind": "choice", "text": "**Which**?", "html": "<p><strong>Which</strong>?</p>",
    "options": [{"id": "a", "label": "*yes*", "html": "<em>yes</em>"}, {"id": "b", "label": "no", "html": "no"}],
    "correct": ["a"], "show_results": "live", "round": 1, "is_locked": False, "is_active": True, "is_revealed": False,
})  # fmt: skip
"""A question as it was stored before there were plain texts."""


async def test_a_question_that_was_stored_without_plain_text_shows_its_source(tmp_path: Path) -> None:
    """On the wire, in the file of answers, and after another restart."""
    async with open_hall(SqliteStore(tmp_path / "rooms.db")) as hall:
        code = await hall.open_room()
        await hall.publish(code, **ASKED)
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as file:
        (text,) = file.execute("SELECT question FROM questions").fetchone()
        assert plains(json.loads(text)) == PLAIN
        file.execute("UPDATE questions SET question = ?", (STORED.replace('"q1"', json.dumps(json.loads(text)["id"])),))
        file.commit()
    for _ in range(2):
        async with open_hall(SqliteStore(tmp_path / "rooms.db")) as hall:
            phone = await hall.connect(f"?room={code}")
            await phone.hello(await hall.join(code))
            asked = (await phone.until("snapshot"))["data"]["question"]
            assert plains(asked) == [None, None, None]
            await phone.vote(asked)
            (row, *_) = await answers_as_csv(hall, code)
            assert (row["question"], row["labels"]) == ("**Which**?", "*yes*")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["**a**", "a"], [None, None]),
        (["`**a**`", "**a**", "a"], [None, None, None]),
        (["**a**", "b"], ["a", None]),
        (["`u  v`", "`u v`"], ["u  v", "u v"]),
        (["$x$", "$\\boxed{x}$", "*x*"], [None, "boxed(x)", None]),
    ],
)
async def test_plain_texts_tell_the_options_apart(options: list[str], shown: list[str | None]) -> None:
    """Where two would read alike, both keep their source."""
    async with open_hall() as hall:
        made = await hall.publish(await hall.open_room(), options=options, correct=None)
        assert plains(made)[1:] == shown
