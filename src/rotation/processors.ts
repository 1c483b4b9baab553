/** One processor per job name: finds the managed key that the work is about and runs what the job asks for. */
import type { Logger } from "pino";
import { standbyInTrouble } from "../alerts/emergency-messages.ts";
import {
  keyRemoved,
  unmanagedEnded,
  unmanagedExpiring,
  unmanagedExposed,
} from "../alerts/unmanaged-messages.ts";
import type { Alert } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import type { JobHold, PaddleApi, Processor } from "../core/ports.ts";
import { keyIdOf, type IssuedSecret, type Slots } from "../core/slots.ts";
import type { JobName, Outcome, Work } from "../core/work.ts";
import { isExposureOpen, latestExposure, rememberExposure } from "./exposures.ts";
import { formerNameOf, isSettled } from "./former-keys.ts";
import { inspect, type InspectDeps } from "./inspect.ts";
import { findLegacyKey, namelessKeys } from "./legacy-keys.ts";
import type { ManagedKeys } from "./managed-keys.ts";
import { nextStep } from "./next-step.ts";
import { keepRecord, recordOf } from "./record.ts";
import { platformInCharge } from "./platform-refusals.ts";
import { platformTable, type Way } from "./platform.ts";
import { nextReplacementStep } from "./replacement.ts";
import { nextRevokeFirstStep } from "./revoke-first.ts";
import { rotate } from "./rotate.ts";
import type { Decide } from "./situation.ts";
import type { RotationPorts } from "./steps.ts";
import { whileConsumersSwitch } from "./switch-over.ts";
import { createTurns } from "./turns.ts";
import { whileChecked } from "./while-checked.ts";

export type ProcessorDeps = Omit<RotationPorts, "keyNames"> &
  Pick<InspectDeps, "queue" | "rotatesAt"> & {
    /** Calls through `urgent` go before all others. */
    readonly paddle: PaddleApi & { readonly urgent: PaddleApi };
    readonly keys: ManagedKeys;
    readonly log: Logger;
  };

const TABLES: Readonly<Record<Way, Decide>> = {
  graceful: nextStep,
  // What is found without a job gives way to no exposure: the job that dealt with it may be over or lost.
  resumed: (situation) => (situation.exposureOpen ? nextRevokeFirstStep(situation) : nextStep(situation)),
  "revoke-first": nextRevokeFirstStep,
  replace: nextReplacementStep,
};

