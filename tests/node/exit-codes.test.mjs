// How `hearthd` begins and ends, for whoever starts it from a script: the first line, the exit
// codes with a sentence each, and a stop that loses nothing. A refusal leaves the session file as
// it was, byte for byte.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { test } from "node:test";

import { Disk } from "./support/disk.mjs";
import { Host, PROGRAM } from "./support/host.mjs";
import { Follower, Lost, wholeLog } from "./support/follower.mjs";
import { pipeline } from "./support/pipeline.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
const DEADLINE_MS = 30_000;
const FILE = "session.hearth";
/** Stopping while calls come in is a matter of moments, so it is done a few times. */
const STOPS = 4;
/** Anybody but root; root may write everywhere. */
const NOBODY = 65_534;

test("the first line says how to reach the session, and nothing follows it", async (t) => {
  const host = await Host.start(t, ANYONE);
  assert.deepEqual(Object.keys(host.first), [
    "url",
    "sign_in_url",
    "fingerprint",
    "session",
    "head",
  ]);
  assert.match(host.first.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(host.sign_in_url.startsWith(`${host.first.url}/#`));
  assert.match(host.fingerprint, /^[0-9a-f]{64}$/);
  assert.match(host.session, /^[0-9a-f-]{36}$/);
  const ann = await host.enterAsHost("Ann");
  assert.equal(ann.member.role, "host");
  const invite = new URL(host.sign_in_url).hash.slice(1);
  const again = await host.http("POST", "/sign-in", { body: { name: "Ben", invite } });
  assert.equal(again.status, 410);
  const { head } = await ann.call("thanks");
  assert.equal(host.head, 2, "a new session has begun a run and has one room");
  assert.ok(head > host.head);
  await host.stop();
  assert.equal(host.output, `${JSON.stringify(host.first)}\n`);
  await host.run(ANYONE);
  assert.equal(host.head, head + 1, "another run began");
});

test("a session that listens everywhere names an address to open", async (t) => {
  const host = await Host.start(t, ["--listen", "0.0.0.0:0", ...ANYONE]);
  assert.doesNotMatch(host.url, /0\.0\.0\.0/);
  assert.equal((await host.http("GET", "/health")).status, 200);
});

test("2: what makes no sense is said before anything is made", async (t) => {
  const data = await folder(t);
  const inside = join(data, "session");
  const cases = [
    [[], /Usage/],
    [["serve"], /serve/],
    [["host"], /--data/],
    [["host", "--data", inside, "--no-such"], /--no-such/],
    [["host", "--data", inside, "--listen", "somewhere"], /somewhere/],
    [["host", "--data", inside, "--listen", "127.0.0.1"], /--listen/],
    [["host", "--data", inside, "--admit", "all"], /all/],
    [["host", "--data", inside, "--admit", "pin"], /--pin PIN/],
    [["host", "--data", inside, "--browsers", "sometimes"], /encrypted/],
    [["host", "--data", inside, "--limits", "no_such=1"], /no_such/],
    [["host", "--data", inside, "--limits", "calls_per_s=many"], /many/],
    [["host", "--data", inside, "--pin", "123"], /at least 4/],
    [["host", "--data", inside, "--name", "x".repeat(41)], /at most 40/],
    [["host", "--data", inside, "--name", "a\u202eb"], /direction/],
  ];
  for (const [command, sentence] of cases) await ends(command, 2, sentence);
  assert.deepEqual(await readdir(data), []);
});

test("3: a session that is hosted already is left alone", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  await ends(hosting(host.data), 3, /already|other|Close|in use/i);
  await ann.call("note:count");
  await host.kill();
  // Whatever is left of one that was killed is no reason to refuse.
  await host.run(ANYONE);
});

