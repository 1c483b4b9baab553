/** Checks a key that is offered in the place of another one: by its text, by whom it belongs to, and with Paddle. */
import { PaddleError } from "../../../core/errors.ts";
import { type ApiKey, identify } from "../../../core/paddle-key.ts";
import type { Secret } from "../../../core/secret.ts";
import { activeKeyId, type Slots } from "../../../core/slots.ts";
import { type Fault, judgeCandidate } from "../../../rotation/candidate.ts";
import type { Neighbours } from "./key-neighbours.ts";
import type { Holders } from "./keys-held.ts";

export type Check = { readonly faults: readonly Fault[]; readonly notes: readonly string[] };

/** Throws RotatorError if Paddle could not be asked. */
export async function checkCandidate(
  candidate: Secret,
  slots: Slots,
  { keyNames, notes }: Holders,
  neighbours: Neighbours,
): Promise<Check> {
  const { active } = slots;
  const identity = identify(candidate);
  const keyId = activeKeyId(slots);
  const offer = {
    now: neighbours.clock.now(),
    candidate,
    managedKeyIds: keyNames,
    replaced: {
      keyId: keyId ?? (active ? "the legacy key" : "the former key"),
      environment: (active && identify(active.secret)?.environment) ?? identity?.environment ?? "live",
      key: null,
    },
  } as const;
  // What the text alone tells comes first: Paddle is not asked with a secret that is not up for use. It might be
  // staged somewhere, and then asking would activate it.
  const { faults } = judgeCandidate({ ...offer, candidateKey: "refused" });
  const evident = faults.filter(({ kind }) => kind !== "refused");
  if (!identity || evident.length > 0) return { faults: evident, notes };
  const [answer, present] = await Promise.all([
    neighbours.ask(identity.keyId, candidate),
    active && keyId ? neighbours.ask(keyId, active.secret) : null,
  ]);
  let replaced: ApiKey | null = present?.accepted ? present.key : null;
  if (keyId && !replaced && answer.accepted) replaced = await readIfAllowed(keyId, candidate, neighbours);
  const judged = judgeCandidate({
    ...offer,
    candidateKey: answer.accepted ? answer.key : "refused",
    replaced: { ...offer.replaced, key: replaced },
  });
  return { faults: judged.faults, notes: [...judged.notes, ...notes] };
}

/** null: the new key may not read it. */
async function readIfAllowed(keyId: string, reader: Secret, neighbours: Neighbours): Promise<ApiKey | null> {
  try {
    return await neighbours.readKey(keyId, reader);
  } catch (error) {
    if (error instanceof PaddleError && error.retry === "never") return null;
    throw error;
  }
}
