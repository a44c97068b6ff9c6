// An invitation lets in as many as it says, as long as it says, and nobody else; whoever comes too
// late, or with one that was revoked, is told which.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const ASK = ["--admit", "ask"];
const GONE = [410, "gone"];
const UNKNOWN = [403, "forbidden"];

/** What stands after `#`. */
const fragment = ({ url }) => new URL(url).hash.slice(1);
const secret = (invite) => fragment(invite).split(".")[0];

async function invite(host, fields = {}) {
  return (await host.call("session:invite", fields)).invite;
}

/** What becomes of somebody who comes with this: the role, or why not. */
async function comeWith(server, invite, more = {}) {
  const { status, body } = await server.http("POST", "/sign-in", {
    body: { name: "Ada", invite, ...more },
  });
  return status === 201 ? body.member.role : [status, body.error.code];
}

test("an invitation says where, with what, to whom and until when", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const before = Date.now();
  const made = await invite(host);
  assert.deepEqual(Object.keys(made).sort(), ["expires_at", "id", "qr_svg", "role", "url", "uses"]);
  assert.deepEqual([made.role, made.uses], ["editor", 1]);
  const lasts = Date.parse(made.expires_at) - before;
  assert.ok(Math.abs(lasts - 86_400_000) < 10_000, `${lasts} ms`);
  assert.ok(made.url.startsWith(`${server.first.url}/#`), made.url);
  const [opens, whose] = fragment(made).split(".");
  assert.ok(Buffer.from(opens, "base64url").length === 32);
  assert.equal(whose, server.fingerprint);
  assert.match(made.qr_svg, /^<svg[^]*<\/svg>\s*$/);
  assert.notEqual(secret(await invite(host)), opens);
});

test("it is taken with the fingerprint behind it, and without", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  assert.equal(await comeWith(server, fragment(await invite(host))), "editor");
  assert.equal(await comeWith(server, secret(await invite(host, { role: "viewer" }))), "viewer");
  const made = await invite(host);
  const id = randomUUID();
  assert.equal(await comeWith(server, fragment(made), { id }), "editor");
  assert.equal(await comeWith(server, secret(made), { id }), "editor");
  assert.deepEqual(await comeWith(server, secret(made)), GONE);
});

test("of 100 who come at once with one single-use invitation, one gets in", async (t) => {
  const server = await Host.start(t, [...ASK, "--limits", "off"]);
  const host = await server.enterAsHost();
  for (const uses of [1, 7]) {
    const made = await invite(host, { uses });
    const { members } = await host.call("member:list");
    const hundred = Array.from({ length: 100 }, () => comeWith(server, fragment(made)));
    const outcomes = await Promise.all(hundred);
    assert.equal(outcomes.filter((outcome) => outcome === "editor").length, uses);
    for (const outcome of outcomes) if (outcome !== "editor") assert.deepEqual(outcome, GONE);
    const now = await host.call("member:list");
    assert.equal(now.members.length, members.length + uses);
  }
});

test("it is good as long as it says", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const made = await invite(host, { expires_in_s: 1, uses: 5 });
  assert.equal(await comeWith(server, secret(made)), "editor");
  await new Promise((over) => setTimeout(over, Date.parse(made.expires_at) + 50 - Date.now()));
  assert.deepEqual(await comeWith(server, secret(made)), GONE);
  assert.deepEqual((await host.call("session:invites")).invites, []);
  for (const fields of [{ uses: 0 }, { uses: 10_001 }, { expires_in_s: 0 }, { expires_in_s: 1e12 }])
    await assert.rejects(invite(host, fields), { code: "bad_request" });
});

