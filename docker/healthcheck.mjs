/** The container's health: 0 while the service can take work. Needs no curl, no credentials and no certificate. */
import http from "node:http";
import https from "node:https";

const port = process.env.ADMIN_PORT ?? "9090";
const signal = AbortSignal.timeout(2_500);

/** Whether the service is ready; null: this protocol is not spoken there, or nobody answers. */
function ask(protocol) {
  return new Promise((resolve) => {
    // Only whether is asked, on this machine's own address, which no certificate names.
    const where = { host: "127.0.0.1", port, path: "/readyz", rejectUnauthorized: false, signal };
    protocol
      .get(where, (answer) => resolve(answer.resume().statusCode === 200))
      .on("error", () => resolve(null));
  });
}

// The second where `listeners.admin.tls` is set.
process.exitCode = ((await ask(http)) ?? (await ask(https))) ? 0 : 1;
