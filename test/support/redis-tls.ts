/** A real Redis that speaks TLS, with a certificate that nobody trusts until a test says so. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onFreePort } from "./owned-process.ts";
import { startRedisServer } from "./redis-server.ts";
import { selfSignedCertificate } from "./stores/self-signed-certificate.ts";

export type TlsRedis = AsyncDisposable & { readonly url: string; readonly certificate: string };

export async function startTlsRedis(): Promise<TlsRedis> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-tls-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const { cert, key } = selfSignedCertificate();
  const [certFile, keyFile] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const files = ["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile];
  const keeps = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];
  const launch = (tlsPort: number) =>
    startRedisServer({ args: ["--tls-port", `${tlsPort}`, "--tls-auth-clients", "no", ...files, ...keeps] });
  const { port, server } = await onFreePort(launch);
  opened.use(server);
  const owned = opened.move();
  return {
    url: `rediss://127.0.0.1:${port}`,
    certificate: cert,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