export function buildProcessors(deps: ProcessorDeps): Record<JobName, Processor> {
  const ports: RotationPorts = { ...deps, keyNames: () => deps.keys.names };
  const urgentPorts: RotationPorts = { ...ports, paddle: deps.paddle.urgent };
  const takeTurns = createTurns();

  const holderOf = async (keyId: string): Promise<ManagedKey | null> =>
    (await deps.keys.find(keyId)) ?? (await findLegacyKey(keyId, { ...deps, keys: deps.keys.legacy }));
  /** The managed key that has, or had, this key id. One that another key replaced is in no store any more. */
  const managed = async ({ keyId, keyName }: Work): Promise<ManagedKey | null> => {
    const holder = await holderOf(keyId);
    const name = holder ? null : (keyName ?? (await formerNameOf(deps.records, keyId)));
    return name === null ? holder : deps.keys.named(name);
  };
  const recorded =
    (run: Processor): Processor =>
    async (work, hold) => {
      const outcome = await run(work, hold);
      const record = recordOf(work, hold.journal, outcome, deps.clock.now());
      if (record) await keepRecord(deps.records, deps.log, record);
      return outcome;
    };
  const about = async (work: Work, hold: JobHold, key: ManagedKey, way: Way): Promise<Outcome> => {
    const { slots } = await key.store.read();
    const decide = (await platformInCharge(key.store)) ? platformTable(way) : TABLES[way];
    // A person who brings a key has it put there.
    if (work.intent.kind === "manual" || !isStandbyOnly(slots, work.keyId)) {
      // Two rotations of one key at once would cancel each other's secrets. An emergency waits for no rotation:
      // that one gives way.
      const isEmergency = work.job !== "rotate";
      return takeTurns(`${isEmergency ? "emergency" : "rotation"} ${key.name}`, () =>
        rotate(work, key, hold, {
          ...(isEmergency ? urgentPorts : ports),
          decide: whileChecked(whileConsumersSwitch(decide)),
        }),
      );
    }
    await deps.alerts.raise(standbyInTrouble(key, work, deps.clock.now()));
    const summary = `${work.keyId} is the standby of ${key.name}, in the same store; a person was told.`;
    return { kind: "done", result: "noted", summary };
  };
  const told = async (alert: Alert, what: string): Promise<Outcome> => {
    await deps.alerts.raise(alert);
    return { kind: "done", result: "not-managed", summary: `${what}; a person was told.` };
  };

  /** Whoever took a key out of the configuration may not know what was in flight. null: nothing was. */
  const removed = async (work: Work, { journal }: JobHold): Promise<Outcome | null> => {
    const { keyName, keyId, intent } = work;
    const isEvent = intent.kind === "expiring" && Object.keys(journal.facts).length === 0;
    if (keyName === null || isEvent || deps.keys.named(keyName)) return null;
    return told(
      keyRemoved(work, keyName, journal.facts, deps.clock.now()),
      `${keyId} is no key of the configuration any more`,
    );
  };

  return {
    rotate: recorded(async (work, hold) => {
      const key = await managed(work);
      if (key) return about(work, hold, key, work.intent.kind === "resume" ? "resumed" : "graceful");
      const left = await removed(work, hold);
      if (left) return left;
      return told(
        unmanagedExpiring(work, await namelessKeys(deps.keys.all), deps.clock.now()),
        `${work.keyId} expires and is no key of the configuration`,
      );
    }),

    "revoke-first": recorded(async (work, hold) => {
      const key = await managed(work);
      // A former key that is in no store any more may live all the same: only a person can end it.
      if (!key || !((await holds(key, work.keyId)) || (await isSettled(deps.records, work.keyId)))) {
        // What a person or a policy wanted dead is not in public for that.
        if (work.intent.kind !== "exposed" && work.intent.kind !== "resume")
          return (await removed(work, hold)) ?? inNoStore(work);
        const summary = `${work.keyId} is exposed and is in no store`;
        return told(unmanagedExposed(work, deps.clock.now()), summary);
      }
      const { id: intentId, requestedAt: occurredAt } = work.intent;
      if (work.intent.kind === "exposed" && key.policy.onExposure === "graceful") {
        // Unless a revoke-first is under way already: then this exposure is answered with it.
        const { slots } = await key.store.read();
        const exposure = await latestExposure(deps.records, work.keyId);
        if (!isExposureOpen(exposure, slots)) return about(work, hold, key, "graceful");
      }
      // What is resumed was remembered when it was begun.
      if (work.intent.kind !== "resume")
        await rememberExposure(deps.records, work.keyId, { occurredAt, intentId });
      return about(work, hold, key, "revoke-first");
    }),

    replace: recorded(async (work, hold) => {
      const key = await managed(work);
      // Paddle revokes a key that it finds in public; the event of that may come later, or never.
      if (key && work.keyExposedAt !== undefined) {
        const exposure = { occurredAt: work.keyExposedAt, intentId: work.intent.id };
        await rememberExposure(deps.records, work.keyId, exposure);
      }
      if (key) return about(work, hold, key, "replace");
      const nameless = await namelessKeys(deps.keys.all);
      return told(unmanagedEnded(work, nameless, deps.clock.now()), `${work.keyId} ended and is in no store`);
    }),

    inspect: async (work, hold) => inspect(work, await holderOf(work.keyId), hold, deps),
  };
}

function inNoStore({ keyId }: Work): Outcome {
  return { kind: "done", result: "not-managed", summary: `${keyId} is in no store any more.` };
}

async function holds({ store }: ManagedKey, keyId: string): Promise<boolean> {
  const { active, old, pending, standby } = (await store.read()).slots;
  return [active, old, pending, standby].some((issued) => issued !== null && keyIdOf(issued) === keyId);
}

/** A standby beside the active secret has no slots of its own to be rotated in. */
function isStandbyOnly({ active, old, pending, standby }: Slots, keyId: string): boolean {
  const isOf = (issued: IssuedSecret | null) => issued !== null && keyIdOf(issued) === keyId;
  return isOf(standby) && ![active, old, pending].some(isOf);
}
