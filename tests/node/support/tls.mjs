// The encrypted side of a host: connections, requests, and certificates for apps that come in.

import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

/** What an app says it speaks. */
export const LINK = "hearth/1";

/** The lower-case hex SHA-256 of a certificate's public key. */
export function fingerprint(certificate) {
  const { publicKey } = new X509Certificate(certificate.raw ?? certificate);
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("hex");
}

/** An encrypted connection, past the handshake and what TLS 1.3 says after it. */
export async function connectTls(host, options = {}) {
  const { hostname, port } = new URL(host.url);
  const socket = connect({ host: hostname, port, rejectUnauthorized: false, ...options });
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

/** A request over TLS. */
export async function https(host, method, path, { headers = {}, body } = {}) {
  const { hostname, port } = new URL(host.url);
  const options = { hostname, port, path, method, headers, agent: false };
  const sent = request({ ...options, rejectUnauthorized: false });
  if (body !== undefined) sent.setHeader("content-type", "application/json");
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  const json = answer.headers["content-type"] === "application/json";
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    body: json && JSON.parse(text),
  };
}

/** A key and a certificate for it, as an app has them. */
export function makeApp() {
  const folder = mkdtempSync(join(tmpdir(), "hearth-app-"));
  const [key, cert] = ["key", "cert"].map((name) => join(folder, name));
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const args = ["req", "-x509", ...made, "-keyout", key, "-out", cert, "-subj", "/CN=app"];
  execFileSync("openssl", args, { stdio: "ignore" });
  const app = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return app;
}

/** An address of this computer on a network, or undefined without a network. */
export function networkAddress() {
  const all = Object.values(networkInterfaces()).flat();
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
