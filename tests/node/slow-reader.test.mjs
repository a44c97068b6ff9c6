// Nobody waits for the slow: a reader that stops reading is cut and harms nobody. Others go on, the
// host's memory stays bounded, and whoever was cut comes back and misses nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { Polling, Raw } from "./support/engine.mjs";
import { Host } from "./support/host.mjs";
import { Follower, wholeLog } from "./support/follower.mjs";
import { pipeline } from "./support/pipeline.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
const MIB = 1024 * 1024;
const STUCK = 3;
/** A reader is cut when its queue is full, or when it has taken nothing for twenty seconds. */
const CUT_WITHIN_MS = 60_000;

/** As large as a message may be: 4,000 characters of four bytes each. */
const LARGE = "\u{1f525}".repeat(4_000);

/** As many questions of one client may be without an answer, and a few less. */
const ASKED = 60;

test("a WebSocket that stops reading is cut, and comes back without a gap", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const stuck = await Promise.all(
    Array.from({ length: STUCK }, (_, at) => stuckSocket(t, host, at)),
  );
  await goesOnAndEnds(t, host, ann, ben, stuck);
});

test("a polling client that never polls again is cut, and comes back without a gap", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const stuck = await Promise.all(Array.from({ length: STUCK }, (_, at) => stuckPoll(host, at)));
  await goesOnAndEnds(t, host, ann, ben, stuck);
  for (const { polling } of stuck) assert.equal((await polling.receive()).status, 400);
});

test("whoever asks for much and reads nothing is cut, and costs no more than its queue", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const room = await firstRoom(ann);
  await pipeline(
    ann,
    flood(room, (sent) => sent < 8 * MIB),
    32,
  );
  const greedy = await Promise.all(
    Array.from({ length: STUCK }, (_, at) => stuckSocket(t, host, at)),
  );
  const before = await memory(host);
  ben.forget();
  const cut = ben.take("user count", onlyTwo, CUT_WITHIN_MS);
  // Each answer is about 8 MiB, and the 64 together would be half a gigabyte for each of them.
  const list = JSON.stringify(["message:list", { room, limit: 500 }]);
  for (const { raw } of greedy) {
    for (let number = 0; number < 64; number += 1) raw.send(`42${10 + number}${list}`);
  }
  const peak = watchMemory(host);
  const others = goOnCalling(ben, room);
  await cut;
  await others.end();
  const grown = (await peak.end()) - before;
  t.diagnostic(`grew by ${(grown / MIB).toFixed()} MiB`);
  assert.ok(grown < 256 * MIB, `grew by ${grown / MIB} MiB`);
});

test("a reader that pauses and goes on is not cut", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const { raw, token, since, run } = await stuckSocket(t, host, 0);
  const room = await firstRoom(ann);
  await pipeline(
    ann,
    flood(room, (sent) => sent < 4 * MIB),
    32,
  );
  raw.socket.resume();
  const last = await ann.call("message:send", { room, body: "last" });
  await raw.frame(`42["messageposted",{"seq":${last.seq},`);
  const heard = raw.frames
    .filter((frame) => frame.startsWith('42["messageposted"'))
    .map((frame) => JSON.parse(frame.slice(2))[1].seq);
  const log = await wholeLog(host.url, token, since, run);
  assert.deepEqual(
    [...heard, last.seq],
    log.map(({ seq }) => seq),
  );
});

test("what is asked of a reader that pauses comes whole, between facts that are in order", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const { raw, member } = await stuckSocket(t, host, 0);
  const room = await firstRoom(ann);
  // So that there is never room for a whole frame while it goes on reading.
  const flooded = await pipeline(
    ann,
    flood(room, (sent) => sent < 4 * MIB),
    32,
  );
  // Facts and requests go out by two ways, and neither may break into what the other has begun.
  for (let number = 0; number < ASKED; number += 1) {
    await ann.call("message:send", { room, body: LARGE });
    // Nobody answers, and Ann leaves without having heard.
    ann.call("member:ask", { member, message: LARGE }).catch(() => {});
  }
  raw.socket.resume();
  const arrived = (name) => raw.frames.filter((frame) => nameOf(frame) === name);
  const signal = AbortSignal.timeout(CUT_WITHIN_MS);
  while (arrived("messageposted").length < ASKED + flooded || arrived("request").length < ASKED) {
    await once(raw.socket, "message", { signal });
  }
  const payloads = (name) =>
    arrived(name).map((frame) => JSON.parse(frame.replace(/^42\d*/, ""))[1]);
  const posted = payloads("messageposted").map(({ seq }) => seq);
  assert.deepEqual(
    posted,
    posted.toSorted((a, b) => a - b),
  );
  assert.ok(payloads("request").every(({ message }) => message === LARGE));
  assert.equal(raw.socket.readyState, raw.socket.OPEN);
});

