// Pictures and other files of a room: brought and fetched by HTTP, for those who may see the room.

import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";

import { fetch, Files, FormData, GIF, MIB, picture } from "./support/files.mjs";
import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone"];

test("a picture comes back byte for byte, and the room hears of it", async (t) => {
  const files = await Files.open(t);
  const { ann, ben, room } = files;
  for (const size of [1_000, 256 * 1_024, 256 * 1_024 + 1, 3 * MIB]) {
    const bytes = picture(size);
    const id = randomUUID();
    const added = await files.add(ann, room, bytes, { name: "cat.gif", id });
    const hash = createHash("sha256").update(bytes).digest("hex");
    const expected = { hash, name: "cat.gif", type: "image/gif", size };
    assert.equal(added.status, 201);
    assert.deepEqual(added.body, expected);
    assert.equal(added.headers.get("location"), `/files/${room}/${hash}`);
    const { seq, at, ...fact } = await ben.take("fileadded");
    assert.deepEqual(fact, {
      by: ann.member.id,
      id,
      room,
      hash,
      file_name: "cat.gif",
      type: "image/gif",
      size,
    });
    assert.equal((await ann.take("fileadded")).seq, seq);
    const got = await files.get(ben, room, hash);
    assert.equal(got.status, 200);
    assert.equal(got.headers.get("content-type"), "image/gif");
    assert.equal(got.headers.get("content-length"), String(size));
    assert.ok(got.bytes.equals(bytes));
  }
  const { facts } = await ben.call("thanks", { since: 0 });
  assert.equal(facts.filter(({ name }) => name === "fileadded").length, 4);
});

test("a cookie fetches as well as a token, HEAD says what GET would, and a known file is not sent again", async (t) => {
  const files = await Files.open(t);
  const { room } = files;
  const { body } = await files.add(files.ann, room, GIF, { name: "cat.gif" });
  const url = `${files.host.url}/files/${room}/${body.hash}`;
  const { cookie } = await files.host.signIn("Cleo", {});
  const got = await fetch(url, { headers: { cookie } });
  assert.ok(Buffer.from(await got.arrayBuffer()).equals(GIF));
  assert.match(got.headers.get("cache-control"), /^private, .*immutable$/);
  assert.match(got.headers.get("vary"), /cookie.*authorization/i);
  assert.equal(got.headers.get("x-content-type-options"), "nosniff");
  assert.equal(got.headers.get("cross-origin-resource-policy"), "same-origin");

  const head = await fetch(url, { method: "HEAD", headers: { cookie } });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String(GIF.length));
  assert.equal(head.headers.get("etag"), got.headers.get("etag"));

  const etag = got.headers.get("etag");
  const again = await fetch(url, { headers: { cookie, "if-none-match": etag } });
  assert.equal(again.status, 304);
  const stranger = await fetch(url, { headers: { "if-none-match": etag } });
  assert.equal(stranger.status, 401);
});

test("who is not signed in gets and brings nothing", async (t) => {
  const files = await Files.open(t);
  const { room } = files;
  const { body } = await files.add(files.ann, room, GIF);
  for (const headers of [{}, { authorization: "Bearer no" }, { cookie: "hearth.sid.0=no" }]) {
    const got = await fetch(`${files.host.url}/files/${room}/${body.hash}`, { headers });
    assert.equal(got.status, 401);
    assert.equal((await got.json()).error.code, "unauthorized");
    const added = await files.post(`?room=${room}`, GIF, headers);
    assert.equal(added.status, 401);
    assert.equal(added.body.error.code, "unauthorized");
  }
});

test("a viewer sees a room's files and cannot add one", async (t) => {
  const files = await Files.open(t);
  const { host, ann, ben, room } = files;
  const { body } = await files.add(ann, room, GIF);
  await host.hostess.call("member:role", { member: ben.member.id, role: "viewer" });
  const refused = await files.add(ben, room, picture(2_000));
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error.code, "forbidden");
  assert.equal((await files.get(ben, room, body.hash)).status, 200);
});

test("a private room's files do not exist for others, whatever they know", async (t) => {
  const files = await Files.open(t);
  const { host, ann, ben, room: general } = files;
  const { room } = await ann.call("room:create", { name: "Cellar", private: true });
  const { body } = await files.add(ann, room.id, GIF, { name: "secret.gif" });
  // The same bytes elsewhere do not open this door.
  await files.add(ben, general, GIF, { name: "mine.gif" });
  for (const other of [ben, host.hostess]) {
    const nowhere = await files.get(other, randomUUID(), body.hash);
    const hidden = await files.get(other, room.id, body.hash);
    assert.deepEqual([hidden.status, hidden.json], [404, nowhere.json]);
    const refused = await files.add(other, room.id, picture(2_000));
    const unknown = await files.add(other, randomUUID(), picture(2_000));
    assert.deepEqual([refused.status, refused.body], [404, unknown.body]);
    assert.equal(refused.body.error.code, "not_found");
  }
  assert.equal((await files.get(ann, room.id, body.hash)).status, 200);
  const { facts } = await ben.call("thanks", { since: 0 });
  assert.doesNotMatch(JSON.stringify([facts, ben.pending()]), /secret\.gif/);

  await ann.call("room:invite", { room: room.id, member: ben.member.id });
  assert.equal((await files.get(ben, room.id, body.hash)).status, 200);
  await ann.call("room:remove", { room: room.id, member: ben.member.id });
  assert.equal((await files.get(ben, room.id, body.hash)).status, 404);
});

