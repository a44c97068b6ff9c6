// A real `hearthd join`: somebody's own copy of a session that another `hearthd` hosts.

import { execFile } from "node:child_process";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { Host, PROGRAM } from "./host.mjs";

const run = promisify(execFile);

/** What ends waiting. */
const DEADLINE_MS = 20_000;

/** A copy, which goes on where it was when it is run again without saying what to join. */
export class Copy extends Host {
  command(options) {
    return ["join", "--data", this.data, ...options];
  }

  /** Its server is for this computer alone, and speaks no TLS. */
  async begun() {}

  /** Begins to join, without waiting until it is in. */
  static async begin(t, options) {
    const copy = await this.prepare(t);
    copy.started = copy.run(options);
    copy.started.catch(() => {});
    return copy;
  }

  /** Waits for what the program says to the person who started it. */
  async said(pattern, within = DEADLINE_MS) {
    for (const until = Date.now() + within; Date.now() < until; await sleep(20)) {
      const found = this.log.match(pattern);
      if (found) return found;
    }
    throw new Error(`it did not say ${pattern}:\n${this.log}`);
  }

  /** Waits until it has set itself aside for the new history of its host; answers where. */
  async setAside() {
    const [, kept] = await this.said(/kept as (.+), and a new copy was begun/);
    return kept;
  }

  /** Goes on with the new copy that is begun in one run: the sign-ins of the old one are gone. */
  async begunAnew() {
    await this.setAside();
    const lines = await within("a second line", () => {
      const ended = this.output.split("\n").slice(0, -1);
      return ended.length >= 2 && ended;
    });
    const second = JSON.parse(lines[1]);
    this.secrets.addInvitation(second.sign_in_url);
    Object.assign(this, second);
  }

  /** The exit code of one that is not let in or cannot begin. */
  async refused() {
    await this.started.then(
      () => {
        throw new Error("it was let in");
      },
      () => {},
    );
    return this.process.exitCode;
  }

  /** The person whose copy it is, connected to it. */
  async own() {
    const invite = new URL(this.sign_in_url).hash.slice(1);
    const { token, member } = await this.signIn("Anybody", { invite });
    return this.back(token, member);
  }

  /** The same person, after the program was started again. */
  async back(token, member) {
    const client = this.client({ auth: { token } });
    client.socket.on("link", (link) => (client.link = link));
    await client.connected();
    return Object.assign(client, { token, member });
  }
}

/** Keeps the session of `host` as it is now; what is answered ends the host and puts that back. */
export async function backup(host) {
  const before = join(host.data, "before.hearth");
  await run(PROGRAM, ["backup", "--data", host.data, before]);
  return async () => {
    await host.stop();
    await rename(before, join(host.data, "session.hearth"));
  };
}

/** Looks until `look` finds something, and answers it. */
export async function within(what, look, deadline_ms = DEADLINE_MS) {
  for (const until = Date.now() + deadline_ms; Date.now() < until; await sleep(20)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`there was not ${what} within ${deadline_ms} ms`);
}

/**
 * Waits until it stands like this with the host, as a client of a copy is told: a state, or what is
 * to be true of the `link`.
 */
export async function linked(client, wanted, within = DEADLINE_MS) {
  const is = typeof wanted === "string" ? ({ state }) => state === wanted : wanted;
  for (const until = Date.now() + within; Date.now() < until; await sleep(10)) {
    if (client.link && is(client.link)) return client.link;
  }
  throw new Error(`not ${wanted} but ${JSON.stringify(client.link)}`);
}

/** Every fact that a client may hear, with its number, from its host or its copy. */
export async function everything(client) {
  const facts = [];
  for (let [since, live] = [0, false]; !live;) {
    const page = await patiently(client, "thanks", { follow: "everything", since });
    facts.push(...page.facts);
    ({ next: since, live } = page);
  }
  return facts;
}

/** Calls again whatever was too much at once, when it is no longer. */
export async function patiently(client, name, payload) {
  for (;;) {
    try {
      return await client.call(name, payload);
    } catch (error) {
      if (error.code !== "rate_limited") throw error;
      await sleep(error.retry_after_ms);
    }
  }
}
