// Nobody guesses the PIN: not with a thousand tries from one address, nor with one from each of a
// thousand. Those who know it are not kept out by somebody else's guesses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const PIN = "482915";
const TRIES = 1_000;
/** So many are on their way at one time. */
const AT_ONCE = 50;
// What limits requests rather than guesses is out of the way.
const ROOM = "http_per_s=10000,http_burst=10000,connections_per_address=5000,sockets=5000";

const start = (t, limits = ROOM) => Host.start(t, ["--pin", PIN, "--limits", limits]);

/** A wrong PIN each time; never the right one. */
const wrong = (number) => String(number).padStart(6, "0");

async function guess(host, pin, localAddress) {
  const body = { name: "Mallory", pin };
  const answer = await host.http("POST", "/sign-in", { body, localAddress });
  return { status: answer.status, ...answer.body.error };
}

/** All the guesses' answers; `address` says where each comes from. */
async function guessAll(host, address) {
  const answers = [];
  for (let from = 0; from < TRIES; from += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, at) => from + at);
    answers.push(
      ...(await Promise.all(some.map((number) => guess(host, wrong(number), address(number))))),
    );
  }
  return answers;
}

const count = (answers, status) => answers.filter((answer) => answer.status === status).length;

test("of 1,000 guesses from one address five are looked at", async (t) => {
  const host = await start(t);
  const answers = await guessAll(host, () => "127.0.0.1");
  assert.deepEqual([count(answers, 401), count(answers, 429)], [5, TRIES - 5]);
  const left = answers.filter(({ status }) => status === 401).map((one) => one.tries_left);
  assert.deepEqual(left.sort(), [0, 1, 2, 3, 4]);
  for (const { status, code, retry_after_ms } of answers) {
    if (status !== 429) continue;
    assert.equal(code, "rate_limited");
    assert.ok(retry_after_ms > 0 && retry_after_ms <= 600_000, `${retry_after_ms} ms`);
  }
  assert.equal((await guess(host, PIN, "127.0.0.1")).status, 429);
  // Others come in as before.
  assert.equal((await guess(host, PIN, "127.0.0.2")).status, 201);
});

test("of 1,000 guesses from as many addresses 100 are looked at, then the host is asked", async (t) => {
  const host = await start(t, `${ROOM},not_signed_in=2000`);
  const hostess = await host.enterAsHost();
  const address = (number) => `127.0.${1 + (number >> 8)}.${number & 255}`;
  const answers = await guessAll(host, address);
  assert.deepEqual([count(answers, 401), count(answers, 202)], [100, TRIES - 100]);
  // The right one opens nothing either: it may have been guessed.
  const { status } = await guess(host, PIN, "127.0.0.9");
  assert.equal(status, 202);
  const { knocks } = await hostess.call("session:knocks");
  assert.equal(knocks.length, TRIES - 99);
  const answer = { knock: knocks.at(-1).knock, admit: true };
  await hostess.call("knock:answer", answer);
  assert.equal((await host.http("GET", `/sign-in/${answer.knock}`)).status, 201);
  // An invitation opens, as ever.
  const { invite } = await hostess.call("session:invite");
  const body = { name: "Ada", invite: new URL(invite.url).hash.slice(1) };
  assert.equal((await host.http("POST", "/sign-in", { body })).status, 201);
});

test("while the host is asked nobody is told whether a PIN was right, or that there is one", async (t) => {
  const host = await start(t, `${ROOM},failed_sign_ins_in_all=1`);
  await guess(host, wrong(1), "127.0.0.2");
  for (const pin of [undefined, wrong(2), PIN]) {
    assert.equal((await guess(host, pin, "127.0.0.3")).status, 202, String(pin));
  }
});

test("asking without a PIN is no guess, and says how many are left", async (t) => {
  const host = await start(t);
  for (let times = 0; times < 10; times += 1) {
    const { status, tries_left } = await guess(host, undefined, "127.0.0.1");
    assert.deepEqual([status, tries_left], [401, 5]);
  }
  assert.equal((await guess(host, wrong(0), "127.0.0.1")).tries_left, 4);
  assert.equal((await guess(host, undefined, "127.0.0.1")).tries_left, 4);
  assert.equal((await guess(host, PIN, "127.0.0.1")).status, 201);
});