test("what is no address of a file is not found", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  const { body } = await files.add(ann, room, GIF);
  for (const path of [
    `${room}/${"0".repeat(64)}`,
    `${room}/${body.hash.toUpperCase()}`,
    `${room}/${body.hash.slice(1)}`,
    `${room}/${body.hash}0`,
    `${room}/%00`,
    `${room}/..%2f${body.hash}`,
    `not-a-room/${body.hash}`,
    `%ff/${body.hash}`,
  ]) {
    const got = await fetch(`${files.host.url}/files/${path}`, { headers: files.bearer(ann) });
    assert.equal(got.status, 404, path);
    assert.equal((await got.json()).error.code, "not_found", path);
  }
});

test("the same picture twice in a room is one file and one fact", async (t) => {
  const files = await Files.open(t);
  const { ann, ben, room } = files;
  const first = await files.add(ann, room, GIF, { name: "one.gif" });
  const second = await files.add(ben, room, GIF, { name: "two.gif" });
  assert.deepEqual([second.status, second.body], [201, first.body]);
  const at_once = await Promise.all([1, 2].map(() => files.add(ann, room, picture(MIB, "same"))));
  assert.deepEqual(at_once[0].body, at_once[1].body);
  const other = (await ann.call("room:create", { name: "Other" })).room.id;
  const elsewhere = await files.add(ann, other, GIF, { name: "three.gif" });
  assert.deepEqual(elsewhere.body, { ...first.body, name: "three.gif" });
  const { facts } = await ann.call("thanks", { since: 0 });
  const names = facts.filter(({ name }) => name === "fileadded").map((fact) => fact.file_name);
  assert.deepEqual(names, ["one.gif", "picture.gif", "three.gif"]);
});

test("a repeat with its id gets the first answer, and other contents are a conflict", async (t) => {
  const files = await Files.open(t);
  const { ann, ben, room } = files;
  const id = randomUUID();
  const first = await files.add(ann, room, GIF, { name: "one.gif", id });
  const again = await files.add(ann, room, GIF, { name: "one.gif", id });
  assert.deepEqual([again.status, again.body], [201, first.body]);
  const expectConflict = async (added) => {
    assert.equal(added.status, 409);
    assert.equal(added.body.error.code, "conflict");
  };
  await expectConflict(await files.add(ann, room, picture(2_000), { name: "one.gif", id }));
  await expectConflict(await files.add(ann, room, GIF, { name: "two.gif", id }));
  await assert.rejects(ann.call("message:send", { id, room, body: "x" }), { code: "conflict" });
  // Ids are each member's own.
  assert.equal((await files.add(ben, room, picture(2_000), { id })).status, 201);

  await files.host.stop();
  await files.host.run(ANYONE);
  const later = await files.add(ann, room, GIF, { name: "one.gif", id });
  assert.deepEqual([later.status, later.body], [201, first.body]);
  await expectConflict(await files.add(ann, room, picture(2_000), { name: "one.gif", id }));
});

test("all files together take no more than the host allows, and what is there already still counts once", async (t) => {
  const limits = "http_per_s=1000,http_burst=1000,files_bytes=5000";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { ann, ben, room } = files;
  assert.equal((await ann.take("welcome")).limits.files_bytes, 5_000);
  const other = (await ann.call("room:create", { name: "Other" })).room.id;
  assert.equal((await files.add(ann, room, picture(3_000))).status, 201);
  const refuse = async (who, bytes) => {
    const refused = await files.add(who, room, bytes);
    assert.equal(refused.status, 507);
    assert.equal(refused.body.error.code, "storage_full");
    assert.match(refused.body.error.message, /more than 5000 bytes together/);
  };
  await refuse(ann, picture(2_001));
  await refuse(ben, picture(2_001, "another"));
  assert.equal((await files.add(ann, other, picture(3_000))).status, 201, "the same bytes");
  assert.equal((await files.add(ben, room, picture(2_000))).status, 201, "exactly as much");
  await refuse(ben, GIF);
  assert.equal((await files.add(ben, room, picture(3_000))).status, 201, "a repeat");

  await files.host.stop();
  await files.host.run(["--admit", "anyone", "--limits", limits]);
  await refuse(ann, GIF);
});

