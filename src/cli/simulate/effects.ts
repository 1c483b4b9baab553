/** What each event makes the service do, for whoever is about to send one. Each is a row of the webhooks' plan. */
import type { SimulatedType } from "./event.ts";

type Effect = {
  readonly queue: "rotations" | "emergencies" | "upkeep";
  readonly does: { readonly unmanaged: string; readonly managed: (name: string) => string };
};

const ENDED: Effect = {
  queue: "emergencies",
  does: {
    unmanaged: "nothing is replaced; people are told that a key which is not managed here has ended",
    managed: (name) =>
      `the service looks whether ${name} has ended; as long as Paddle accepts its active secret, it stands down`,
  },
};

const INSPECTED: Effect = {
  queue: "upkeep",
  does: {
    unmanaged: "nothing is rotated; in a few seconds people are told of a key that is not managed here",
    managed: (name) =>
      `in a few seconds the service looks at ${name} and warns of what is wrong with it, if anything`,
  },
};

const ROTATED: Effect = {
  queue: "upkeep",
  does: {
    unmanaged:
      "nothing is rotated and nobody is told: in a few seconds the job notes that the key is not managed here",
    managed: (name) =>
      `in a few seconds the service asks Paddle for a rotation of ${name} that Paddle does not know, and notes that`,
  },
};

export const EFFECTS: Readonly<Record<SimulatedType, Effect>> = {
  "api_key.created": INSPECTED,
  "api_key.updated": INSPECTED,
  "api_key.expiring": {
    queue: "rotations",
    does: {
      unmanaged: "nothing is rotated; people are told that a key which is not managed here expires",
      managed: (name) =>
        `the service rotates ${name} now, as its policy says: a new secret, a new expiry, and the old one's grace`,
    },
  },
  "api_key.expired": ENDED,
  "api_key.revoked": ENDED,
  "api_key_exposure.created": {
    queue: "emergencies",
    does: {
      unmanaged:
        "nothing is rotated; people are told, as critical, that a key which is not managed here was found in public",
      managed: (name) =>
        `the service treats ${name} as found in public. Unless its policy says otherwise, its secret is killed before the applications can have the new one: they fail until they have read it`,
    },
  },
  "api_key_rotation.created": ROTATED,
  "api_key_rotation.updated": ROTATED,
};