test("those that are good are listed without their secrets, and can be revoked", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const [used, kept, revoked] = [
    await invite(host),
    await invite(host, { uses: 3, role: "viewer" }),
    await invite(host),
  ];
  await comeWith(server, secret(used));
  await comeWith(server, secret(kept));
  await host.call("session:uninvite", { invite: revoked.id });
  const { id, role, uses, expires_at } = kept;
  const { invites } = await host.call("session:invites");
  assert.deepEqual(invites, [{ id, role, uses, uses_left: 2, expires_at }]);
  assert.deepEqual(await comeWith(server, secret(used)), GONE);
  assert.deepEqual(await comeWith(server, secret(revoked)), UNKNOWN);
  const again = host.call("session:uninvite", { invite: revoked.id });
  await assert.rejects(again, { code: "not_found" });
});

test("invitations outlive the host's run, and what is kept of them opens nothing", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const [used, made, revoked] = [await invite(host), await invite(host), await invite(host)];
  await comeWith(server, secret(used));
  await host.call("session:uninvite", { invite: revoked.id });
  const file = await readFile(join(server.data, "session.hearth"));
  const log = await readFile(join(server.data, "session.hearth-wal")).catch(() => Buffer.alloc(0));
  for (const one of [used, made, revoked]) {
    for (const form of [secret(one), Buffer.from(secret(one), "base64url")])
      assert.ok(!Buffer.concat([file, log]).includes(form));
  }
  await server.kill();
  await server.run(ASK);
  assert.equal(await comeWith(server, fragment(made)), "editor");
  assert.deepEqual(await comeWith(server, fragment(made)), GONE);
  assert.deepEqual(await comeWith(server, fragment(used)), GONE);
  assert.deepEqual(await comeWith(server, fragment(revoked)), UNKNOWN);
});

test("the open invitation lets in as many as come, as what guests are then", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const { invite: open } = await host.call("session:invitation");
  assert.deepEqual(Object.keys(open).sort(), ["qr_svg", "role", "url"]);
  assert.equal(fragment(open).split(".")[1], server.fingerprint);
  assert.equal(await comeWith(server, fragment(open)), "editor");
  await host.call("session:update", { guests: "viewer" });
  const again = (await host.call("session:invitation")).invite;
  assert.deepEqual([again.url, again.role], [open.url, "viewer"]);
  for (let guest = 0; guest < 5; guest += 1)
    assert.equal(await comeWith(server, secret(open)), "viewer");
  assert.deepEqual((await host.call("session:invites")).invites, []);
});

test("a renewed open invitation, and one of an earlier run, open nothing", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const { invite: first } = await host.call("session:invitation");
  const id = randomUUID();
  const { invite: second } = await host.call("session:invitation", { id, renew: true });
  assert.notEqual(secret(first), secret(second));
  const repeated = await host.call("session:invitation", { id, renew: true });
  assert.equal(repeated.invite.url, second.url);
  assert.deepEqual(await comeWith(server, secret(first)), UNKNOWN);
  assert.equal(await comeWith(server, secret(second)), "editor");
  await server.stop();
  await server.run(ASK);
  assert.deepEqual(await comeWith(server, secret(second)), UNKNOWN);
});

test("a repeated call makes one invitation and answers the same", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const id = randomUUID();
  const first = await host.call("session:invite", { id });
  assert.equal(first.invite.id, id);
  assert.deepEqual(await host.call("session:invite", { id }), first);
  await assert.rejects(host.call("session:invite", { id, uses: 2 }), { code: "conflict" });
  assert.equal((await host.call("session:invites")).invites.length, 1);
});

test("guessing counts as a failed sign-in, and coming too late does not", async (t) => {
  const server = await Host.start(t, ASK);
  const host = await server.enterAsHost();
  const made = await invite(host);
  await comeWith(server, secret(made));
  for (let late = 0; late < 10; late += 1)
    assert.deepEqual(await comeWith(server, secret(made)), GONE);
  for (let guess = 0; guess < 5; guess += 1)
    assert.deepEqual(await comeWith(server, `guess${guess}`), UNKNOWN);
  assert.deepEqual(await comeWith(server, secret(await invite(host))), [429, "rate_limited"]);
});
