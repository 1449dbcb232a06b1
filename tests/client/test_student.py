"""A student at a real server: joining, answering, being refused, being cut off."""

from __future__ import annotations

import asyncio

import pytest
from hall import SECONDS, open_hall
from seats import HASTY, Absence, cut, only_pings_wait, seated

from livepoll_jupyter.client import Student, Unreachable
from livepoll_jupyter.client.backoff import Backoff
from livepoll_jupyter.client.connection import Surroundings
from livepoll_jupyter.core.errors import BadAnswer, NotFound, QuestionClosed, QuestionLocked, RoomEnded


async def test_a_student_learns_the_rooms_title_and_gets_a_name() -> None:
    """A random one, handed out by the server."""
    async with open_hall() as hall, seated(hall, await hall.open_room("Algebra")) as student:
        assert student.session.title == "Algebra"
        assert student.session.participant
        assert student.status.state == "open"


async def test_an_answer_by_label_counts_once_it_is_acked() -> None:
    """And the student knows it as theirs."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            assert await student.answer("median") == "b"
            assert student.session.my_vote is not None
            results = await hall.ask("GET", f"rooms/{code}/questions/{asked['id']}/results")
            assert b'"b":1' in results.body


async def test_a_later_answer_takes_the_place_of_the_earlier() -> None:
    """With a higher rev each time."""
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code)
        async with seated(hall, code) as student:
            await student.answer("median")
            assert await student.answer("a") == "a"
            assert student.session.my_vote is not None
            assert student.session.my_vote.rev == 2


async def test_an_answer_may_be_taken_back_and_given_again() -> None:
    """Until the lock; a question that nobody has answered says so."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            await student.answer("median")
            await student.withdraw()
            assert student.session.counted is None
            results = await hall.ask("GET", f"rooms/{code}/questions/{asked['id']}/results")
            assert b'"participants":0' in results.body
            await student.answer("mean")
            assert student.session.counted is not None
            assert (student.session.counted.answer, student.session.counted.rev) == ("a", 3)


async def test_after_the_lock_it_is_too_late_to_take_an_answer_back() -> None:
    """The answer counts, and the sentence says so."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            await student.answer("median")
            await hall.ask("PUT", f"rooms/{code}/questions/{asked['id']}/lock", {"is_locked": True})
            with pytest.raises(QuestionLocked, match="too late to take your answer back; it counts"):
                await student.withdraw()
            assert student.session.counted is not None


async def test_two_devices_of_one_student_agree() -> None:
    """The other one shows what was answered here, and a later answer there takes its place."""
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code)
        async with seated(hall, code) as phone, seated(hall, code, phone.token) as laptop:
            await phone.answer("mean")
            await laptop.until(lambda each: each.session.counted is not None)
            await laptop.answer("median")
            await phone.until(lambda each: each.session.counted is not None and each.session.counted.answer == "b")
            await laptop.withdraw()
            await phone.until(lambda each: each.session.counted is None)


async def test_several_options_are_answered_by_a_list() -> None:
    """Of labels or ids."""
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code, kind="multiple_choice", correct=["mean"])
        async with seated(hall, code) as student:
            assert await student.answer(["b", "mean"]) == ["a", "b"]


async def test_what_is_no_option_is_refused_before_it_is_sent() -> None:
    """The text lists the options."""
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code)
        async with seated(hall, code) as student:
            with pytest.raises(BadAnswer, match="'mean', 'median'"):
                await student.answer("mode")


async def test_an_answer_after_the_lock_is_refused_by_the_server() -> None:
    """Its sentence reaches the student."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            await hall.ask("PUT", f"rooms/{code}/questions/{asked['id']}/lock", {"is_locked": True})
            with pytest.raises(QuestionLocked, match="locked before"):
                await student.answer("mean")


async def test_without_a_question_there_is_nothing_to_answer() -> None:
    """Before the first, and after the last."""
    async with open_hall() as hall, seated(hall, await hall.open_room()) as student:
        with pytest.raises(QuestionClosed):
            await student.answer("mean")


async def test_catching_up_brings_what_was_announced_before() -> None:
    """The question that was published a moment ago."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with seated(hall, code) as student:
            asked = await hall.publish(code)
            await student.catch_up()
            assert student.session.question is not None
            assert student.session.question.id == asked["id"]


async def test_after_a_loss_the_student_goes_on_where_they_were() -> None:
    """With their answer, and with what was published meanwhile."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            await student.answer("mean")
            who = student.session.participant
            cut(hall, code)
            await student.until(lambda each: each.status.state != "open")
            await hall.ask("PUT", f"rooms/{code}/questions/{asked['id']}/lock", {"is_locked": True})
            await student.catch_up()
            assert student.session.participant == who
            assert student.session.my_vote is not None
            assert student.session.question is not None
            assert student.session.question.is_locked


