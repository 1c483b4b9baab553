/**
 * Keys go to Paddle over TLS, or in clear to the service's own machine and nowhere else. The demo's Paddle has no TLS, so this
 * is the service's own machine: it shares the service's network and hands on what comes to 127.0.0.1:4010.
 */
import { connect, createServer } from "node:net";

createServer((near) => {
  const far = connect(4010, "simulator");
  near.pipe(far).pipe(near);
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
}).listen(4010, "127.0.0.1");

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
