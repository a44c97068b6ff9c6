// Bringing and fetching files never costs others anything: memory, places and time are bounded.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { Files, GIF, MIB, picture } from "./support/files.mjs";
import { connectTls } from "./support/tls.mjs";

const run = promisify(execFile);

/** Memory the host has had at most, in bytes; nothing where the system does not say. */
async function peak(host) {
  const status = await readFile(`/proc/${host.process.pid}/status`, "utf8").catch(() => "");
  const found = /^VmHWM:\s+(\d+) kB/m.exec(status);
  return found ? Number(found[1]) * 1_024 : 0;
}

/** Sends the head of an upload and then what `more` sends; answers what the host says to it. */
async function dribble({ host, ann, room }, more) {
  // It may be closed on us while we write.
  const socket = await connectTls(host);
  let said = "";
  socket.setEncoding("utf8").on("data", (text) => (said += text));
  const closed = once(socket, "close");
  socket.write(
    `POST /files?room=${room} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n` +
      `Authorization: Bearer ${ann.token}\r\n\r\nGIF89a`,
  );
  await more(socket, closed);
  await closed;
  return said;
}

function assertTooSlow(said) {
  assert.match(said, /^HTTP\/1\.1 408 /);
  assert.match(said, /"code":"bad_request","message":"The file arrived too slowly\./);
}

test("a file that arrives too slowly is cut off, and its place is free again", async (t) => {
  const limits = "upload_within_ms=1500,uploads_per_member=1,uploads=1";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  let told = false;
  const said = await dribble(files, async (socket, closed) => {
    closed.then(() => (told = true));
    while (!told) {
      socket.write("x");
      await sleep(50);
    }
  });
  assertTooSlow(said);
  assert.equal((await files.add(files.ann, files.room, GIF)).status, 201);
});

test("a file that stops arriving is cut off long before its time is over", async (t) => {
  const files = await Files.open(t);
  const began = Date.now();
  assertTooSlow(await dribble(files, async () => {}));
  assert.ok(Date.now() - began < 30_000);
});

test("an upload whose sender goes away leaves nothing behind", async (t) => {
  const limits = "uploads_per_member=1,uploads=1";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  for (let at = 0; at < 5; at += 1) await dribble(files, async (socket) => socket.destroy());
  // The host notices when it next reads from a connection.
  let added = await files.add(files.ann, files.room, GIF);
  while (added.status === 429) {
    await sleep(100);
    added = await files.add(files.ann, files.room, GIF);
  }
  assert.equal(added.status, 201);
  const { facts } = await files.ann.call("thanks", { since: 0 });
  assert.equal(facts.filter(({ name }) => name === "fileadded").length, 1);
});

test("a hundred large uploads at once take little memory, and others are answered meanwhile", async (t) => {
  const off = "http_per_s=1000,http_burst=1000,connections_per_address=512";
  const limits = `${off},uploads_per_member=5,uploads_per_min=1000`;
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { host, ben, room } = files;
  const people = [];
  for (let at = 0; at < 20; at += 1) people.push(await host.signIn(`P${at}`, {}));
  const bodies = Array.from({ length: 100 }, (_, at) => picture(2 * MIB, `${at} `));
  const before = await peak(host);
  let left = 100;
  const bring = async (who, at) => {
    // Like a patient client: comes back when it is told to.
    for (;;) {
      const added = await files.add(who, room, bodies[at]);
      if (added.status === 201) break;
      assert.equal(added.status, 429);
      assert.ok(added.body.error.retry_after_ms > 0);
      await sleep(added.body.error.retry_after_ms);
    }
    left -= 1;
  };
  const all = Array.from({ length: 100 }, (_, at) => bring(people[at % 20], at));
  const waits = [];
  while (left > 0) {
    const began = performance.now();
    await ben.call("note:count");
    await ben.call("member:update", { name: `Ben ${waits.length}` });
    waits.push(performance.now() - began);
    await sleep(100);
  }
  await Promise.all(all);
  const used = (await peak(host)) - before;
  waits.sort((a, b) => a - b);
  const [half, most] = [waits[waits.length >> 1], waits.at(-1)].map(Math.round);
  t.diagnostic(`${waits.length} times, half within ${half} ms, all within ${most} ms`);
  t.diagnostic(`${Math.round(used / MIB)} MiB more memory`);
  // In all they are 200 MiB, of which twelve may be there at a time.
  assert.ok(used < 80 * MIB, `${used} bytes`);
  assert.ok(half < 1_500, `${half} ms`);
});

test("a member who brings too many at once is told when to come back, and others are not", async (t) => {
  const limits = "uploads_per_min=3,uploads_per_member=2";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { ann, ben, room } = files;
  const at_once = [0, 1, 2, 3].map((at) => files.add(ann, room, picture(2 * MIB + at)));
  const refused = (await Promise.all(at_once)).filter(({ status }) => status === 429);
  assert.ok(refused.length >= 1);
  const last = await files.add(ann, room, GIF);
  assert.equal(last.status, 429);
  const { code, retry_after_ms } = last.body.error;
  assert.equal(code, "rate_limited");
  assert.ok(retry_after_ms > 0 && retry_after_ms <= 60_000);
  assert.equal(last.headers.get("retry-after"), String(Math.ceil(retry_after_ms / 1_000)));
  assert.equal((await files.add(ben, room, GIF)).status, 201);
});

test("a note with sixty pictures opens at once, and opens again", async (t) => {
  const files = await Files.open(t, ["--admit", "anyone"]);
  const { ann, ben, room } = files;
  const hashes = [];
  while (hashes.length < 60) {
    const added = await files.add(ann, room, picture(20_000 + hashes.length));
    if (added.status === 201) hashes.push(added.body.hash);
    else await sleep(added.body.error.retry_after_ms);
  }
  for (let time = 0; time < 3; time += 1) {
    // As a browser does: by six connections.
    const left = [...hashes.entries()];
    const fetching = Array.from({ length: 6 }, async () => {
      for (let next = left.pop(); next; next = left.pop()) {
        const { status, bytes } = await files.get(ben, room, next[1]);
        assert.equal(status, 200);
        assert.ok(bytes.equals(picture(20_000 + next[0])));
      }
    });
    await Promise.all(fetching);
  }
});

test("fetching without end is slowed down", async (t) => {
  const limits = "downloads_per_s=1,downloads_burst=5";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { ann, room } = files;
  const { body } = await files.add(ann, room, GIF);
  const got = [];
  for (let at = 0; at < 8; at += 1) got.push(await files.get(ann, room, body.hash));
  assert.deepEqual(
    got.map(({ status }) => status),
    [200, 200, 200, 200, 200, 429, 429, 429],
  );
  assert.equal(got.at(-1).json.error.code, "rate_limited");
});

test("those who fetch slowly hold no file in memory", async (t) => {
  const limits = "connections_per_address=512,downloads_burst=1000";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { host, ann, room } = files;
  const { body } = await files.add(ann, room, picture(10 * MIB));
  const before = await peak(host);
  const slow = Array.from({ length: 100 }, async () => {
    const socket = await connectTls(host);
    socket.write(
      `GET /files/${room}/${body.hash} HTTP/1.1\r\nHost: localhost\r\n` +
        `Authorization: Bearer ${ann.token}\r\n\r\n`,
    );
    return socket;
  });
  const sockets = await Promise.all(slow);
  // Each has begun to hear its answer and takes no more of it.
  await Promise.all(sockets.map((socket) => once(socket, "readable")));
  assert.equal((await files.get(ann, room, body.hash)).bytes.length, 10 * MIB);
  const used = (await peak(host)) - before;
  sockets.forEach((socket) => socket.destroy());
  t.diagnostic(`${Math.round(used / MIB)} MiB more memory`);
  // A thousand, were each of them held whole.
  assert.ok(used < 150 * MIB, `${used} bytes`);
});

test("below the free disk that is to stay, nothing is taken", async (t) => {
  const limits = "free_disk_bytes=1000000000000";
  const files = await Files.open(t, ["--admit", "anyone"]);
  const { host, ann, room } = files;
  const { body } = await files.add(ann, room, GIF);
  await host.stop();
  await host.run(["--admit", "anyone", "--limits", limits]);
  const refused = await files.add(ann, room, picture(2_000));
  assert.equal(refused.status, 507);
  assert.equal(refused.body.error.code, "storage_full");
  assert.equal((await files.get(ann, room, body.hash)).status, 200);
});

test("curl brings and fetches files as its manual says", async (t) => {
  const curl = await run("curl", ["--version"]).catch(() => undefined);
  if (!curl) return t.diagnostic("left out: there is no curl here");
  const files = await Files.open(t);
  const { host, ann, room } = files;
  const folder = await mkdtemp(join(tmpdir(), "hearth-curl-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "a cat.gif");
  // It takes the key and no other; who vouches for it does not matter.
  const key = Buffer.from(host.fingerprint, "hex").toString("base64");
  const trusting = ["--insecure", "--pinnedpubkey", `sha256//${key}`];
  const bearer = ["-sS", ...trusting, "-H", `Authorization: Bearer ${ann.token}`];
  const url = `${host.url}/files?room=${room}`;
  await writeFile(path, picture(2 * MIB));
  const form = await run("curl", [...bearer, "-F", `file=@${path}`, url]);
  const { name, hash } = JSON.parse(form.stdout);
  assert.equal(name, "a cat.gif");
  const raw = await run("curl", [...bearer, "--data-binary", `@${path}`, `${url}&name=b.gif`]);
  assert.equal(JSON.parse(raw.stdout).hash, hash);
  const saved = ["-OJ", "--output-dir", folder, `${host.url}/files/${room}/${hash}`];
  await rm(path);
  await run("curl", [...bearer, ...saved]);
  assert.ok((await readFile(path)).equals(picture(2 * MIB)));
  await writeFile(path, Buffer.alloc(50 * MIB));
  const large = await run("curl", [...bearer, "--data-binary", `@${path}`, url]);
  assert.equal(JSON.parse(large.stdout).error.code, "too_large");
});