async def test_who_asks_again_after_all_tries_gets_another_one() -> None:
    """Catching up says that a person is there, as the button does."""
    hopeless = Surroundings(sleep=only_pings_wait, backoff=Backoff(tries=0))
    async with open_hall() as hall:
        code = await hall.open_room()
        async with seated(hall, code, surroundings=hopeless) as student:
            cut(hall, code)
            await student.until(lambda each: each.status.state == "failed")
            await student.catch_up()
            assert student.status.state == "open"


async def test_an_answer_given_while_the_connection_is_away_is_sent_when_it_is_back() -> None:
    """As the same act, so that it counts once."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code) as student:
            cut(hall, code)
            await student.until(lambda each: each.status.state != "open")
            assert await student.answer("mean") == "a"
            results = await hall.ask("GET", f"rooms/{code}/questions/{asked['id']}/results")
            assert b'"participants":1' in results.body


async def test_an_answer_that_was_kept_is_told_if_the_lock_came_first() -> None:
    """With the lock's sentence; nothing is counted."""
    away = Absence()
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        async with seated(hall, code, surroundings=away.surroundings) as student:
            cut(hall, code)
            await student.until(lambda each: each.status.state != "open")
            answering = asyncio.ensure_future(student.answer("mean"))
            await student.until(lambda each: each.waiting is not None)
            await hall.ask("PUT", f"rooms/{code}/questions/{asked['id']}/lock", {"is_locked": True})
            away.end()
            with pytest.raises(QuestionLocked, match="not counted"):
                await answering
            assert student.waiting is None
            assert student.session.counted is None


async def test_a_token_takes_up_the_same_place_again() -> None:
    """With the answer that was given there."""
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code)
        async with seated(hall, code) as student:
            await student.answer("mean")
        again = Student(f"{hall.service.links.pages}{code}", token=student.token, surroundings=HASTY)
        await again.join()
        assert again.session.my_vote is not None
        assert again.session.my_vote.answer == "a"
        assert await again.answer("median") == "b"
        await again.leave()


async def test_a_wrong_code_and_an_ended_room_are_told_apart() -> None:
    """So that the person knows whether to type again or to ask."""
    async with open_hall() as hall:
        with pytest.raises(NotFound):
            await Student(f"{hall.service.links.pages}ZZZZZZ").join()
        code = await hall.open_room()
        await hall.ask("DELETE", f"rooms/{code}")
        with pytest.raises(RoomEnded):
            await Student(f"{hall.service.links.pages}{code}").join()


async def test_the_end_of_the_room_is_told() -> None:
    """And nothing is tried any more."""
    async with open_hall() as hall:
        code = await hall.open_room()
        async with seated(hall, code) as student:
            await hall.ask("DELETE", f"rooms/{code}")
            await student.until(lambda each: each.status.state == "ended")


async def test_a_room_that_ended_meanwhile_asks_nothing_any_more() -> None:
    """The question that was being asked is closed, though no event could say so."""
    away = Absence()
    async with open_hall() as hall:
        code = await hall.open_room()
        await hall.publish(code)
        async with seated(hall, code, surroundings=away.surroundings) as student:
            cut(hall, code)
            await student.until(lambda each: each.status.state != "open")
            await hall.ask("DELETE", f"rooms/{code}")
            away.end()
            await student.until(lambda each: each.status.state == "ended")
            assert student.session.question is not None
            assert not student.session.question.is_active


async def test_nobody_at_the_address_is_told() -> None:
    """With the address, so that a wrong one is seen."""
    async with open_hall() as hall:
        nowhere = f"{hall.service.links.pages}ZZZZZZ"
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        await Student(nowhere).join()


async def test_no_repr_tells_a_token() -> None:
    """Neither of the student nor of the connection."""
    async with open_hall() as hall, seated(hall, await hall.open_room()) as student:
        assert student.token
        assert student.token not in repr(student) + repr(student._connection)


async def test_two_hundred_students_sit_in_one_process() -> None:
    """All answer, and every answer counts."""
    async with open_hall() as hall:
        code = await hall.open_room()
        asked = await hall.publish(code)
        link = f"{hall.service.links.pages}{code}"
        students = [Student(link) for _ in range(200)]
        async with asyncio.timeout(3 * SECONDS):
            await asyncio.gather(*(student.join() for student in students))
            await asyncio.gather(*(student.answer("ab"[place % 2]) for place, student in enumerate(students)))
            results = await hall.ask("GET", f"rooms/{code}/questions/{asked['id']}/results")
            await asyncio.gather(*(student.leave() for student in students))
        assert b'"counts":{"a":100,"b":100}' in results.body
