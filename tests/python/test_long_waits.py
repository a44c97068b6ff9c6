"""What takes a minute: requests and knocks that nobody answers.

They begin with the first test of the run, go on beside all others, and are looked at last.
"""


async def test_a_request_that_nobody_answers_was_at_least_delivered(long_waits):
    asked = await long_waits.unanswered_request
    assert asked.answer == {"ok": {"delivered": True}}
    assert 59 <= asked.seconds <= 90
    request = (await long_waits.silent.hear("request"))["ask"]
    await long_waits.silent.refused("member:answer", "gone", ask=request, answer="too late")


async def test_who_waits_at_the_door_asks_again_every_25_seconds(long_waits):
    waited = await long_waits.unanswered_knock
    assert waited.answer.status == 202
    assert waited.answer.json == {"knock": long_waits.knock}
    assert 24 <= waited.seconds <= 40
    # The knock was still there when it was asked for again.
    assert (await long_waits.late_answer).status == 201
