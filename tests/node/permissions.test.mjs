// Who may do what, where: every call about a room, by every role, in every kind of room. A private
// room does not exist for those outside of it, the host included.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import * as Y from "yjs";

import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];

/** `ok`, `--` for forbidden, `??` for not_found; as the event API's table of calls has it. */
const TABLE = `
                         a room one is in           another one    out of sight           gone       one's own
  call             role    public private direct    public         private direct    destroyed  public destroyed

  room:update      viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        --             ??      ??        ??         ok     ??
                   host    ok     ok      ok        --             ??      ??        ??         ok     ??
  room:destroy     viewer  --     --      --        --             ??      ??        ??         ok     ??
                   editor  --     --      --        --             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  room:restore     viewer  --     --      --        --             ??      ??        --         ok     ok
                   editor  --     --      --        --             ??      ??        --         ok     ok
                   host    ok     ok      ok        ok             ??      ??        ok         ok     ok
  room:join        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  room:open        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  room:leave       viewer  ok     ok      --        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      --        ok             ??      ??        ??         ok     ??
                   host    ok     ok      --        ok             ??      ??        ??         ok     ??
  room:invite      viewer  ok     ok      --        --             ??      ??        ??         ok     ??
                   editor  ok     ok      --        --             ??      ??        ??         ok     ??
                   host    ok     ok      --        --             ??      ??        ??         ok     ??
  room:remove      viewer  ok     ok      --        --             ??      ??        ??         ok     ??
                   editor  ok     ok      --        --             ??      ??        ??         ok     ??
                   host    ok     ok      --        --             ??      ??        ??         ok     ??
  room:read        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:create      viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:read        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:open        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:history     viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:update      viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:edit        viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:move        viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:destroy     viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:restore     viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:list        viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  note:count       viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  message:send     viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  message:edit     viewer  --     --      --        --             ??      ??        ??         --     ??
                   editor  --     --      --        --             ??      ??        ??         --     ??
                   host    --     --      --        --             ??      ??        ??         --     ??
  message:destroy  viewer  --     --      --        --             ??      ??        ??         --     ??
                   editor  --     --      --        --             ??      ??        ??         --     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  message:list     viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  search           viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  POST:/files      viewer  --     --      --        --             --      --        --         --     --
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
  GET:/files       viewer  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   editor  ok     ok      ok        ok             ??      ??        ??         ok     ??
                   host    ok     ok      ok        ok             ??      ??        ??         ok     ??
`;

/** Calls that are about no room, and what the viewer, the editor and the host hear. */
const ELSEWHERE = [
  ["thanks", () => ({}), "ok", "ok", "ok"],
  ["room:create", () => ({ name: "Mine" }), "forbidden", "ok", "ok"],
  ["room:direct", ({ other }) => ({ member: other }), "forbidden", "ok", "ok"],
  ["room:direct", ({ me }) => ({ member: me }), "forbidden", "bad_request", "bad_request"],
  ["room:list", () => ({}), "ok", "ok", "ok"],
  ["room:list", () => ({ destroyed: true }), "ok", "ok", "ok"],
  ["note:close", () => ({ key: randomUUID() }), "ok", "ok", "ok"],
  ["note:list", () => ({}), "ok", "ok", "ok"],
  ["note:count", () => ({}), "ok", "ok", "ok"],
  ["search", () => ({ query: "tea" }), "ok", "ok", "ok"],
  ["search", () => ({ query: "" }), "bad_request", "bad_request", "bad_request"],
  ["member:list", () => ({}), "ok", "ok", "ok"],
  ["member:update", () => ({ color: "#123456" }), "ok", "ok", "ok"],
  ["member:ask", ({ other }) => ({ member: other, message: "Tea?" }), "ok", "ok", "ok"],
  ["member:answer", () => ({ ask: randomUUID(), answer: 1 }), "gone", "gone", "gone"],
  ["outbox:list", () => ({}), "ok", "ok", "ok"],
  ["outbox:discard", () => ({ id: randomUUID() }), "not_found", "not_found", "not_found"],
  ["earlier:list", () => ({}), "ok", "ok", "ok"],
  ["earlier:read", () => ({ item: "note/1@a" }), "not_found", "not_found", "not_found"],
  [
    "earlier:file",
    () => ({ copy: "a", room: randomUUID(), hash: "0".repeat(64) }),
    "forbidden",
    "not_found",
    "not_found",
  ],
  ["earlier:discard", () => ({ item: "note/1@a" }), "not_found", "not_found", "not_found"],
  ["session:update", () => ({ name: "Ours" }), "forbidden", "forbidden", "ok"],
  ["session:invite", () => ({}), "forbidden", "forbidden", "ok"],
  ["session:invite", () => ({ uses: 0 }), "forbidden", "forbidden", "bad_request"],
  ["session:invites", () => ({}), "forbidden", "forbidden", "ok"],
  ["session:invitation", () => ({ renew: true }), "forbidden", "forbidden", "ok"],
  ["session:uninvite", () => ({ invite: randomUUID() }), "forbidden", "forbidden", "not_found"],
  ["session:devices", () => ({}), "forbidden", "forbidden", "ok"],
  ["device:revoke", () => ({ device: randomUUID() }), "forbidden", "forbidden", "not_found"],
  ["session:knocks", () => ({}), "forbidden", "forbidden", "ok"],
  ["knock:answer", () => ({ knock: randomUUID(), admit: true }), "forbidden", "forbidden", "gone"],
  [
    "member:role",
    ({ other }) => ({ member: other, role: "viewer" }),
    "forbidden",
    "forbidden",
    "ok",
  ],
  [
    "member:role",
    () => ({ member: randomUUID(), role: "viewer" }),
    "forbidden",
    "forbidden",
    "not_found",
  ],
  ["member:remove", ({ other }) => ({ member: other }), "forbidden", "forbidden", "ok"],
  ["member:remove", ({ me }) => ({ member: me }), "forbidden", "forbidden", "forbidden"],
  ["member:remove", () => ({ member: randomUUID() }), "forbidden", "forbidden", "not_found"],
  ["member:unban", ({ other }) => ({ member: other }), "forbidden", "forbidden", "bad_request"],
  ["member:unban", () => ({ member: randomUUID() }), "forbidden", "forbidden", "not_found"],
  ["achtung:send", () => ({ warning: "Cake" }), "forbidden", "forbidden", "ok"],
];

