/** Whether Paddle would send us webhooks: our own notification destination, as Paddle lists it. */
import { destinationUnfit, type DestinationFault } from "../alerts/reconcile-messages.ts";
import { onChange } from "../alerts/on-change.ts";
import type { Destination } from "../core/paddle-key.ts";
import type { Alerts, Clock, Json, PaddleApi, Records } from "../core/ports.ts";
import { KEY_EVENT_TYPES } from "../core/key-events.ts";
import { byEnvironment, type ReaderChoice, readWithFirst } from "./readers.ts";

const PERMISSION = "notification_setting.read";
const WEBHOOKS = "/webhooks/paddle";

export type DestinationDeps = ReaderChoice & {
  readonly paddle: Pick<PaddleApi, "listDestinations">;
  readonly records: Records;
  readonly alerts: Alerts;
  readonly clock: Clock;
  /** Where Paddle reaches this service, with or without the path; null: not said. */
  readonly publicUrl: string | null;
};

/** Warns once for each change. Without the permission to look, nothing is said. */
export async function checkDestination(deps: DestinationDeps): Promise<void> {
  const { records, alerts, clock, paddle, publicUrl } = deps;
  for (const choice of byEnvironment(deps)) {
    const read = await readWithFirst(choice, PERMISSION, (secret) => paddle.listDestinations(secret));
    if (!read) continue;
    const fault = destinationFault(read.result, publicUrl);
    const state: Json = fault && { ...fault };
    await onChange(records, `destination-${choice.environment}`, state, async ({ id }) => {
      if (fault) await alerts.raise(destinationUnfit(fault, `${choice.environment}-${id}`, clock.now()));
    });
  }
}

/** What is wrong with the best of our destinations; null: nothing. Pure. */
export function destinationFault(
  destinations: readonly Destination[],
  publicUrl: string | null,
): DestinationFault | null {
  const ours = destinations.filter(({ url }) => leadsHere(url, publicUrl));
  const active = ours.filter((destination) => destination.active);
  if (active.length === 0) return { is: ours.length === 0 ? "missing" : "inactive" };
  // Several may share the events, as they do while one is exchanged for another.
  const subscribed = new Set(active.flatMap(({ subscribedEvents }) => subscribedEvents));
  const events = KEY_EVENT_TYPES.filter((type) => !subscribed.has(type));
  return events.length === 0 ? null : { is: "unsubscribed", events };
}

function leadsHere(url: string, publicUrl: string | null): boolean {
  const [given, said] = [plain(url), publicUrl === null ? null : plain(publicUrl)];
  return said === null ? given.endsWith(WEBHOOKS) : given === said || given === `${said}${WEBHOOKS}`;
}

function plain(url: string): string {
  return url.replace(/\/+$/, "");
}
