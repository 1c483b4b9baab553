/** Where the listeners of a configuration are reached from their own machine. */
import type { Config } from "../config/config.ts";

export type Listening = Pick<Config["publicListener"], "host" | "port" | "tls">;

/** Without a path. */
export function listenerAddress(listener: Listening): string {
  const host = reachedHost(listener);
  const inUrl = host.includes(":") ? `[${host}]` : host;
  return `${listener.tls ? "https" : "http"}://${inUrl}:${listener.port}`;
}

/** A listener on every address is reached on this machine's own. */
export function reachedHost({ host }: Listening): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
