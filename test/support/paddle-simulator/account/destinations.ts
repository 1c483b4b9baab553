/** Where an account's webhooks go: what Paddle's API calls notification settings. People keep them in the dashboard. */
import { EVENT_TYPES, type EventType } from "../events.ts";
import type { Account } from "./account.ts";

export type DestinationOptions = {
  readonly url: string;
  /** Left out: all. */
  readonly events?: readonly EventType[];
  /** Left out: a new one. */
  readonly secret?: string;
} & Partial<DestinationTraits>;

export type DestinationTraits = {
  /** Left out: one that names its id. */
  readonly description: string;
  readonly apiVersion: number;
  readonly trafficSource: "platform" | "simulation" | "all";
  readonly includesSensitiveFields: boolean;
};

export type Destination = {
  readonly id: string;
  readonly secret: string;
  url: string;
  events: readonly EventType[];
  active: boolean;
} & { -readonly [Trait in keyof DestinationTraits]: DestinationTraits[Trait] };

/** Events that were published before are not delivered to it. */
export function addDestination(
  account: Account,
  { url, events, secret, ...traits }: DestinationOptions,
): Destination {
  const id = account.mint.id("ntfset", account.clock.now());
  const destination = {
    id,
    url,
    events: events ?? EVENT_TYPES,
    secret: secret ?? account.mint.endpointSecret(id),
    active: true,
    description: `Destination ${id.slice(-4)}`,
    apiVersion: 1,
    trafficSource: "platform" as const,
    includesSensitiveFields: false,
    ...traits,
  };
  account.destinations.push(destination);
  return destination;
}

/** Events that happen while it is off never reach it; those that were under way before are still retried. */
export function switchDestination(account: Account, id: string, active: boolean): void {
  const destination = account.destinations.find((each) => each.id === id);
  if (!destination) throw new Error(`this account has no destination ${id}`);
  destination.active = active;
}
