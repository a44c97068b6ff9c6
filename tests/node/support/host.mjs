// A real `hearthd` with a session of its own, and the ways into it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Client } from "./client.mjs";
import { request } from "./request.mjs";
import { Secrets } from "./secrets.mjs";
import { trust } from "./trust.mjs";

/** The program under test. */
export const PROGRAM =
  process.env.HEARTHD ?? fileURLToPath(new URL("../../../target/debug/hearthd", import.meta.url));

/**
 * What hosts here log: all they can, so that what must never be logged would be found. Crates that
 * use `log` are held to `info` when they are built.
 */
const HEARTH_LOG = process.env.HEARTH_LOG ?? "trace";

/**
 * A host that is stopped, and its session thrown away, when the test is over. It is spoken to by
 * TLS, and only if it has the key that its first line says.
 */
export class Host {
  /**
   * Starts one, `inside` of another computer's network perhaps, with more in its environment.
   * Whoever knows the PIN comes in, unless `options` say otherwise.
   */
  static async start(t, options = ["--pin", "2468"], { inside = [], env = {} } = {}) {
    const host = await this.prepare(t);
    Object.assign(host, { inside, env });
    await host.run(options);
    return host;
  }

  /** One that is not started yet. */
  static async prepare(t) {
    const data = await mkdtemp(join(tmpdir(), "hearth-node-"));
    const host = new this(t, data);
    t.after(async () => {
      await host.stop();
      if (host.process) host.secrets.assertNotIn(host.log);
      await rm(data, { recursive: true });
    });
    return host;
  }

  constructor(t, data) {
    this.t = t;
    this.data = data;
    /** What stands before the command, to run it elsewhere. */
    this.inside = [];
    this.env = {};
    this.logFile = `${data}.log`;
    /** What was handed out here and must not be found in the log. */
    this.secrets = new Secrets();
  }

  /** What it wrote to standard error, in all its runs. */
  get log() {
    return readFileSync(this.logFile, "utf8");
  }

  /** Runs the program on this host's session, which goes on where it was. */
  async run(options = []) {
    if (!this.process) this.t.after(() => rm(this.logFile, { force: true }));
    const log = openSync(this.logFile, "a");
    const env = { ...process.env, HEARTH_LOG, ...this.env };
    const [program, ...args] = [...this.inside, PROGRAM, ...this.command(options)];
    this.process = spawn(program, args, { stdio: ["ignore", "pipe", log], env });
    closeSync(log);
    this.output = "";
    this.process.stdout.on("data", (text) => (this.output += text));
    const line = once(createInterface(this.process.stdout), "line");
    const exit = once(this.process, "exit").then(([code]) => {
      throw new Error(`hearthd ended with ${code}:\n${this.log}`);
    });
    exit.catch(() => {});
    const [first] = await Promise.race([line, exit]);
    this.first = JSON.parse(first);
    Object.assign(this, this.first);
    this.secrets.addInvitation(this.sign_in_url);
    await this.begun();
  }

  /** What the program is started with. */
  command(options) {
    const listen = options.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    return ["host", "--data", this.data, ...listen, ...options];
  }

  /** From here on it is spoken to. */
  async begun() {
    // On loopback it names the address without TLS; both are served at the same port.
    this.url = this.url.replace("http:", "https:");
    // What is elsewhere is not reached from here.
    if (this.inside.length === 0) await trust(this.url, this.fingerprint);
  }

  /** Stops it in good order; answers its exit code. */
  async stop() {
    if (!this.process) return null;
    if (this.hasEnded()) return this.process.exitCode;
    const exit = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const [code] = await exit;
    return code;
  }

  hasEnded() {
    const { exitCode, signalCode } = this.process;
    return exitCode !== null || signalCode !== null;
  }

  /** Ends it from one moment to the next, as a power cut does. */
  async kill() {
    if (this.hasEnded()) return;
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
  }

  /** A request, as `request` makes it. */
  http(method, path, options) {
    return request(this.url, method, path, options);
  }

  /** Signs somebody in; `name` is all that is needed where the PIN is known. */
  async signIn(name, more = { pin: "2468" }) {
    const answer = await this.http("POST", "/sign-in", { body: { name, ...more } });
    if (answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    this.secrets.add(answer.body.token);
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
    const client = new Client(`${this.url}${namespace}`, { secrets: this.secrets, ...options });
    this.t.after(() => client.close());
    return client;
  }

  /** The same without TLS, for what is about that. */
  plainClient(options = {}) {
    const client = new Client(this.url.replace("https:", "http:"), options);
    this.t.after(() => client.close());
    return client;
  }
}
