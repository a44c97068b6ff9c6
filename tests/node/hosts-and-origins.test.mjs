// Host × Origin × credential: who may address the host from where, by HTTP, polling and WebSocket,
// with TLS and without. What is right stands beside each entry of the lists, written down by hand;
// the table is all of their combinations. (What the window's own listener answers to is tried in
// tests/server.)

import assert from "node:assert/strict";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import { once } from "node:events";
import { test } from "node:test";

import { WebSocket } from "ws";

import { Host } from "./support/host.mjs";
import { Files, GIF } from "./support/files.mjs";
import { agentFor, tlsFor } from "./support/trust.mjs";

/** On a machine that does other things, one table takes longer than anybody may stay unknown. */
const OPTIONS = ["--admit", "anyone", "--limits", "off,sign_in_within_ms=600000"];
const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";
const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const AT_ONCE = 8;

/**
 * What `Host` says, for a host at this port, and whether it is the host's. A name that anybody can
 * point here (DNS rebinding) never is; an address always is, because no page can come from a name
 * and say an address.
 */
const HOSTS = (port) => ({
  [`127.0.0.1:${port}`]: "own",
  "127.0.0.1": "own",
  "192.168.1.20:4747": "own",
  [`[::1]:${port}`]: "own",
  "[2001:db8::7]": "own",
  [`localhost:${port}`]: "own",
  [`LocalHost:${port}`]: "own",
  [`localhost.:${port}`]: "own",
  "evil.example": "foreign",
  [`evil.example:${port}`]: "foreign",
  [`127.0.0.1.evil.example:${port}`]: "foreign",
  [`127.0.0.1.nip.io:${port}`]: "foreign",
  [`localhost.evil.example:${port}`]: "foreign",
  [`evillocalhost:${port}`]: "foreign",
  [`127.0.0.1.:${port}`]: "foreign",
  [`127.1:${port}`]: "foreign",
  2130706433: "foreign",
  "0x7f000001": "foreign",
  [`hearth.local:${port}`]: "foreign",
  [`xn--lcalhost-7hf:${port}`]: "foreign",
  [`me@127.0.0.1:${port}`]: "unreadable",
  "127.0.0.1:99999": "unreadable",
  "127.0.0.1:": "unreadable",
  [`127.0.0.1:${port}/x`]: "unreadable",
  [`https://127.0.0.1:${port}`]: "unreadable",
  "[::1": "unreadable",
  "127.0.0.1, evil.example": "unreadable",
});

/**
 * What `Origin` says to a host that is addressed as `host` by `scheme`, and whether it is the
 * host's own page: same scheme, same name, same port, and nothing else.
 */
const ORIGINS = (scheme, other, host) => ({
  [undefined]: "no page",
  [`${scheme}://${host}`]: "own",
  [`${other}://${host}`]: "foreign",
  [`${scheme}://${host}/`]: "foreign",
  [`${scheme}://${host}.evil.example`]: "foreign",
  [`${scheme}://me@${host}`]: "foreign",
  [`${scheme}://${host.replace(/:\d+$/, "")}:1`]: "foreign",
  [`${scheme}://evil.example`]: "foreign",
  [`${scheme}://evil.example#${host}`]: "foreign",
  "tauri://localhost": "foreign",
  "file://": "foreign",
  null: "foreign",
  "": "foreign",
});

/** Who says to ask, and whether that is somebody. */
const CREDENTIALS = (cookie, token) => ({
  nothing: [{}, false],
  "a cookie": [{ cookie: `${cookie}=${token}` }, true],
  "a token": [{ authorization: `Bearer ${token}` }, true],
  "a made-up cookie": [{ cookie: `${cookie}=${"A".repeat(43)}` }, false],
  "a made-up token": [{ authorization: `Bearer ${"A".repeat(43)}` }, false],
});

/** The whole table for one scheme. */
function table(scheme, port, cookie, token) {
  const other = scheme === "https" ? "http" : "https";
  const rows = [];
  for (const [host, whose] of Object.entries(HOSTS(port))) {
    for (const [origin, from] of Object.entries(ORIGINS(scheme, other, host))) {
      for (const [who, [sent, known]] of Object.entries(CREDENTIALS(cookie, token))) {
        const headers = { host, ...sent, ...(origin === "undefined" ? {} : { origin }) };
        rows.push({ headers, known, right: right(whose, from), what: [host, origin, who] });
      }
    }
  }
  return rows;
}

/** What the host has to say before it looks at who asks; nothing if it has to look. */
function right(whose, from) {
  if (whose === "unreadable") return [400, "bad_request"];
  if (whose === "foreign" || from === "foreign") return [403, "forbidden"];
  return undefined;
}

/** A host, and ways to ask it in one scheme. */
class Asked {
  static async open(t, scheme) {
    const files = await Files.open(t, OPTIONS);
    const asked = new Asked();
    const { body } = await files.add(files.ann, files.room, GIF);
    const url = new URL(scheme === "https" ? files.host.url : files.host.first.url);
    const short = files.host.session.slice(-8);
    Object.assign(asked, { t, scheme, url, token: files.ann.token });
    asked.cookie = scheme === "https" ? `__Host-hearth.sid.${short}` : `hearth.sid.${short}`;
    asked.file = `/files/${files.room}/${body.hash}`;
    const keptOpen = { keepAlive: true, maxSockets: AT_ONCE };
    asked.agent =
      scheme === "https" ? new Agent({ ...keptOpen, ...tlsFor(url) }) : new PlainAgent(keptOpen);
    t.after(() => asked.agent.destroy());
    return asked;
  }