const ROLES = ["viewer", "editor", "host"];
/** The table's columns. `inside` is where the actor is a member. */
const KINDS = [
  "public inside",
  "private inside",
  "direct inside",
  "public",
  "private outside",
  "direct outside",
  "destroyed",
  "own",
  "own destroyed",
];
const MEANING = { ok: "ok", "--": "forbidden", "??": "not_found" };

test("each role may do in each kind of room what the table says", async (t) => {
  const people = await People.gather(t);
  for (const { call, role, cells } of rows()) {
    for (const [at, kind] of KINDS.entries()) {
      const room = await people.room(kind, people[role]);
      const outcome = await outcomeOf(people.ask(people[role], call, room));
      assert.equal(outcome, MEANING[cells[at]], `${call} by a ${role}, ${kind}`);
    }
  }
});

test("each role may do elsewhere what the table says", async (t) => {
  const people = await People.gather(t);
  const { maker, server } = people;
  maker.socket.on("request", (_, acknowledge) => acknowledge({ answer: "Gladly" }));
  for (const [call, fields, ...expected] of ELSEWHERE) {
    for (const [at, role] of ROLES.entries()) {
      const { member } = call === "member:ask" ? maker : await server.signIn("Somebody", {});
      const payload = fields({ other: member.id, me: people[role].member.id });
      const outcome = await outcomeOf(people[role].call(call, payload));
      assert.equal(outcome, expected[at], `${call} ${JSON.stringify(payload)} by a ${role}`);
    }
  }
});

test("every call that there is stands in one of the tables", async (t) => {
  const server = await Host.start(t, ANYONE);
  const { body } = await server.http("GET", "/api.json");
  const calls = Object.values(body.channels.session.messages).map(({ name }) => name);
  const bare = ["thanks", "search"];
  const called = calls.filter((name) => name?.includes(":") || bare.includes(name));
  const ofRooms = rows().filter(({ call }) => !call.includes("/"));
  const tables = [...ofRooms.map(({ call }) => call), ...ELSEWHERE.map(([call]) => call)];
  assert.deepEqual(called.sort(), [...new Set(tables)].sort());
});

test("one's own messages can be changed and taken back by every role", async (t) => {
  const people = await People.gather(t);
  for (const role of ROLES) {
    const actor = people[role];
    const { message } = await actor.call("message:send", { room: people.general, body: "Mine" });
    await actor.call("message:edit", { message: message.id, body: "Still mine" });
    await actor.call("message:destroy", { message: message.id });
    const again = [
      actor.call("message:edit", { message: message.id, body: "x" }),
      actor.call("message:destroy", { message: message.id }),
    ];
    await Promise.all(again.map((call) => assert.rejects(call, { code: "gone" })));
  }
});