test("many who come at once do not get past it together", async (t) => {
  const limits = "http_per_s=1000,http_burst=1000,files_bytes=5000000";
  const files = await Files.open(t, ["--admit", "anyone", "--limits", limits]);
  const { ann, ben, room } = files;
  const adding = [1, 2, 3].flatMap((n) =>
    [ann, ben].map((who) => files.add(who, room, picture(2_000_000, `${n}${who.member.name}`))),
  );
  const statuses = (await Promise.all(adding)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [201, 201, 507, 507, 507, 507]);
});

test("10 MiB are taken, and one byte more is too large, with or without a length", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  assert.equal((await ann.take("welcome")).limits.file_bytes, 10 * MIB);
  const largest = picture(10 * MIB);
  const added = await files.add(ann, room, largest);
  assert.equal(added.status, 201);
  assert.ok((await files.get(ann, room, added.body.hash)).bytes.equals(largest));

  const larger = Buffer.concat([largest, Buffer.of(0)]);
  const form = new FormData();
  form.append("file", new Blob([larger]), "cat.gif");
  const streamed = new Blob([larger]).stream();
  for (const body of [larger, streamed, form]) {
    const refused = await files.add(ann, room, body);
    assert.equal(refused.status, 413);
    assert.equal(refused.body.error.code, "too_large");
    assert.match(refused.body.error.message, /at most 10 MiB/);
  }
  // Larger by far: the refusal is heard all the same.
  const refused = await files.add(ann, room, Buffer.alloc(30 * MIB));
  assert.equal(refused.status, 413);
});

test("a form as browsers and scripts send it is taken", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  const form = new FormData();
  form.append("comment", "a cat");
  form.append("file", new Blob([GIF], { type: "text/html" }), 'a "cät".gif');
  const added = await files.add(ann, room, form);
  assert.equal(added.status, 201);
  assert.equal(added.body.name, 'a "cät".gif');
  assert.equal(added.body.type, "image/gif");
  assert.ok((await files.get(ann, room, added.body.hash)).bytes.equals(GIF));
  const named = new FormData();
  named.append("file", new Blob([picture(2_000)]), "x.gif");
  assert.equal((await files.add(ann, room, named, { name: "y.gif" })).body.name, "y.gif");
});

test("what cannot be read as a file says what to send", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  const two = new FormData();
  two.append("a", new Blob([GIF]), "a.gif");
  two.append("b", new Blob([GIF]), "b.gif");
  const none = new FormData();
  none.append("a", "text");
  const hollow = new FormData();
  hollow.append("a", new Blob([]), "a.gif");
  const form = (boundary) => ({ "content-type": `multipart/form-data${boundary}` });
  const open = '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nGIF';
  for (const [query, body, headers] of [
    [`?room=${room}`, two],
    [`?room=${room}`, none],
    [`?room=${room}`, hollow],
    [`?room=${room}`, Buffer.alloc(0)],
    [`?room=${room}`, GIF, form("")],
    [`?room=${room}`, GIF, form("; boundary=x")],
    [`?room=${room}`, open, form("; boundary=x")],
    [`?room=${room}`, "--x\r\n".repeat(50_000), form("; boundary=x")],
    [`?room=${room}`, `--x\r\nA: ${"a".repeat(MIB)}`, form("; boundary=x")],
    ["", GIF],
    ["?room=", GIF],
    ["?room=1", GIF],
    [`?room=${room}&id=1`, GIF],
    [`?room=${room}&room=${room}`, GIF],
    [`?room=${room}&name=%ff&id=`, GIF],
  ]) {
    const refused = await files.post(query, body, { ...files.bearer(ann), ...headers });
    assert.equal(refused.status, 400, query + JSON.stringify(headers));
    assert.equal(refused.body.error.code, "bad_request");
    assert.match(refused.body.error.message, /^[A-Z].{15,}\.$/s);
  }
  const { facts } = await ann.call("thanks", { since: 0 });
  assert.equal(facts.filter(({ name }) => name === "fileadded").length, 0);
});