/** Which event a frame carries. */
function nameOf(frame) {
  return /^42\d*\["([^"]+)"/.exec(frame)?.[1];
}

/** Floods the stuck readers until each is cut; nobody else notices, and they miss nothing. */
async function goesOnAndEnds(t, host, ann, ben, stuck) {
  const room = await firstRoom(ann);
  const before = await memory(host);
  const peak = watchMemory(host);
  const others = goOnCalling(ben, room);
  let cut = false;
  ben.forget();
  const counted = ben.take("user count", onlyTwo, CUT_WITHIN_MS).finally(() => (cut = true));
  // What waits for one is at most 8 MiB in the host; how much the system's own buffers hold, which
  // are filled first, is different on each.
  const flooded = await pipeline(
    ann,
    flood(room, () => !cut),
    32,
  );
  await counted;
  await others.end();
  const grown = (await peak.end()) - before;
  t.diagnostic(`${flooded} large messages; grew by ${(grown / MIB).toFixed()} MiB`);
  assert.ok(grown < 128 * MIB, `grew by ${grown / MIB} MiB`);
  for (const { token, since, run } of stuck) {
    const back = new Follower(token);
    Object.assign(back, { since, run });
    await back.connect(host.url);
    await back.catchUp();
    back.leave();
    const posted = back.facts.filter(({ name }) => name === "messageposted");
    assert.equal(posted.length, flooded + others.posted);
    assert.equal(new Set(posted.map(({ seq }) => seq)).size, posted.length);
  }
}

/** A person whose WebSocket is not read any more after the session has greeted it. */
async function stuckSocket(t, host, number) {
  const { token, member } = await host.signIn(`Stuck ${number}`, {});
  const raw = await Raw.open(t, host);
  await raw.join(token);
  raw.send('420["thanks",{}]');
  const { ok } = answer(await raw.frame("430"));
  raw.socket.pause();
  return { raw, token, member: member.id, since: ok.head, run: ok.run };
}

/** A person who polls for the greeting and then never again. */
async function stuckPoll(host, number) {
  const { token } = await host.signIn(`Stuck ${number}`, {});
  const polling = await Polling.open(host);
  await polling.join(token);
  await polling.send('420["thanks",{}]');
  for (;;) {
    const { text } = await polling.receive();
    const frame = text.split("\x1e").find((frame) => frame.startsWith("430"));
    if (!frame) continue;
    const { ok } = answer(frame);
    return { polling, token, since: ok.head, run: ok.run };
  }
}

function answer(frame) {
  return JSON.parse(frame.slice(3))[0];
}

function* flood(room, goOn) {
  const answered = ({ error }) => assert.equal(error, undefined);
  for (let sent = 0; goOn(sent); sent += Buffer.byteLength(LARGE)) {
    yield { name: "message:send", payload: { room, body: LARGE }, answered };
  }
}

/** All but the two who are not stuck are gone. */
function onlyTwo({ count }) {
  return count === 2;
}

/** Somebody else's calls, each within the client's own deadline. */
function goOnCalling(client, room) {
  const going = { posted: 0, going: true };
  const calling = (async () => {
    while (going.going) {
      await client.call("message:send", { room, body: "still here" });
      going.posted += 1;
      await client.call("note:count");
    }
  })();
  going.end = () => {
    going.going = false;
    return calling;
  };
  return going;
}

/** The host's memory in bytes. */
async function memory(host) {
  const status = await readFile(`/proc/${host.process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
}

/** The most memory the host takes from now until `end`. */
function watchMemory(host) {
  let peak = 0;
  const look = async () => (peak = Math.max(peak, await memory(host)));
  const timer = setInterval(look, 50);
  return {
    async end() {
      clearInterval(timer);
      return look();
    },
  };
}

async function firstRoom(client) {
  const { rooms } = await client.call("room:list");
  return rooms[0].id;
}