test("a role counts from the next call on, and there is always a host", async (t) => {
  const { host, editor, general: room } = await People.gather(t);
  const become = (role) => host.call("member:role", { member: editor.member.id, role });
  const write = () => editor.call("note:create", { room, title: "Title" });
  const rule = () => editor.call("session:update", { name: "Mine" });
  await write();
  await become("viewer");
  await assert.rejects(write(), { code: "forbidden" });
  await become("host");
  await rule();
  await become("editor");
  await assert.rejects(rule(), { code: "forbidden" });
  await write();
  const abdicate = host.call("member:role", { member: host.member.id, role: "editor" });
  await assert.rejects(abdicate, { code: "forbidden" });
});

test("a private room does not exist for those outside of it, the host included", async (t) => {
  const people = await People.gather(t);
  const { maker, insider, server } = people;
  const outsiders = [];
  for (const role of ROLES) {
    const { token } = people[role];
    const light = server.client({ namespace: "/home", auth: { token } });
    await light.connected();
    const place = await people[role].call("thanks", {});
    outsiders.push({ client: people[role], light, token, place });
  }

  const [name, title, body] = ["Rosebud", "Xanadu", "Susan"];
  const { room } = await maker.call("room:create", { name, topic: name, private: true });
  const { note } = await maker.call("note:create", { room: room.id, title, body });
  const { message } = await maker.call("message:send", { room: room.id, body, note: note.key });
  await maker.call("room:invite", { room: room.id, member: insider.member.id });
  maker.socket.emit("presence", { room: room.id, note: note.key, typing: true });
  const inRoom = ({ people }) => people.some((person) => person.room === room.id);
  await insider.take("presence", inRoom);
  // What is told in bundles was told when the next one has come.
  await maker.call("note:create", { room: people.general, title: "Open" });

  const secrets = [name, title, body, room.id, note.key, message.id];
  for (const { client, light, token, place } of outsiders) {
    const { head: since, run } = place;
    const opened = ({ notelist }) => notelist.some(({ title }) => title === "Open");
    const tab = server.client({ auth: { token } });
    await tab.connected();
    const welcome = await tab.take("welcome");
    assert.ok(welcome.people.some(({ member }) => member === maker.member.id));
    const seen = [
      welcome,
      await light.take("notetitles", opened),
      await client.call("room:list"),
      await client.call("room:list", { destroyed: true }),
      await client.call("note:list"),
      await client.call("note:list", { trashed: true }),
      await client.call("search", { query: name }),
      await client.call("search", { query: title }),
      await client.call("search", { query: body }),
      await client.call("thanks", { since, run }),
      await client.call("thanks", { since: 0 }),
      await client.call("thanks"),
      client.pending(),
      light.pending(),
    ];
    for (const secret of secrets) assert.ok(!JSON.stringify(seen).includes(secret), secret);
    const { count } = await client.call("note:count");
    assert.equal(count, 1);
  }
});

test("what is out of sight is refused in the same words as what does not exist", async (t) => {
  const people = await People.gather(t);
  const nowhere = {
    room: randomUUID(),
    note: randomUUID(),
    message: randomUUID(),
    file: "0".repeat(64),
  };
  for (const call of new Set(rows().map(({ call }) => call))) {
    for (const role of ROLES) {
      const refusal = (room) => {
        const refused = people.ask(people[role], call, room);
        return refused.then(assert.fail, ({ code, message }) => ({ code, message }));
      };
      const unknown = await refusal(nowhere);
      for (const kind of ["private outside", "direct outside"]) {
        const hidden = await people.room(kind, people[role]);
        assert.deepEqual(await refusal(hidden), unknown, `${call} by a ${role}, ${kind}`);
      }
    }
  }
});

test("whoever is taken out of a private room loses sight of it", async (t) => {
  const people = await People.gather(t);
  const { editor, maker } = people;
  const { room } = await people.room("private inside", editor);
  await editor.call("thanks");
  editor.forget();
  await maker.call("room:remove", { room, member: editor.member.id });
  const left = await editor.take("roomleft");
  assert.deepEqual([left.room, left.member], [room, editor.member.id]);
  await maker.call("message:send", { room, body: "Rosebud" });
  await assert.rejects(editor.call("room:open", { room }), { code: "not_found" });
  const { facts } = await editor.call("thanks", { since: 0 });
  assert.doesNotMatch(JSON.stringify([facts, editor.pending()]), /Rosebud/);
  const ofRoom = facts.filter((fact) => fact.room === room);
  assert.deepEqual(
    ofRoom.map(({ name }) => name),
    ["roomjoined", "roomleft"],
  );
});

/** Three who act, one of each role, and those who make what they act on. */
class People {
  #hidden = new Map();