test("nothing that somebody brings can become a page of the host", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const html = "<!doctype html><script>alert(1)</script>";
  for (const [name, body, given] of [
    ["a.svg", svg, "image/svg+xml"],
    ["a.html", html, "text/html"],
    ["a.gif", html, "image/gif"],
    ["a.gif", `GIF${html}`, "image/gif"],
    ["a.pdf", "%PDF-1.7", "application/pdf"],
    ["a.js", "alert(1)", "text/javascript"],
  ]) {
    const headers = { ...files.bearer(ann), "content-type": given };
    const added = await files.post(`?room=${room}&name=${name}`, body, headers);
    assert.equal(added.body.type, "application/octet-stream", name);
    const got = await files.get(ann, room, added.body.hash);
    assert.equal(got.headers.get("content-type"), "application/octet-stream");
    assert.match(got.headers.get("content-disposition"), /^attachment; filename="a\./);
    assert.equal(got.headers.get("x-content-type-options"), "nosniff");
    assert.equal(got.headers.get("content-security-policy"), "default-src 'none'; sandbox");
  }
  const shown = await files.add(ann, room, GIF, { name: "a.html" });
  const got = await files.get(ann, room, shown.body.hash);
  assert.match(got.headers.get("content-disposition"), /^inline; /);
  assert.equal(got.headers.get("content-type"), "image/gif");
  assert.equal(got.headers.get("content-security-policy"), "default-src 'none'; sandbox");
});

test("a name is cleaned, and cannot leave its header", async (t) => {
  const files = await Files.open(t);
  const { ann, room } = files;
  const cases = [
    ['a "b" \\ c.gif', "c.gif", "c.gif"],
    ['say "hi".gif', 'say "hi".gif', "say _hi_.gif"],
    ["a\r\nSet-Cookie: x=y.gif", "aSet-Cookie: x=y.gif", "aSet-Cookie: x=y.gif"],
    ["cat\u202efig.exe", "catfig.exe", "catfig.exe"],
    ["猫 & Käse;=.gif", "猫 & Käse;=.gif", "_ & K_se;=.gif"],
    ["../../etc/passwd", "passwd", "passwd"],
    ["C:\\cats\\cat.gif", "cat.gif", "cat.gif"],
    ["..", "picture.gif", "picture.gif"],
    ["", "picture.gif", "picture.gif"],
    [undefined, "picture.gif", "picture.gif"],
    [`${"x".repeat(500)}.gif`, `${"x".repeat(116)}.gif`, `${"x".repeat(116)}.gif`],
  ];
  for (const [at, [given, name, plain]] of cases.entries()) {
    const added = await files.add(ann, room, picture(1_000 + at), { name: given });
    assert.equal(added.body?.name, name, given);
    const got = await files.get(ann, room, added.body.hash);
    const header = got.headers.get("content-disposition");
    const [, quoted, encoded] = /^inline; filename="([^"]*)"; filename\*=UTF-8''(\S*)$/.exec(
      header,
    );
    assert.equal(quoted, plain);
    assert.equal(decodeURIComponent(encoded), name);
    assert.equal(got.headers.get("set-cookie"), null);
  }
});

test("a page from elsewhere can neither bring nor fetch", async (t) => {
  const files = await Files.open(t);
  const { ann, room, host } = files;
  const { body } = await files.add(ann, room, GIF);
  const { cookie } = await host.signIn("Cleo", {});
  const foreign = { cookie, origin: "http://evil.example", host: new URL(host.url).host };
  const headers = { ...foreign, "content-type": "text/plain" };
  const posted = await host.http("POST", `/files?room=${room}`, { headers, text: GIF });
  assert.equal(posted.status, 403);
  const got = await host.http("GET", `/files/${room}/${body.hash}`, { headers: foreign });
  assert.equal(got.status, 403);
  const named = { ...foreign, origin: undefined, host: "evil.example" };
  delete named.origin;
  assert.equal(
    (await host.http("GET", `/files/${room}/${body.hash}`, { headers: named })).status,
    403,
  );
});

test("files are there after a restart, and one is there that was acknowledged right before a power cut", async (t) => {
  const files = await Files.open(t);
  const { ann, room, host } = files;
  const small = await files.add(ann, room, GIF);
  await host.stop();
  await host.run(ANYONE);
  assert.ok((await files.get(ann, room, small.body.hash)).bytes.equals(GIF));
  for (let round = 0; round < 5; round += 1) {
    const bytes = Buffer.concat([GIF, randomBytes(300_000 * (round + 1))]);
    const { status, body } = await files.add(ann, room, bytes);
    await host.kill();
    assert.equal(status, 201);
    await host.run(ANYONE);
    assert.ok((await files.get(ann, room, body.hash)).bytes.equals(bytes));
  }
  assert.doesNotMatch(host.log, /panic|ERROR/);
});

test("a destroyed room's files are gone until it is restored", async (t) => {
  const files = await Files.open(t);
  const { ann } = files;
  const room = (await ann.call("room:create", { name: "Old" })).room.id;
  const { body } = await files.add(ann, room, GIF);
  await ann.call("room:destroy", { room });
  assert.equal((await files.get(ann, room, body.hash)).status, 404);
  assert.equal((await files.add(ann, room, GIF)).status, 404);
  await ann.call("room:restore", { room });
  assert.ok((await files.get(ann, room, body.hash)).bytes.equals(GIF));
});
