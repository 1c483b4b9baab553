/**
 * A Kubernetes Secret as a document of named texts. Every write is a server-side apply of our own fields alone, and
 * names the state of the Secret that it was decided on: one that comes too late changes nothing.
 */
import { CoreV1Api } from "@kubernetes/client-node";
import type { Clock, StoreGuide } from "../../core/ports.ts";
import type { SlotFields } from "../../core/slot-fields.ts";
import type { Refused } from "../../kubernetes/answers.ts";
import { Caller, type Outcome as Answered, type Pace } from "../../kubernetes/caller.ts";
import type { Access } from "../../kubernetes/cluster.ts";
import { refusal } from "../faults.ts";
import type { FieldChanges, FieldsDocument } from "../fields-store.ts";
import { APPLY } from "./apply-request.ts";
import { type Call, placeOf, toStoreError, type Verb } from "./faults.ts";
import {
  applied,
  type DataKeys,
  fieldManager,
  fieldsOf,
  NotTextError,
  readState,
  type SecretState,
} from "./layout.ts";
import { minimalRole, type Target, toMake } from "./role.ts";

export type KubernetesOptions = Access & {
  /** null: the pod's own, or that of the context. */
  readonly namespace: string | null;
  readonly secret: string;
  readonly fields: DataKeys;
};

type Outcome<Answer> = Answered<Answer> & { readonly call: Pick<Call, "verb" | "target"> };

export class KubernetesSecret implements FieldsDocument<SecretState> {
  readonly location: string;
  readonly guide: StoreGuide;
  readonly #target: Target;
  readonly #keys: DataKeys;
  readonly #caller: Caller;

  constructor(options: KubernetesOptions, clock: Clock, pace: Partial<Pace> = {}) {
    const { fields, namespace, secret } = options;
    const target = { namespace, secret, dataKey: fields.active };
    this.location = `${placeOf(target)} (${fields.active})`;
    this.guide = {
      applicationsRead: `${fields.active} of the ${placeOf(target)}, and ${fields.old} if Paddle refuses it`,
      needs: minimalRole(target),
    };
    this.#target = target;
    this.#keys = fields;
    this.#caller = new Caller(options, clock, pace);
  }

  async load(): Promise<{ fields: SlotFields; guard: SecretState }> {
    const guard = await this.#read();
    try {
      return { fields: fieldsOf(guard, this.#keys), guard };
    } catch (error) {
      if (!(error instanceof NotTextError)) throw error;
      throw refusal(
        this.#place,
        `holds bytes that are no text in ${error.dataKey}`,
        "put a Paddle API key there",
      );
    }
  }

  async save(changes: FieldChanges, guard: SecretState): Promise<"written" | "conflict"> {
    this.#refuseImmutable(guard);
    const outcome = await this.#apply(changes, guard);
    if (isRefused(outcome, ({ status }) => status === 409)) return "conflict";
    answerOf(outcome);
    return "written";
  }

  /** Sends a write that the API server authorizes, admits and validates, and does not keep. */
  async checkWritable(): Promise<void> {
    const { guard } = await this.load();
    this.#refuseImmutable(guard);
    if (guard.controller !== null)
      throw refusal(
        this.#place,
        `belongs to the ${guard.controller}, which overwrites what is written here`,
        "rotate the key where that takes it from, or keep the key in a Secret of its own",
      );
    const outcome = await this.#apply({ notes: guard.notes ?? "{}" }, guard, "All");
    // Both come after authorization: somebody else writes just now, or a webhook cannot be tried without doing.
    if (isRefused(outcome, ({ status, noDryRun }) => status === 409 || noDryRun)) return;
    answerOf(outcome);
  }

  get #place(): string {
    return placeOf(this.#known);
  }

  /** With the namespace once that is known. */
  get #known(): Target {
    return { ...this.#target, namespace: this.#target.namespace ?? this.#caller.namespace };
  }

  async #read(): Promise<SecretState> {
    const outcome = await this.#call("get", false, async (api, at) =>
      readState(await api.readNamespacedSecret(at), this.#keys),
    );
    return answerOf(outcome);
  }

  #apply(changes: FieldChanges, guard: SecretState, dryRun?: "All"): Promise<Outcome<unknown>> {
    const request = {
      body: applied(this.#target.secret, guard, changes, this.#keys),
      fieldManager: fieldManager(this.#keys),
      // What a person or a tool once wrote into our fields does not keep us from writing there.
      force: true,
      ...(dryRun && { dryRun }),
    };
    return this.#call("patch", dryRun === undefined, (api, at) =>
      api.patchNamespacedSecret({ ...request, ...at }, APPLY),
    );
  }

  async #call<Answer>(
    verb: Verb,
    changes: boolean,
    action: (api: CoreV1Api, at: { name: string; namespace: string }) => Promise<Answer>,
  ): Promise<Outcome<Answer>> {
    const { namespace, secret: name } = this.#target;
    const outcome = await this.#caller.call({ kind: CoreV1Api, changes }, (api, own) =>
      action(api, { name, namespace: namespace ?? own }),
    );
    return { ...outcome, call: { verb, target: this.#known } };
  }

  #refuseImmutable({ immutable }: SecretState): void {
    if (!immutable) return;
    throw refusal(
      this.#place,
      "is immutable",
      `delete it and make it again without immutable: true: ${toMake(this.#known)}`,
    );
  }
}

function isRefused(outcome: Outcome<unknown>, matches: (answer: Refused) => boolean): boolean {
  return "failure" in outcome && outcome.failure.kind === "refused" && matches(outcome.failure.answer);
}

function answerOf<Answer>(outcome: Outcome<Answer>): Answer {
  if ("failure" in outcome) throw toStoreError(outcome.failure, { ...outcome.call, ...outcome.asked });
  return outcome.answer;
}
