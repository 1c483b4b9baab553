/** A service that speaks TLS itself tells in its log what its callers would otherwise find out first. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { openSite } from "../support/service.ts";
import { selfSignedCertificate } from "../support/stores/self-signed-certificate.ts";
import { uniquePrefix } from "../support/unique.ts";
import { until } from "../support/until.ts";

it("warns of a certificate that ends soon, and of a handshake that fails", async () => {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "tls-")), (path) => rm(path, { recursive: true }));
  const [certFile, keyFile] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const { cert, key } = selfSignedCertificate();
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const site = opened.use(
    await openSite({
      env: { QUEUE_URL: inject("redisUrl"), QUEUE_PREFIX: uniquePrefix() },
      yaml: `listeners: { admin: { tls: { certFile: ${certFile}, keyFile: ${keyFile} } } }`,
    }),
  );
  const { adminUrl } = await site.start();
  expect(await site.output()).toMatch(
    /"level":"warn".*"certificate":"listeners\.admin\.tls\.certFile","until":"\d{4}-\d\d-\d\d".*"msg":"a certificate ends soon: renew it, and restart"/,
  );
  // By plain HTTP.
  await expect(fetch(`${adminUrl}/livez`)).rejects.toThrow();
  await until("the handshake is told of", async () =>
    /"listener":"admin","code":"ERR_SSL_HTTP_REQUEST".*"msg":"TLS handshake failed"/.test(
      await site.output(),
    ),
  );
});
