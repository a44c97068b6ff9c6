import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** What says who a computer is, in the folder of a host. */
const IS_IDENTITY = /^identity\./;

/**
 * The computer that all hosts of a test file run on. They have one key, so that one browser can be
 * told of it when it is launched.
 */
export class Installation {
  /** SHA-256 of the public key, once a host has said it. */
  fingerprint: string | null = null;
  /** The certificate of that key, as PEM. */
  certificate: string | null = null;
  #dir: string | null = null;

  /** Makes a folder of a host's that of this computer. */
  async moveInto(dir: string) {
    if (this.#dir) await cp(this.#dir, dir, { recursive: true });
  }

  /** Takes the identity that a host in `dir` has made and serves at `url`. */
  async keep(dir: string, url: string, fingerprint: string) {
    const certificate = await shownAt(url);
    const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
    const found = createHash('sha256').update(key).digest('hex');
    if (found !== fingerprint) throw new Error(`the key is ${found}, and was to be ${fingerprint}`);
    this.fingerprint = fingerprint;
    this.certificate = certificate.toString();
    if (this.#dir) return;
    this.#dir = await mkdtemp(join(tmpdir(), 'hearth-e2e-identity-'));
    const files = (await readdir(dir)).filter((name) => IS_IDENTITY.test(name));
    for (const name of files) await cp(join(dir, name), join(this.#dir, name));
  }

  async remove() {
    if (this.#dir) await rm(this.#dir, { recursive: true });
  }
}

async function shownAt(url: string): Promise<X509Certificate> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (!certificate) throw new Error(`${url} shows no certificate`);
  return certificate;
}
