/** The queues, and which one takes a job. People see these names in the dashboard. */
import type { JobName } from "../core/work.ts";

export const QUEUE_NAMES = ["rotations", "emergencies", "alerts", "upkeep"] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];

/** Emergencies have a queue and a worker of their own, so that they never wait behind a rotation. */
export const QUEUE_OF = {
  rotate: "rotations",
  "revoke-first": "emergencies",
  replace: "emergencies",
  inspect: "upkeep",
} as const satisfies Record<JobName, QueueName>;

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(QUEUE_OF, name);
}
