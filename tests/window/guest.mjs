// Somebody else, with the official client, at the address that the window shows.

import { Client } from "../node/support/client.mjs";
import { https } from "../node/support/tls.mjs";

/** Comes in at `url` as a browser would, and connects. */
export async function join(t, url, name) {
  const answer = await signIn(url, name);
  if (answer.status !== 201) throw new Error(`sign-in: ${answer.status}`);
  const { token, member } = answer.body;
  const client = new Client(url, { auth: { token }, rejectUnauthorized: false });
  t.after(() => client.close());
  await client.connected();
  return Object.assign(client, { member });
}

/** Asks to come in, by TLS. */
export function signIn(url, name) {
  return https({ url }, "POST", "/sign-in", { body: { name } });
}