test("4: a damaged session file is said to be damaged and not touched", async (t) => {
  const good = await sessionFile(t);
  const damages = {
    "no session at all": () => randomBytes(64 * 1024),
    "a text": () => Buffer.from("Dear diary,\n".repeat(1_000)),
    "cut off in its header": (file) => file.subarray(0, 50),
    "cut off in the middle": (file) => file.subarray(0, file.length / 2),
    "overwritten in the middle": (file) => {
      const damaged = Buffer.from(file);
      randomBytes(3 * 4_096).copy(damaged, 8 * 4_096);
      return damaged;
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const data = await folder(t);
    const damaged = damage(await readFile(good));
    await writeFile(join(data, FILE), damaged);
    await ends(hosting(data), 4, /damaged|backup/i, name);
    assert.ok(damaged.equals(await readFile(join(data, FILE))), `${name}: left as it was`);
    const left = (await readdir(data)).filter((file) => file !== `${FILE}.lock`);
    assert.deepEqual(left, [FILE], name);
  }
});

test("4: an old file with a newer log beside it is not mixed into one", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const room = await firstRoom(ann);
  await host.stop();
  const data = await folder(t);
  await copyFile(join(host.data, FILE), join(data, FILE));
  await host.run(ANYONE);
  const again = host.client({ auth: { token: ann.token } });
  await again.connected();
  await pipeline(again, posts(room, 1_000, "x".repeat(3_000)), 32);
  await host.kill();
  await copyFile(join(host.data, `${FILE}-wal`), join(data, `${FILE}-wal`));
  const outcome = await finished(hosting(data));
  assert.equal(outcome.code, 4, outcome.stderr);
  assert.match(outcome.stderr, /-wal/);
});

test("5: a file from a newer version is not touched", async (t) => {
  const data = await folder(t);
  const newer = await readFile(await sessionFile(t));
  // Where SQLite keeps `user_version`.
  newer.writeUInt32BE(newer.readUInt32BE(60) + 1_000, 60);
  await writeFile(join(data, FILE), newer);
  await ends(hosting(data), 5, /newer/);
  assert.ok(newer.equals(await readFile(join(data, FILE))));
});

test("6: a taken address is named with what to do, and no session is made", async (t) => {
  const data = await folder(t);
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await once(taken, "listening");
  const address = `127.0.0.1:${taken.address().port}`;
  await ends(hosting(data, address), 6, new RegExp(`${address}.*--listen 127.0.0.1:0`));
  // An address that is kept for documentation, and so no computer's own.
  await ends(hosting(data, "192.0.2.1:0"), 6, /192\.0\.2\.1/);
  assert.deepEqual(await readdir(data), []);
});

test("7: a place that cannot be written to is named", async (t) => {
  const data = await folder(t);
  await writeFile(join(data, "file"), "");
  await ends(hosting(join(data, "file")), 7, /--data/);
  await ends(hosting(join(data, "file", "below")), 7, /--data/);

  const locked = join(data, "locked");
  await mkdir(locked);
  await chmod(data, 0o755);
  await chmod(locked, 0o555);
  await ends(hosting(locked), 7, /written|read-only|permission/i, "a folder", asNobody());
  assert.deepEqual(await readdir(locked), []);
});

test("7: a session file that may only be read is named and not touched", async (t) => {
  const data = await folder(t);
  const good = await readFile(await sessionFile(t));
  await writeFile(join(data, FILE), good);
  await writeFile(join(data, `${FILE}.lock`), "");
  await chmod(join(data, `${FILE}.lock`), 0o666);
  await chmod(join(data, FILE), 0o444);
  await chmod(data, 0o777);
  await ends(hosting(data), 7, /written|read-only|permission/i, "a file", asNobody());
  assert.ok(good.equals(await readFile(join(data, FILE))));
});

