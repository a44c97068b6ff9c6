// One HTTP request to a host, by TLS or without as its address says.

import { once } from "node:events";
import { request as plainly } from "node:http";
import { request as encrypted } from "node:https";

import { agentFor } from "./trust.mjs";

/**
 * A request; `headers` are sent exactly as given, `Host` included. It carries `body` as JSON, or
 * `text` as it is. `localAddress` is one of this computer's that it comes from.
 */
export async function request(url, method, path, options = {}) {
  const { headers = {}, body, text: given, localAddress } = options;
  const { protocol, hostname, port } = new URL(url);
  const send = protocol === "https:" ? encrypted : plainly;
  const to = { hostname, port, path, method, headers, localAddress };
  const sent = send({ ...to, agent: false, ...agentFor(url) });
  if (body !== undefined) sent.setHeader("content-type", "application/json");
  sent.end(body === undefined ? given : JSON.stringify(body));
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  const json = answer.headers["content-type"] === "application/json";
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    body: json && text && JSON.parse(text),
  };
}
