// Somebody else, with the official client, at the address that the window shows.

import { Client } from "../node/support/client.mjs";
import { request } from "../node/support/request.mjs";
import { trustInvitation } from "../node/support/trust.mjs";

/** Comes in with an invitation as a browser would, and connects. */
export async function join(t, invitation, name) {
  await trustInvitation(invitation);
  const url = new URL(invitation).origin;
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