  static async gather(t) {
    const people = new People();
    const server = await Host.start(t, ANYONE);
    people.server = server;
    people.host = await server.enterAsHost();
    people.editor = await server.enter("Editor");
    people.viewer = await server.enter("Viewer");
    people.maker = await server.enter("Maker");
    people.insider = await server.enter("Insider");
    people.stranger = await server.signIn("Stranger", {});
    await people.#become(people.viewer, "viewer");
    const { host, editor, viewer, insider } = people;
    for (const client of [host, editor, viewer, insider]) await client.call("thanks");
    const { rooms } = await people.maker.call("room:list");
    people.general = rooms[0].id;
    return people;
  }

  /** A room of this kind, as `actor` sees it, with a note and a message of somebody else. */
  async room(kind, actor) {
    if (kind.endsWith("outside")) {
      // Nobody can change these, so one of each is enough.
      if (!this.#hidden.has(kind)) this.#hidden.set(kind, await this.#make(kind, actor));
      return this.#hidden.get(kind);
    }
    return this.#make(kind, actor);
  }

  async #make(kind, actor) {
    const own = kind.startsWith("own");
    const owner = await this.#owner(kind, actor);
    const other = own ? this.maker : owner;
    if (own) await this.#become(actor, "editor");
    const room = await this.#create(kind, owner, actor);
    const { note } = await other.call("note:create", { room, title: "Title", body: "Text" });
    const { message } = await other.call("message:send", { room, body: "Message" });
    const { hash } = await this.#http(other, "POST", `?room=${room}`, "A file");
    if (kind.endsWith("destroyed")) await owner.call("room:destroy", { room });
    if (own) await this.#become(actor, actor.role);
    return { room, note: note.key, message: message.id, file: hash };
  }

  async #create(kind, owner, actor) {
    if (kind.startsWith("direct")) {
      const { member } = kind === "direct inside" ? actor : this.insider;
      return (await owner.call("room:direct", { member: member.id })).room.id;
    }
    const isPrivate = kind.startsWith("private");
    const { room } = await owner.call("room:create", { name: "Room", private: isPrivate });
    const invite = ({ member }) => owner.call("room:invite", { room: room.id, member: member.id });
    await invite(this.insider);
    if (kind.endsWith("inside")) await invite(actor);
    return room.id;
  }

  async #owner(kind, actor) {
    if (kind.startsWith("own")) return actor;
    // There is one direct conversation for each pair, so each takes somebody new.
    return kind === "direct inside" ? this.server.enter("Partner") : this.maker;
  }

  async #become(client, role) {
    client.role ??= role;
    if (client === this.host) return;
    await this.host.call("member:role", { member: client.member.id, role });
  }

  /** Asks for something about a room, by a call or by HTTP. */
  ask(actor, call, at) {
    if (call === "POST:/files")
      return this.#http(actor, "POST", `?room=${at.room}`, "Another file");
    if (call === "GET:/files") return this.#http(actor, "GET", `/${at.room}/${at.file}`);
    return actor.call(call, this.payload(call, at));
  }

  async #http({ token }, method, path, text) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await this.server.http(method, `/files${path}`, { headers, text });
    if (answer.status < 300) return answer.body;
    throw Object.assign(new Error(answer.text), answer.body.error);
  }

  /** What a call about a room, or about what is in it, says. */
  payload(call, { room, note: key, message }) {
    const payloads = {
      "room:update": { room, topic: randomUUID() },
      "room:invite": { room, member: this.stranger.member.id },
      "room:remove": { room, member: this.insider.member.id },
      "room:read": { room, seq: 1 },
      "note:create": { room, title: "Title" },
      "note:read": { key },
      "note:open": { key },
      "note:history": { key },
      "note:edit": { key, update: typed("Typed") },
      "note:move": { key, room },
      "note:update": { key, version: 1, body: "Other text" },
      "note:destroy": { key },
      "note:restore": { key },
      search: { query: "Text", room },
      "message:send": { room, body: "Message" },
      "message:edit": { message, body: "Other" },
      "message:destroy": { message },
    };
    return payloads[call] ?? { room };
  }
}

/** Somebody's first typing, as Yjs tells it. */
function typed(text) {
  const doc = new Y.Doc();
  doc.getText("body").insert(0, text);
  return Buffer.from(Y.encodeStateAsUpdate(doc)).toString("base64");
}

/** What came of a call: `ok`, or the code of its refusal. */
async function outcomeOf(asked) {
  return asked.then(
    () => "ok",
    ({ code }) => code,
  );
}

/** The lines of the table. */
function rows() {
  const lines = TABLE.split("\n").map((line) => line.trim().split(/\s+/));
  let call;
  return lines
    .filter((words) => ROLES.some((role) => words.slice(0, 2).includes(role)))
    .map((words) => {
      if (!ROLES.includes(words[0])) call = words.shift();
      const [role, ...cells] = words;
      assert.equal(cells.length, KINDS.length, `${call} ${role}`);
      return { call, role, cells };
    });
}
