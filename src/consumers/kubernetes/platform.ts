/** What a roll-out asks of the API server: workloads, their pods, and the one patch. Throws ConsumerError. */
import {
  AppsV1Api,
  type ApiConstructor,
  type ApiType,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";
import { isMissing, matchesNothing, matchesTooMany, type Question, toConsumerError } from "./faults.ts";
import type { Caller, Outcome } from "../../kubernetes/caller.ts";
import type { ConsumerError } from "../../core/consumer.ts";
import type { Target } from "./role.ts";
import {
  ANNOTATION,
  type Kind,
  ofDaemonSet,
  ofDeployment,
  ofStatefulSet,
  type Workload,
} from "./workload.ts";

const MOST_WORKLOADS = 200;
const PODS_PER_PAGE = 250;
const MOST_PAGES = 20;
// Who changed what, in managedFields. Not kubectl: Flux takes back what that changes.
const FIELD_MANAGER = "paddle-key-rotator";
// The client sends JSON Patch unless told otherwise.
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

type Named = { readonly name: string; readonly namespace: string };
type Listed = { readonly namespace: string; readonly labelSelector: string; readonly limit: number };

/** The same three requests for each kind; `patch` tells a workload: on itself, and on its pods. */
const REQUESTS = {
  deployment: {
    read: async (api: AppsV1Api, at: Named) => ofDeployment(await api.readNamespacedDeployment(at)),
    list: async (api: AppsV1Api, at: Listed) =>
      (await api.listNamespacedDeployment(at)).items.map((item) => ofDeployment(item)),
    patch: (api: AppsV1Api, at: Named, body: object): Promise<unknown> =>
      api.patchNamespacedDeployment({ ...at, body, fieldManager: FIELD_MANAGER }, MERGE),
  },
  statefulset: {
    read: async (api: AppsV1Api, at: Named) => ofStatefulSet(await api.readNamespacedStatefulSet(at)),
    list: async (api: AppsV1Api, at: Listed) =>
      (await api.listNamespacedStatefulSet(at)).items.map((item) => ofStatefulSet(item)),
    patch: (api: AppsV1Api, at: Named, body: object): Promise<unknown> =>
      api.patchNamespacedStatefulSet({ ...at, body, fieldManager: FIELD_MANAGER }, MERGE),
  },
  daemonset: {
    read: async (api: AppsV1Api, at: Named) => ofDaemonSet(await api.readNamespacedDaemonSet(at)),
    list: async (api: AppsV1Api, at: Listed) =>
      (await api.listNamespacedDaemonSet(at)).items.map((item) => ofDaemonSet(item)),
    patch: (api: AppsV1Api, at: Named, body: object): Promise<unknown> =>
      api.patchNamespacedDaemonSet({ ...at, body, fieldManager: FIELD_MANAGER }, MERGE),
  },
};

export class Platform {
  readonly #consumer: string;
  readonly #target: Target;
  readonly #caller: Caller;

  constructor(consumer: string, target: Target, caller: Caller) {
    this.#consumer = consumer;
    this.#target = target;
    this.#caller = caller;
  }

  /** Those that there are, always in the same order. `missing`: what is wrong with one that there should be. */
  async workloads(): Promise<{ found: readonly Workload[]; missing: ConsumerError | null }> {
    const { workloads, selector } = this.#target;
    if (selector === null) return this.#readAll(workloads);
    const found: Workload[] = [];
    for (const kind of selector.kinds) found.push(...(await this.#list(kind, selector.labels)));
    if (found.length === 0)
      throw matchesNothing(this.#consumer, { ...this.#target, namespace: this.#namespace });
    if (found.length > MOST_WORKLOADS) throw matchesTooMany(this.#consumer, MOST_WORKLOADS);
    return { found, missing: null };
  }

  /** Makes its pods restart, unless it has this very mark: then nothing changes. */
  async tell({ kind, name }: Workload, switchOverId: string): Promise<void> {
    const annotations = { [ANNOTATION]: switchOverId };
    const body = { metadata: { annotations }, spec: { template: { metadata: { annotations } } } };
    const outcome = await this.#call(
      { verb: "patch", kind, name },
      { api: AppsV1Api, changes: true },
      (api, namespace) => REQUESTS[kind].patch(api, { name, namespace }, body),
    );
    this.#answerOf(outcome);
  }

  /** All pods with the labels of its pods, page by page. */
  async *pods({ selector }: Workload): AsyncGenerator<V1Pod> {
    let next: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const outcome = await this.#call(
        { verb: "list", kind: "pod", name: null },
        { api: CoreV1Api, changes: false },
        async (api, namespace) => {
          const { items, metadata } = await api.listNamespacedPod({
            namespace,
            labelSelector: selector,
            limit: PODS_PER_PAGE,
            ...(next !== undefined && { _continue: next }),
          });
          if (items.some((item) => !item.metadata?.name)) throw new Error("not Pods");
          // oxlint-disable-next-line no-underscore-dangle -- so the client calls it
          return { items, next: metadata?._continue || undefined };
        },
      );
      const answer = this.#answerOf(outcome);
      yield* answer.items;
      next = answer.next;
      if (next === undefined) return;
    }
    throw matchesTooMany(this.#consumer, MOST_WORKLOADS);
  }

  async #readAll(wanted: readonly { readonly kind: Kind; readonly name: string }[]) {
    const found: Workload[] = [];
    let missing: ConsumerError | null = null;
    for (const { kind, name } of wanted) {
      const outcome = await this.#call(
        { verb: "get", kind, name },
        { api: AppsV1Api, changes: false },
        (api, namespace) => REQUESTS[kind].read(api, { name, namespace }),
      );
      // One that was deleted keeps no other from being told.
      if ("failure" in outcome && isMissing(outcome.failure)) missing ??= this.#errorOf(outcome);
      else found.push(this.#answerOf(outcome));
    }
    return { found, missing };
  }

  async #list(kind: Kind, labelSelector: string): Promise<Workload[]> {
    const outcome = await this.#call(
      { verb: "list", kind, name: null },
      { api: AppsV1Api, changes: false },
      (api, namespace) => REQUESTS[kind].list(api, { namespace, labelSelector, limit: MOST_WORKLOADS + 1 }),
    );
    return this.#answerOf(outcome);
  }

  get #namespace(): string | null {
    return this.#target.namespace ?? this.#caller.namespace;
  }

  async #call<Api extends ApiType, Answer>(
    question: Omit<Question, "namespace">,
    { api: kind, changes }: { api: ApiConstructor<Api>; changes: boolean },
    action: (api: Api, namespace: string) => Promise<Answer>,
  ): Promise<Asking<Answer>> {
    const outcome = await this.#caller.call({ kind, changes }, (api, own) =>
      action(api, this.#target.namespace ?? own),
    );
    return { ...outcome, question: { ...question, namespace: this.#namespace } };
  }

  #answerOf<Answer>(outcome: Asking<Answer>): Answer {
    if ("failure" in outcome) throw this.#errorOf(outcome);
    return outcome.answer;
  }

  #errorOf({ failure, question, asked }: Extract<Asking<unknown>, { failure: unknown }>): ConsumerError {
    return toConsumerError(this.#consumer, failure, question, asked);
  }
}

type Asking<Answer> = Outcome<Answer> & { readonly question: Question };