test("7: a full disk is said to be full, at the start and while writing", async (t) => {
  const disk = await Disk.mount(t, "1m");
  if (!disk) return;
  disk.fill();
  await ends(hosting(disk.path), 7, /full|room|space/i);
  await disk.clear();
  const host = disk.holds(new Host(t, disk.path));
  const options = ["--admit", "anyone", "--limits", "off,free_disk_bytes=0"];
  await host.run(options);
  const ann = await host.enter("Ann");
  const room = await firstRoom(ann);
  const body = "x".repeat(4_000);
  const sent = [];
  const sendOn = async () => {
    for (;;) sent.push(await ann.call("message:send", { room, body }));
  };
  await assert.rejects(sendOn, { code: "storage_full" });
  assert.ok(sent.length > 0);
  // What only looks goes on, and so does writing, once there is room again.
  const again = host.client({ auth: { token: ann.token } });
  await again.connected();
  const { messages } = await again.call("message:list", { room, limit: 500 });
  assert.deepEqual(messages, sent.map(({ message }) => message).slice(-500));
  disk.resize("8m");
  const last = await again.call("message:send", { room, body: "room again" });
  assert.equal(last.message.body, "room again");
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} finishes what was acknowledged, tells clients and exits 0`, async (t) => {
    const host = await Host.start(t, ANYONE);
    const people = [];
    for (const name of ["Ann", "Ben", "Cleo"]) people.push(await host.signIn(name, {}));
    const acknowledged = [];
    for (let round = 0; round < STOPS; round += 1) {
      const clients = await Promise.all(people.map(({ token }) => connect(host, token)));
      const exit = once(host.process, "exit");
      acknowledged.push(...(await writeUntil(host, clients, signal)));
      // The reason for which the official client comes back by itself.
      for (const client of clients) assert.equal(await client.gone, "transport close");
      assert.deepEqual(await exit, [0, null]);
      const kept = ["identity.crt", "identity.key", FILE, `${FILE}.lock`, `${FILE}.search`];
      assert.deepEqual((await readdir(host.data)).sort(), kept);
      await host.run(ANYONE);
    }
    const log = await wholeLog(host.url, people[0].token, 0);
    const posted = log.filter(({ name }) => name === "messageposted").map(({ id }) => id);
    const known = new Set(posted);
    assert.equal(known.size, posted.length);
    for (const id of acknowledged) assert.ok(known.has(id), `${id} was acknowledged`);
  });
}

/** Everybody writes without a pause until the host, which gets the signal meanwhile, is gone. */
async function writeUntil(host, clients, signal) {
  const { rooms } = await clients[0].ask("room:list", {});
  const acknowledged = [];
  let signalled = false;
  const lane = async (client) => {
    for (;;) {
      const payload = { id: randomUUID(), room: rooms[0].id, body: "message" };
      const answer = await client.ask("message:send", payload).catch(onlyEnding);
      if (!answer) return;
      acknowledged.push(payload.id);
      if (acknowledged.length >= 100) signalled ||= host.process.kill(signal);
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: 20 }, () => lane(client))));
  return acknowledged;
}

/** A session with something in it, whose host has stopped: its file. */
async function sessionFile(t) {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const room = await firstRoom(ann);
  await pipeline(ann, posts(room, 300, "message"), 32);
  await host.stop();
  return join(host.data, FILE);
}

function posts(room, count, body) {
  const answered = ({ error }) => assert.equal(error, undefined);
  const payload = { room, body };
  return Array.from({ length: count }, () => ({ name: "message:send", payload, answered }));
}

async function firstRoom(client) {
  const { rooms } = await client.call("room:list");
  return rooms[0].id;
}

async function connect(host, token) {
  const client = new Follower(token);
  await client.connect(host.url, { transports: ["websocket"] });
  return client;
}

/** A call that came too late is told so, or not answered at all. */
function onlyEnding(error) {
  if (!(error instanceof Lost) && error.code !== "offline") throw error;
}

function hosting(data, listen = "127.0.0.1:0") {
  return ["host", "--data", data, "--listen", listen];
}

/** The program ends with this code, says why on standard error, and nothing on standard output. */
async function ends(command, code, sentence, name = command.join(" "), options = {}) {
  const outcome = await finished(command, options);
  assert.equal(outcome.code, code, `${name}: ${outcome.stderr}`);
  assert.match(outcome.stderr, sentence, name);
  assert.equal(outcome.stdout, "", name);
  assert.doesNotMatch(outcome.stderr, /panicked/);
}

function finished(command, options = {}) {
  return new Promise((resolve) => {
    const settings = { timeout: DEADLINE_MS, killSignal: "SIGKILL", ...options };
    execFile(PROGRAM, command, settings, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

function asNobody() {
  return process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

async function folder(t) {
  const made = await mkdtemp(join(tmpdir(), "hearth-node-"));
  t.after(() => rm(made, { recursive: true }));
  return made;
}
