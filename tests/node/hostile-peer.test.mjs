// What a peer that means no good, or only repeats itself, does not get.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const ROOM = async (client) => (await client.thanks()).snapshot.rooms[0].id;

test("a repeated change of a note is answered like the first time, whatever became of the note", async (t) => {
  const host = await Host.start(t);
  const ada = await host.enter("Ada");
  const room = await ROOM(ada);
  const { note } = await ada.call("note:create", { room, title: "Plan", body: "one" });
  const change = { id: randomUUID(), key: note.key, version: 1, body: "two" };
  const first = await ada.call("note:update", change);
  await ada.call("note:destroy", { key: note.key });

  assert.deepEqual(await ada.call("note:update", change), first);
  const other = { ...change, body: "three" };
  await assert.rejects(ada.call("note:update", other), { code: "conflict" });
  const fresh = { ...change, id: randomUUID() };
  await assert.rejects(ada.call("note:update", fresh), { code: "gone" });
});

test("a repeated announcement is answered and not announced again", async (t) => {
  const host = await Host.start(t);
  const [ada, hostess] = [await host.enter("Ada"), await host.enterAsHost()];
  const announcement = { id: randomUUID(), warning: "Tea is ready." };
  assert.deepEqual(await hostess.call("achtung:send", announcement), {});
  assert.deepEqual(await hostess.call("achtung:send", announcement), {});
  const other = { ...announcement, warning: "No tea." };
  await assert.rejects(hostess.call("achtung:send", other), { code: "conflict" });
  await hostess.call("achtung:send", { warning: "The end." });
  await ada.take("achtung", ({ warning }) => warning === "The end.");
  assert.equal(ada.pending("achtung").length, 1);
});

test("a PIN and the admission that needs it may be sent one right behind the other", async (t) => {
  const host = await Host.start(t, ["--admit", "ask"]);
  const hostess = await host.enterAsHost();
  const answers = await Promise.all([
    hostess.call("room:create", { name: "Work that keeps the writer busy" }),
    hostess.call("session:update", { pin: "2468" }),
    hostess.call("session:update", { admission: "pin" }),
  ]);
  assert.equal(answers.at(-1).session.admission, "pin");
});

test("calls that cannot be read count like any other", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "calls_burst=20,calls_per_s=1"]);
  const ada = await host.enter("Ada");
  const send = () => ada.socket.timeout(5_000).emitWithAck("no:such", {});
  const codes = (await Promise.all(Array.from({ length: 40 }, send))).map(
    ({ error }) => error.code,
  );
  assert.ok(codes.filter((code) => code === "rate_limited").length >= 15, codes.join(" "));
});

test("a refusal never says all of a long name back", async (t) => {
  const host = await Host.start(t);
  const ada = await host.enter("Ada");
  for (const payload of [{}, [1], "text"]) {
    const answer = await ada.socket.timeout(5_000).emitWithAck("x".repeat(100_000), payload);
    assert.equal(answer.error.code, "bad_request");
    assert.ok(answer.error.message.length < 300);
  }
});

test("catching up is paid by bytes, from the start or from where one was", async (t) => {
  const limits = "catch_up_bytes_per_s=10000";
  const host = await Host.start(t, ["--pin", "2468", "--limits", limits]);
  const ada = await host.enter("Ada");
  const room = await ROOM(ada);
  for (let sent = 0; sent < 15; sent += 1) {
    await ada.call("message:send", { room, body: "x".repeat(4_000) });
  }
  const ben = await host.enter("Ben");
  await ben.thanks();
  for (const payload of [{}, { since: 0 }]) {
    await assert.rejects(ben.thanks(payload), (error) => {
      assert.equal(error.code, "rate_limited");
      assert.ok(error.retry_after_ms > 0 && error.retry_after_ms < 10_000);
      return true;
    });
  }
});

test("many wrong PINs from everywhere turn the PIN into asking the host", async (t) => {
  const limits = "failed_sign_ins=50,failed_sign_ins_in_all=10";
  const host = await Host.start(t, ["--pin", "2468", "--limits", limits]);
  const hostess = await host.enterAsHost();
  const signIn = (pin) => host.http("POST", "/sign-in", { body: { name: "Ada", pin } });
  for (let tried = 0; tried < 10; tried += 1) assert.equal((await signIn("0000")).status, 401);
  const asked = await signIn("2468");
  assert.equal(asked.status, 202);
  const { knock } = await hostess.take("knock");
  assert.equal(knock, asked.body.knock);
});

test("a limit that would let nothing through is refused before anything is made", async (t) => {
  for (const name of ["inward_events", "outstanding_calls", "outward_packets"]) {
    for (const value of ["0", "18446744073709551615"]) {
      const options = ["--pin", "2468", "--limits", `${name}=${value}`];
      await assert.rejects(Host.start(t, options), (error) => {
        assert.match(error.message, /ended with 2/);
        assert.match(error.message, new RegExp(`\`${name}\` is a number from`));
        return true;
      });
    }
  }
});
