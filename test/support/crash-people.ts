/** What people do on a site, and wait for, while its process may die at any moment. */
import { setTimeout as pause } from "node:timers/promises";
import type { Play } from "./crash-story.ts";
import { ADMIN_TOKEN, type RunningService, type Site } from "./service.ts";
import { until } from "./until.ts";

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 45_000;

/** Waits until it is so; false: the process died first. */
export async function sees(
  service: RunningService,
  what: string,
  isSo: () => Promise<boolean> | boolean,
): Promise<boolean> {
  let isGone = false;
  void service.ended.then(() => (isGone = true));
  const look = async () => {
    if (isGone) return "gone";
    if (await isSo()) return "seen";
    await pause(LOOK_EVERY_MS);
    return null;
  };
  return (await until(what, look, PATIENCE_MS)) === "seen";
}

/** What the sweep at start finds would be chance. */
export async function sweepIsOver(site: Site, service: RunningService): Promise<void> {
  await says(site, service, '"msg":"sweep"');
}

/** Waits until a process of the site has printed this; false: the process died first. */
export function says(site: Site, service: RunningService, text: string): Promise<boolean> {
  return sees(service, `it says ${text}`, async () => (await site.output()).includes(text));
}

/** The status of the answer; null: the process died before it answered. */
export async function asks(service: RunningService, path: string, body: unknown): Promise<number | null> {
  const answer = await fetch(`${service.adminUrl}/api/keys/billing-worker/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  await answer?.arrayBuffer().catch(() => null);
  return answer?.status ?? null;
}

/** A graceful rotation, until the former secret is in its grace. */
export async function rotatesGracefully(site: Site, service: RunningService): Promise<boolean> {
  site.paddle.warnExpiring(site.key.id);
  return sees(
    service,
    "the new secret is promoted",
    async () => (await site.secret("OLD_PADDLE_KEY")) !== null,
  );
}

/** What Paddle does, it does once: to the process that dies, or it tells the next one. */
export const happensOnce =
  (happen: (site: Site) => void) =>
  (site: Site): Play => {
    let happened = false;
    return async () => {
      if (!happened) happen(site);
      happened = true;
    };
  };

/** Brings a key; asks again only if nobody answered. */
export function bringsKey(site: Site, permissions: readonly string[]): Play {
  const expiresAt = site.paddle.clock.now() + 80 * DAY_MS;
  const { secret } = site.paddle.createKey({ name: "brought", expiresAt, permissions });
  let isTaken = false;
  return async (service) => {
    isTaken ||= (await asks(service, "replacement", { key: secret })) === 202;
  };
}
