// Keys and certificates as others have them, with dates of the test's choice, by `openssl`.

import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `openssl ca` is the one command of it that takes a beginning. */
const AUTHORITY = (folder) => `
[ca]
default_ca = own
[own]
new_certs_dir = ${folder}
database = ${folder}/issued
default_md = sha256
rand_serial = yes
policy = any
x509_extensions = more
[any]
commonName = supplied
[more]
subjectAltName = DNS:localhost
`;

/** A new certificate, as DER, for the private key in a file that the host has written. */
export function certify(keyFile, dates) {
  const key = createPrivateKey({ key: readFileSync(keyFile), format: "der", type: "pkcs8" });
  return new X509Certificate(certificateFor(pem(key), dates)).raw;
}

/** A key and a certificate for it, as PEM, as an app has them. */
export function makeApp(dates = { begins: Date.now() - DAY_MS, ends: Date.now() + DAY_MS }) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = pem(privateKey);
  return { key, cert: certificateFor(key, dates) };
}

const pem = (key) => key.export({ type: "pkcs8", format: "pem" });

/** `begins` and `ends` are milliseconds since 1970. */
function certificateFor(key, { begins, ends }) {
  const folder = mkdtempSync(join(tmpdir(), "hearth-certificate-"));
  const at = (name) => join(folder, name);
  try {
    writeFileSync(at("key"), key);
    writeFileSync(at("config"), AUTHORITY(folder));
    writeFileSync(at("issued"), "");
    run(["req", "-new", "-key", at("key"), "-subj", "/CN=Hearth", "-out", at("request")]);
    const from = ["-startdate", spelled(begins), "-enddate", spelled(ends)];
    const own = ["-selfsign", "-keyfile", at("key"), "-config", at("config")];
    const quiet = ["-batch", "-notext"];
    run(["ca", ...quiet, ...own, ...from, "-in", at("request"), "-out", at("certificate")]);
    return readFileSync(at("certificate"), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args) {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** A time as certificates spell it. */
function spelled(ms) {
  return `${new Date(ms).toISOString().replace(/[-:T]|\..*/g, "")}Z`;
}