  get table() {
    return table(this.scheme, this.url.port, this.cookie, this.token);
  }

  async http(method, path, headers, text) {
    const { hostname, port } = this.url;
    const send = this.scheme === "https" ? request : plainRequest;
    const sent = send({ hostname, port, path, method, headers, agent: this.agent });
    sent.end(text);
    const upgraded = once(sent, "upgrade").then(([answer, socket]) => {
      socket.destroy();
      return [answer];
    });
    upgraded.catch(() => {});
    const [answer] = await Promise.race([once(sent, "response"), upgraded]);
    let said = "";
    for await (const part of answer.setEncoding("utf8")) said += part;
    return { status: answer.statusCode, text: said };
  }

  /** Asks for a WebSocket where none is to be had, which costs no connection of its own. */
  refusedWebSocket(headers) {
    return this.http("GET", WEBSOCKET, { ...headers, ...UPGRADE });
  }

  /** What becomes of a WebSocket that says this: the status it is refused with, or what is heard. */
  async webSocket(headers, frame) {
    const address = `${this.scheme.replace("http", "ws")}://${this.url.host}${WEBSOCKET}`;
    const socket = new WebSocket(address, { headers, ...agentFor(address) });
    const heard = new Promise((resolve, reject) => {
      socket.on("unexpected-response", async (_, answer) => {
        let text = "";
        for await (const part of answer.setEncoding("utf8")) text += part;
        resolve({ status: answer.statusCode, text });
      });
      socket.on("open", () => socket.send(frame));
      socket.on("message", (message) => {
        if (/^4[04]/.test(message)) resolve({ status: 101, text: String(message) });
      });
      socket.on("error", reject);
    });
    const outcome = await heard;
    socket.terminate();
    return outcome;
  }
}

/** Asks for all rows, a few at a time; `ask` answers `{status, text}`, `expected` what is right. */
async function all(rows, ask, expected) {
  const waiting = rows[Symbol.iterator]();
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (const row of waiting) {
      const { status, text } = await ask(row);
      const [wanted, code] = row.right ?? expected(row);
      const what = `${row.what.join(" | ")}: ${text}`;
      assert.equal(status, wanted, what);
      if (row.right) assert.equal(JSON.parse(text).error.code, code, what);
    }
  });
  await Promise.all(lanes);
  assert.ok(rows.length >= 200);
}

for (const scheme of ["https", "http"]) {
  test(`by ${scheme}, a file is shown to whoever may see it, and to no page from elsewhere`, async (t) => {
    const asked = await Asked.open(t, scheme);
    t.diagnostic(`${asked.table.length} combinations`);
    const ask = ({ headers }) => asked.http("GET", asked.file, headers);
    await all(asked.table, ask, ({ known }) => [known ? 200 : 401]);
  });

  test(`by ${scheme}, polling is opened from nowhere else, and goes on from nowhere else`, async (t) => {
    const asked = await Asked.open(t, scheme);
    const opening = ({ headers }) => asked.http("GET", HANDSHAKE, headers);
    await all(asked.table, opening, () => [200]);
    // One that was opened rightly is not taken over by a page from elsewhere.
    const { host } = asked.url;
    const opened = await asked.http("GET", HANDSHAKE, { host });
    const path = `${HANDSHAKE}&sid=${JSON.parse(opened.text.slice(1)).sid}`;
    const foreign = asked.table.filter((row) => row.right);
    const frame = `40${JSON.stringify({ token: asked.token })}`;
    await all(foreign, ({ headers }) => asked.http("POST", path, headers, frame));
    assert.equal((await asked.http("POST", path, { host }, frame)).status, 200);
  });

  test(`by ${scheme}, a WebSocket is opened from nowhere else, and then says who it is`, async (t) => {
    const asked = await Asked.open(t, scheme);
    // The host's own page says who it is by cookie, which the browser adds, or by token.
    const ask = async ({ headers, known, right }) => {
      if (right) return asked.refusedWebSocket(headers);
      const { authorization, ...rest } = headers;
      const token = authorization?.slice("Bearer ".length);
      const answer = await asked.webSocket(rest, token ? `40${JSON.stringify({ token })}` : "40");
      if (answer.status !== 101) return answer;
      return { ...answer, status: answer.text.startsWith(known ? "40" : "44") ? 101 : 0 };
    };
    await all(asked.table, ask, () => [101]);
  });
}

test("two of either are one too many", async (t) => {
  const host = await Host.start(t, OPTIONS);
  const { host: own } = new URL(host.url);
  const page = host.url;
  for (const [headers, status] of [
    [["Host", own, "Host", own], 400],
    [["Host", own, "Host", "evil.example"], 400],
    [["Host", own, "Origin", page, "Origin", page], 403],
    [["Host", own, "Origin", page, "Origin", "https://evil.example"], 403],
    [["Host", own, "Origin", page], 200],
  ]) {
    assert.equal((await host.http("GET", "/health", { headers })).status, status, headers.join());
  }
});
