// A real `hearthd` with a session of its own, and the ways into it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Client } from "./client.mjs";

/** The program under test. */
export const PROGRAM =
  process.env.HEARTHD ?? fileURLToPath(new URL("../../../target/debug/hearthd", import.meta.url));

/** A host that is stopped, and its session thrown away, when the test is over. */
export class Host {
  /**
   * Starts one, `inside` of another computer's network perhaps. Whoever knows the PIN comes in,
   * unless `options` say otherwise.
   */
  static async start(t, options = ["--pin", "2468"], { inside = [] } = {}) {
    const data = await mkdtemp(join(tmpdir(), "hearth-node-"));
    const host = new Host(t, data);
    host.inside = inside;
    t.after(async () => {
      await host.stop();
      await rm(data, { recursive: true });
    });
    await host.run(options);
    return host;
  }

  constructor(t, data) {
    this.t = t;
    this.data = data;
    /** What stands before the command, to run it elsewhere. */
    this.inside = [];
  }

  /** Runs the program on this host's session, which goes on where it was. */
  async run(options = []) {
    const listen = options.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    const command = ["host", "--data", this.data, ...listen, ...options];
    const [program, ...args] = [...this.inside, PROGRAM, ...command];
    this.process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.log = "";
    this.output = "";
    this.process.stderr.on("data", (text) => (this.log += text));
    this.process.stdout.on("data", (text) => (this.output += text));
    const line = once(createInterface(this.process.stdout), "line");
    const exit = once(this.process, "exit").then(([code]) => {
      throw new Error(`hearthd ended with ${code}:\n${this.log}`);
    });
    exit.catch(() => {});
    const [first] = await Promise.race([line, exit]);
    this.first = JSON.parse(first);
    Object.assign(this, this.first);
  }

  /** Stops it in good order; answers its exit code. */
  async stop() {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const exit = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const [code] = await exit;
    return code;
  }

  /** Ends it from one moment to the next, as a power cut does. */
  async kill() {
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
  }

  /**
   * A request; `headers` are sent exactly as given, `Host` included. It carries `body` as JSON, or
   * `text` as it is. `localAddress` is one of this computer's that it comes from.
   */
  async http(method, path, { headers = {}, body, text: given, localAddress } = {}) {
    const { hostname, port } = new URL(this.url);
    const to = { hostname, port, path, method, headers };
    const sent = request({ ...to, agent: false, localAddress });
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

  /** Signs somebody in; `name` is all that is needed where the PIN is known. */
  async signIn(name, more = { pin: "2468" }) {
    const answer = await this.http("POST", "/sign-in", { body: { name, ...more } });
    if (answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    return { ...answer.body, cookie: answer.headers["set-cookie"][0].split(";")[0] };
  }

  /** A client of somebody who is signed in, connected. */
  async enter(name, options = {}) {
    const { token, member } = await this.signIn(name);
    const client = this.client({ auth: { token }, ...options });
    await client.connected();
    return Object.assign(client, { member, token });
  }

  /** The person who started the host, connected. */
  async enterAsHost(name = "Hostess") {
    const invite = new URL(this.sign_in_url).hash.slice(1);
    const { token, member } = await this.signIn(name, { invite });
    const client = this.client({ auth: { token } });
    await client.connected();
    return Object.assign(client, { member, token });
  }

  /** A client that is not connected yet. */
  client({ namespace = "/", ...options } = {}) {
    const client = new Client(`${this.url}${namespace}`, options);
    this.t.after(() => client.close());
    return client;
  }
}
