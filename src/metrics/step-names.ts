/** The steps that jobs note, as a label: few values, whatever is noted. */

const STEPS: ReadonlySet<string> = new Set([
  "activated",
  "activeAccepted",
  "activeRefused",
  "askedPlatform",
  "conflict",
  "done",
  "formerDied",
  "oldAccepted",
  "oldDied",
  "oldRefused",
  "paged",
  "pendingRefused",
  "promoted",
  "putBack",
  "retired",
  "rolledBackByCheck",
  "staged",
  "standbyAccepted",
  "standbyDied",
  "standbyRefused",
  "survivor",
  "swappedBack",
  "swappedForward",
  "switchedOver",
  "waiting",
]);

/** Facts about one consumer or check carry its name; they are one step here. */
const GROUPS = ["consumer", "check"] as const;

export function stepName(fact: string): string {
  if (STEPS.has(fact)) return fact;
  return GROUPS.find((group) => fact.startsWith(`${group}-`)) ?? "other";
}
