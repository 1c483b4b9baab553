/** The destination with our address: which one it is, what must change in it, and the change itself. */
import { KEY_EVENT_TYPES } from "../../core/key-events.ts";
import type { DestinationChanges, DestinationSettings, PaddleDestinations } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";

const DESCRIPTION = "paddle-key-rotator: events about API keys";
/** The only version there is (Paddle: Versioning), and the one that our reading of webhooks is written for. */
const API_VERSION = 1;

export function plain(url: string): string {
  return (URL.parse(url)?.href ?? url).replace(/\/+$/, "");
}

export type Found = {
  /** The destination with our address; null: there is none. */
  readonly best: DestinationSettings | null;
  /** Others with the same address, as while one is exchanged for another. They are left alone. */
  readonly others: readonly DestinationSettings[];
};

export function ours(
  all: readonly DestinationSettings[],
  url: string,
  description: string | undefined,
): Found {
  const here = all.filter((each) => plain(each.url) === url);
  const wrongs = (each: DestinationSettings) => Object.keys(differences(each, description)).length;
  // One that needs no change, so that a second run finds the first one's; then the newest: ids grow.
  const [best = null, ...others] = here.toSorted(
    (a, b) => wrongs(a) - wrongs(b) || Number(b.active) - Number(a.active) || (a.id < b.id ? 1 : -1),
  );
  return { best, others };
}

/** What must change; empty: nothing. What Paddle does not say is taken to be right. */
function differences(settings: DestinationSettings, description: string | undefined): DestinationChanges {
  const subscribed = new Set(settings.subscribedEvents);
  const isSame =
    subscribed.size === KEY_EVENT_TYPES.length && KEY_EVENT_TYPES.every((type) => subscribed.has(type));
  const { apiVersion, trafficSource, includesSensitiveFields } = settings;
  return {
    ...(!isSame && { subscribedEvents: KEY_EVENT_TYPES }),
    ...(!settings.active && { active: true }),
    ...(apiVersion !== null && apiVersion !== API_VERSION && { apiVersion: API_VERSION }),
    ...(trafficSource !== null && trafficSource !== "platform" && { trafficSource: "platform" }),
    ...(includesSensitiveFields === true && { includesSensitiveFields: false }),
    ...(description !== undefined && description !== settings.description && { description }),
  };
}

export type Settled = {
  readonly settings: DestinationSettings;
  readonly change: "created" | "updated" | "unchanged";
  /** What was changed, in words. */
  readonly changes: readonly string[];
};

export async function settle(
  paddle: PaddleDestinations,
  secret: Secret,
  { url, description, best }: Found & { url: string; description: string | undefined },
): Promise<Settled> {
  if (!best) {
    const settings = await paddle.createDestination(secret, {
      url,
      description: description ?? DESCRIPTION,
      subscribedEvents: KEY_EVENT_TYPES,
      apiVersion: API_VERSION,
      trafficSource: "platform",
      includesSensitiveFields: false,
    });
    return { settings, change: "created", changes: [] };
  }
  const changes = differences(best, description);
  if (Object.keys(changes).length === 0) return { settings: best, change: "unchanged", changes: [] };
  const settings = await paddle.updateDestination(secret, best.id, changes);
  return { settings, change: "updated", changes: inWords(best, changes) };
}

function inWords(before: DestinationSettings, changes: DestinationChanges): string[] {
  const { subscribedEvents: wanted } = changes;
  const added = wanted?.filter((type) => !before.subscribedEvents.includes(type)) ?? [];
  const removed = wanted ? before.subscribedEvents.filter((type) => !wanted.includes(type)) : [];
  return [
    ...(added.length > 0 ? [`subscribed to ${added.join(", ")}`] : []),
    ...(removed.length > 0 ? [`no longer subscribed to ${removed.join(", ")}`] : []),
    ...(changes.active ? ["switched on"] : []),
    ...(changes.trafficSource ? [`real traffic only, no longer ${before.trafficSource}`] : []),
    ...(changes.apiVersion ? [`version ${API_VERSION} of the events, no longer ${before.apiVersion}`] : []),
    ...(changes.includesSensitiveFields === false ? ["without sensitive fields"] : []),
    ...(changes.description !== undefined ? ["described anew"] : []),
  ];
}
