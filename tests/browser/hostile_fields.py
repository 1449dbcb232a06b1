"""What a hostile server says: the shapes of the protocol with a payload in every field that holds text."""

from __future__ import annotations

from typing import Any

from payloads import PAYLOADS

THE_END = "That was all."
"""The title of the last state, so that a test knows when a face has shown all the others."""

KINDS = ("choice", "multiple_choice", "choice", "")
QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/>{}</svg>'
SHOWN_AT_ONCE = 3


def payload(number: int) -> str:
    """The payload with that number; they begin again after the last."""
    return PAYLOADS[number % len(PAYLOADS)]


def question(number: int, *, options: int = SHOWN_AT_ONCE, **more: Any) -> dict[str, Any]:
    """A question whose every text is a payload, with so many options; as an instructor gets it."""
    bad = payload(number)
    return {
        "id": f"{bad}{number}",
        "kind": KINDS[number % len(KINDS)] or bad,
        "text": bad,
        "html": bad,
        "options": [option(number + place) for place in range(options)],
        "round": 1,
        "is_locked": number % 2 == 0,
        "is_active": True,
        "correct": [bad],
        "show_results": "live",
        "is_revealed": number % 3 == 0,
        **more,
    }


def option(number: int) -> dict[str, Any]:
    """An option whose every text is a payload."""
    return dict.fromkeys(("id", "label", "html"), payload(number))


def results(number: int, asked: dict[str, Any]) -> dict[str, Any]:
    """A tally with payloads for ids, and with ids that plain objects have already."""
    counts = {**dict.fromkeys((each["id"] for each in asked["options"]), number), "__proto__": 1, "constructor": 2}
    return {
        "questionId": asked["id"], "round": 1, "total": 2**53 - 1, "counts": counts, "participants": number,
        "rev": number,
    }  # fmt: skip


def snapshot(number: int, title: str | None = None, options: int = SHOWN_AT_ONCE) -> dict[str, Any]:
    """The state of a room, for students."""
    bad, asked = payload(number), question(number, options=options)
    data = {
        "title": bad if title is None else title,
        "question": asked,
        "results": results(number, asked),
        "correct": asked["correct"] if asked["is_revealed"] else None,
        "participants": number,
    }
    return {"event": "snapshot", "seq": number, "epoch": bad, "rev": number, "data": data}


def welcome() -> dict[str, Any]:
    """The first word of the server."""
    bad = payload(0)
    mine = {"questionId": bad, "round": 1, "answer": {"__proto__": bad}, "rev": 1}
    data = {
        "epoch": bad, "seq": 0, "recovered": False, "pingMs": 30_000, "maxFrame": 1, "role": "participant",
        "participant": bad, "myVote": mine,
    }  # fmt: skip
    return {"event": "welcome", "data": data}


def asides(number: int) -> list[dict[str, Any]]:
    """What a server may say at any time."""
    bad = payload(number)
    return [
        {"event": "error", "data": {"code": bad, "message": bad, "retry": False}},
        {"event": "trouble", "data": {"message": bad}},
        {"event": "my-vote", "data": {"questionId": bad, "round": 1, "answer": bad, "rev": number}},
        {"event": bad, "data": {bad: bad}},
    ]


def refusal(op: str, number: int) -> dict[str, Any]:
    """What is said to a vote."""
    bad = payload(number)
    return {
        "event": "vote-ack",
        "data": {"op": op, "status": "rejected", "rev": 1, "reason": bad, "message": bad, "answer": bad},
    }


def room(numbers: range, code: str, title: str | None = None, options: int = SHOWN_AT_ONCE) -> dict[str, Any]:
    """A room with a question for each number, the first of them active; as an instructor gets it."""
    bad = payload(numbers.start)
    return {
        "code": code,
        "title": bad if title is None else title,
        "join_url": bad,
        "ws_url": f"ws://evil.example/{numbers.start}",
        "participants": numbers.start,
        "created_at": "2026-01-01T00:00:00Z",
        "qr_svg": QR.format(bad),
        "questions": [question(number, options=options, is_active=number == numbers.start) for number in numbers],
    }


def widget_traits(face: str, number: int, title: str | None = None) -> dict[str, Any]:
    """What a kernel hands to a widget's view if it checks nothing."""
    bad, asked = payload(number), question(number)
    link = {"state": ("failed", "open", "ended")[number % 3], "attempt": 1, "wait": 0, "reason": bad}
    state: dict[str, Any] = {"link": link, "results": results(number, asked)}
    match face:
        case "panel":
            drafts = [question(number + place, is_active=False) for place in range(1, SHOWN_AT_ONCE)]
            state |= {"questions": [asked, *drafts], "trouble": bad}
        case "question":
            # This face has no title; its question says that it is the last.
            state |= {"question": asked if title is None else question(number, html=title)}
        case "seat":
            state |= {
                "question": asked, "correct": asked["correct"], "answer": bad, "delivery": "refused", "isCounted": True,
                "refusal": bad, "late": bad, "isOnline": True,
            }  # fmt: skip
    return {
        "_face": face,
        "_state": state,
        "_qr_svg": QR.format(bad) if number % 2 else bad,
        "title": bad if title is None else title,
        "code": bad,
        "join_url": bad,
        "participants": number,
    }


def observer_events(number: int) -> list[dict[str, Any]]:
    """What the sidebar's socket is told: the state, and that the questions are to be fetched."""
    first = welcome()
    first["data"] |= {"role": "observer"}
    return [first, snapshot(number), *asides(number), {"event": "room-changed", "data": {"questions": number}}]
