// The encrypted side of a host: connections, below what HTTP clients show of them.

import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { connect } from "node:tls";

import { tlsFor } from "./trust.mjs";

/** What an app says it speaks. */
export const LINK = "hearth/1";

/** An encrypted connection, past the handshake and what TLS 1.3 says after it. */
export async function connectTls(host, options = {}) {
  const { hostname, port } = new URL(host.url);
  const socket = connect({ host: hostname, port, ...tlsFor(host.url), ...options });
  socket.on("error", () => {});
  await Promise.race([
    once(socket, "secureConnect"),
    once(socket, "close").then(() => {
      throw new Error("the host ended the handshake");
    }),
  ]);
  return socket;
}

/** A request written by hand on an open connection; the answer's first line. */
export async function ask(socket, host, path = "/health") {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  let answer = "";
  for await (const part of socket) {
    answer += part;
    if (answer.includes("\r\n\r\n")) break;
  }
  return answer.split("\r\n")[0];
}

/** An address of this computer on a network, or undefined without a network. */
export function networkAddress() {
  const all = Object.values(networkInterfaces()).flat();
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
