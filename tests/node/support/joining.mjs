// Those who ask to join: the six digits, and apps that come by a link with a key of their own.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";

import { makeApp } from "./certify.mjs";
import { LINK } from "./tls.mjs";
import { fingerprint } from "./trust.mjs";

const NO_KEY = "0".repeat(64);
const bytes = (hex) => Buffer.from(hex, "hex");

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The six digits between two keys, with one nonce of each side; all in hex. */
export function digits(hostKey, joinerKey, hostNonce, joinerNonce) {
  const parts = [hostKey, joinerKey, hostNonce, joinerNonce].map(bytes);
  const number = sha256("hearth digits v1", ...parts).readBigUInt64BE() % 1_000_000n;
  return String(number).padStart(6, "0");
}

/** A nonce of the one who asks, and what is said of it before it is shown. */
export class Nonce {
  constructor(hex = randomBytes(32).toString("hex")) {
    this.hex = hex;
    this.commit = sha256("hearth commit v1", bytes(hex)).toString("hex");
  }
}

/** Somebody without a link: a browser or a script. */
export class Guest {
  constructor(host) {
    this.host = host;
    this.key = NO_KEY;
    this.hostKey = NO_KEY;
  }

  http(method, path, options) {
    return this.host.http(method, path, options);
  }

  /** Asks to be let in; answers the knock, once both sides can show the digits. */
  async knock(name, more = {}) {
    const nonce = new Nonce();
    const asked = await this.ask(name, nonce, more);
    const { status } = await this.reveal(asked.knock, nonce);
    if (status !== 204) throw new Error(`reveal: ${status}`);
    return { ...asked, digits: this.digits(asked, nonce) };
  }

  /** Only the first half: the host's nonce is known, and ours is not. */
  async ask(name, { commit }, more = {}) {
    const answer = await this.http("POST", "/sign-in", { body: { name, commit, ...more } });
    if (answer.status !== 202) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  reveal(knock, { hex }) {
    return this.http("POST", `/sign-in/${knock}`, { body: { reveal: hex } });
  }

  digits({ nonce }, { hex }) {
    return digits(this.hostKey, this.key, nonce, hex);
  }

  /** What the host decides. */
  wait(knock) {
    return this.http("GET", `/sign-in/${knock}`);
  }

  leave(knock) {
    return this.http("DELETE", `/sign-in/${knock}`);
  }
}

/** An app: it comes by TLS, says so, and shows a key of its own. */
export class App extends Guest {
  constructor(host, made = makeApp()) {
    super(host);
    this.made = made;
    this.key = fingerprint(made.cert);
    this.hostKey = undefined;
  }

  async http(method, path, { headers = {}, body } = {}) {
    const { hostname, port } = new URL(this.host.url);
    const link = { ...this.made, ALPNProtocols: [LINK], rejectUnauthorized: false };
    const sent = request({ hostname, port, path, method, headers, agent: false, ...link });
    sent.once("socket", (socket) =>
      socket.once("secureConnect", () => {
        this.hostKey = fingerprint(socket.getPeerCertificate());
      }),
    );
    if (body !== undefined) sent.setHeader("content-type", "application/json");
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = await once(sent, "response");
    let text = "";
    for await (const part of answer.setEncoding("utf8")) text += part;
    const json = answer.headers["content-type"] === "application/json";
    return { status: answer.statusCode, text, body: json && text && JSON.parse(text) };
  }
}
