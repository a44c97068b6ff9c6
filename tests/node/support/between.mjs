// Somebody between an app and its host: plays the host to one and the app to the other, with keys
// of their own.

import { once } from "node:events";
import { createServer } from "node:https";

import { makeApp } from "./certify.mjs";
import { App, Nonce } from "./joining.mjs";
import { LINK } from "./tls.mjs";

export class Between {
  /** `meddles`: with nonces of their own on both sides, rather than those that are sent. */
  static async start(t, host, { meddles }) {
    const between = new Between(host, meddles);
    const options = { ...makeApp(), ALPNProtocols: [LINK], requestCert: true };
    const server = createServer({ ...options, rejectUnauthorized: false }, (request, response) =>
      between.#relay(request, response),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    between.url = `https://127.0.0.1:${server.address().port}`;
    return between;
  }

  constructor(host, meddles) {
    this.app = new App(host);
    this.meddles = meddles;
    /** What the host is shown, and what the app is. */
    this.toHost = new Nonce();
    this.toApp = new Nonce();
  }

  async #relay(request, response) {
    const { method, url } = request;
    const body = await this.#read(request);
    const answer = await this.app.http(method, url, { body });
    if (this.meddles && answer.body?.nonce) answer.body.nonce = this.toApp.hex;
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body ? JSON.stringify(answer.body) : "");
  }

  async #read(request) {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    if (!text) return undefined;
    const body = JSON.parse(text);
    if (this.meddles && body.commit) body.commit = this.toHost.commit;
    if (this.meddles && body.reveal) body.reveal = this.toHost.hex;
    return body;
  }
}
