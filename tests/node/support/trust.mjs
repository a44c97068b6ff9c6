// Whom a test speaks to by TLS: whoever holds the key that a host says it has, and nobody else.

import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { Agent } from "node:https";
import { connect } from "node:tls";

import { Agent as Dispatcher } from "undici";

/** For each address of a host, how it is spoken to. */
const trusted = new Map();

/** Names say nothing on a network without authorities: the key is the identity. */
const NAMELESS = { servername: "", checkServerIdentity: () => undefined };

/** The lower-case hex SHA-256 of a certificate's public key. */
export function fingerprint(certificate) {
  const { publicKey } = new X509Certificate(certificate.raw ?? certificate);
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("hex");
}

/**
 * From now on everything here that speaks to `url` takes the certificate that is shown there now,
 * whose key has to have this fingerprint, and no other.
 */
export async function trust(url, expected) {
  const certificate = await shownAt(new URL(url));
  const found = fingerprint(certificate);
  if (found !== expected) throw new Error(`the key is ${found}, and was to be ${expected}`);
  const ca = new X509Certificate(certificate).toString();
  const tls = { ca, ...NAMELESS };
  // One connection for each request, as without TLS, but not a whole handshake for each.
  const agent = new Agent({ ...tls, keepAlive: false });
  trusted.set(new URL(url).origin, { tls, agent, dispatcher: new Dispatcher({ connect: tls }) });
}

/** What `node:tls` has to be told for this address. */
export function tlsFor(url) {
  return of(url).tls;
}

/** What `node:https`, `ws` and the official client have to be told; nothing without TLS. */
export function agentFor(url) {
  return isPlain(url) ? {} : { agent: of(url).agent };
}

/** What `fetch` has to be told; nothing without TLS. */
export function dispatcherFor(url) {
  return isPlain(url) ? {} : { dispatcher: of(url).dispatcher };
}

function isPlain(url) {
  return ["http:", "ws:"].includes(new URL(url).protocol);
}

function of(url) {
  const { host } = new URL(url);
  const known = trusted.get(`https://${host}`);
  if (!known) throw new Error(`no key is trusted at ${host}`);
  return known;
}

/** The certificate that is shown at an address. */
async function shownAt({ hostname, port }) {
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: port || 443, ...NAMELESS, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().raw;
  } finally {
    socket.destroy();
  }
}
