/**
 * What people and programs may learn of the managed keys and ask for: the one desk behind every route and page.
 * It answers within seconds however its neighbours behave, and all it answers is public text.
 */
import type { JobList } from "../../../core/job-view.ts";
import type { ManagedKey } from "../../../core/managed-key.ts";
import type { Alerts } from "../../../core/ports.ts";
import { activeKeyId, type Slots } from "../../../core/slots.ts";
import { listRecords, type RecordPage, type RecordQuery } from "../../../rotation/record.ts";
import { type RetryAnswer, type RetryRequest, retryJob } from "./job-retry.ts";
import { Neighbours, type NeighboursDeps } from "./key-neighbours.ts";
import { type ReplacementAnswer, type ReplacementRequest, requestReplacement } from "./key-replacement.ts";
import { requestRollback, type RollbackAnswer } from "./key-rollback.ts";
import { requestRotation, type RotationAnswer, type RotationRequest } from "./key-rotation.ts";
import {
  type KeyDetail,
  type KeyView,
  type PaddleView,
  viewAnswer,
  viewKey,
  viewSwitchOver,
  viewUnreachable,
} from "../../../overview/key-view.ts";

export type KeyDeskDeps = NeighboursDeps & {
  readonly keys: readonly ManagedKey[];
  readonly alerts: Alerts;
  readonly jobs: JobList;
};

const UNKNOWN_KEY = { kind: "unknown-key" } as const;

export class KeyDesk {
  readonly #keys: ReadonlyMap<string, ManagedKey>;
  readonly #deps: KeyDeskDeps;

  constructor(deps: KeyDeskDeps) {
    this.#keys = new Map(deps.keys.map((key) => [key.name, key]));
    this.#deps = deps;
  }

  /** The configured names, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** One key as its store and Paddle have it; null: no key has this name. */
  async find(name: string): Promise<KeyDetail | null> {
    const key = this.#keys.get(name);
    if (!key) return null;
    const neighbours = new Neighbours(this.#deps);
    const { view, slots } = await look(key, neighbours);
    const [paddle, progress] = await Promise.all([
      askPaddle(key, slots, neighbours),
      neighbours.progressOf(key.name),
    ]);
    return { ...view, paddle, switchOver: viewSwitchOver(progress, view) };
  }

  /** Queues a rotation of the key that the store has as active now. */
  async requestRotation(name: string, request: RotationRequest): Promise<RotationAnswer> {
    const key = this.#keys.get(name);
    return key ? requestRotation(key, request, new Neighbours(this.#deps)) : UNKNOWN_KEY;
  }

  /** Checks another key, saves it as the standby and queues the job that puts it to use. */
  async requestReplacement(name: string, request: ReplacementRequest): Promise<ReplacementAnswer> {
    const key = this.#keys.get(name);
    if (!key) return UNKNOWN_KEY;
    const others = this.#deps.keys.filter((other) => other !== key);
    return requestReplacement(key, others, request, new Neighbours(this.#deps));
  }

  /** Gives applications the former secret back for a while. */
  async requestRollback(name: string, askedBy: string): Promise<RollbackAnswer> {
    const key = this.#keys.get(name);
    if (!key) return UNKNOWN_KEY;
    const { records, alerts } = this.#deps;
    return requestRollback(key, { neighbours: new Neighbours(this.#deps), records, alerts, askedBy });
  }

  /** Takes up a job again that failed. */
  async retryJob(name: string, request: RetryRequest): Promise<RetryAnswer> {
    const key = this.#keys.get(name);
    if (!key) return UNKNOWN_KEY;
    return retryJob(key, request, { jobs: this.#deps.jobs, neighbours: new Neighbours(this.#deps) });
  }

  /** The audit records, newest first. Throws QueueError. */
  listRecords(query: RecordQuery): Promise<RecordPage> {
    return listRecords(this.#deps.records, query);
  }
}

async function look(
  key: ManagedKey,
  neighbours: Neighbours,
): Promise<{ view: KeyView; slots: Slots | null }> {
  try {
    const { slots } = await neighbours.read(key);
    return { view: viewKey(key, slots, neighbours.clock.now()), slots };
  } catch (error) {
    const why = neighbours.tell(key, "The store could not be read", error);
    return { view: viewUnreachable(key, why), slots: null };
  }
}

async function askPaddle(key: ManagedKey, slots: Slots | null, neighbours: Neighbours): Promise<PaddleView> {
  const active = slots?.active;
  const keyId = slots && activeKeyId(slots);
  if (!active || !keyId)
    return { answer: "none", explanation: "Not asked: no active secret with a key id is known." };
  try {
    const answer = await neighbours.ask(keyId, active.secret);
    return answer.accepted ? viewAnswer(answer.key) : { answer: "refused", explanation: REFUSED };
  } catch (error) {
    return { answer: "none", explanation: neighbours.tell(key, "Paddle could not be asked", error) };
  }
}

const REFUSED =
  "Paddle refuses the active secret: the key was revoked, has expired, or somebody else rotated it. " +
  "Look at the key in Paddle > Developer tools > Authentication.";
