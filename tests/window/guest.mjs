// Somebody else, with the official client, at the address that the window shows.

import { readFile } from "node:fs/promises";

import { Client } from "../node/support/client.mjs";
import { request } from "../node/support/request.mjs";
import { fingerprint, trust } from "../node/support/trust.mjs";

/** The address of a window's session; whoever is there has to have the key of the window's folder. */
export async function addressOf({ data }, { invitation }) {
  const [{ url }] = invitation.urls;
  await trust(url, fingerprint(await readFile(`${data}/identity.crt`)));
  return new URL(url).origin;
}

/** Comes in as a browser would, at an address whose key is trusted, and connects. */
export async function join(t, url, name) {
  const answer = await signIn(url, name);
  if (answer.status !== 201) throw new Error(`sign-in: ${answer.status}`);
  const { token, member } = answer.body;
  const client = new Client(url, { auth: { token } });
  t.after(() => client.close());
  await client.connected();
  return Object.assign(client, { member });
}

/** Asks to come in, at an address whose key is trusted. */
export function signIn(url, name) {
  return request(url, "POST", "/sign-in", { body: { name } });
}
