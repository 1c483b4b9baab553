/** A real Redis that speaks TLS, with a certificate that nobody trusts until a test says so. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./owned-process.ts";
import { startRedisServer } from "./redis-server.ts";
import { selfSignedCertificate } from "./stores/self-signed-certificate.ts";

export type TlsRedis = AsyncDisposable & { readonly url: string; readonly certificate: string };

export async function startTlsRedis(): Promise<TlsRedis> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-tls-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const { cert, key } = selfSignedCertificate();
  const [certFile, keyFile, port] = [join(folder, "tls.crt"), join(folder, "tls.key"), await freePort()];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const files = ["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile];
  const args = ["--tls-port", `${port}`, ...files, "--tls-auth-clients", "no", "--appendonly", "yes"];
  opened.use(await startRedisServer({ args: [...args, "--maxmemory-policy", "noeviction"] }));
  const owned = opened.move();
  return {
    url: `rediss://127.0.0.1:${port}`,
    certificate: cert,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
