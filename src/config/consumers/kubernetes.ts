/** A consumer of type kubernetes: workloads that are restarted, or that read the mounted Secret by themselves. */
import { z } from "zod";
import { count, duration, mustBe, oneOf, text } from "../fields.ts";
import {
  kubernetesAccess,
  type KubernetesAccessConfig,
  namespace,
  readKubernetesAccess,
} from "../kubernetes-access.ts";
import { EVEN_AMONG_FAULTS, section } from "../section.ts";
import { commonFields, type ConsumerCommon, withCommon } from "./common.ts";

const KINDS = ["deployment", "statefulset", "daemonset"] as const;
type Kind = (typeof KINDS)[number];

export type KubernetesConsumerConfig = ConsumerCommon &
  Pick<KubernetesAccessConfig, "kubeconfig" | "context"> & {
    readonly type: "kubernetes";
    /** null: nothing is restarted. */
    readonly target: Target | null;
    /** null: all at once. */
    readonly batch: { readonly size: number; readonly pauseMs: number } | null;
  };

/** Which workloads are restarted: by name, or by label. `namespace`: null: the pod's own, or that of the context. */
type Target = { readonly namespace: string | null } & (
  | { readonly workloads: readonly Workload[]; readonly selector: null }
  | {
      readonly workloads: null;
      readonly selector: { readonly labels: string; readonly kinds: readonly Kind[] };
    }
);

type Workload = { readonly kind: Kind; readonly name: string };

const HOUR_MS = 3_600_000;
const WORKLOAD = /^(deployment|statefulset|daemonset)\/(?=.{1,253}$)[a-z\d]([a-z\d.-]*[a-z\d])?$/;
// A label's name, with or without a prefix, and one value or several.
const LABEL = String.raw`([a-z\d]([a-z\d.-]{0,251}[a-z\d])?\/)?[A-Za-z\d]([\w.-]{0,61}[A-Za-z\d])?`;
const VALUE = String.raw`([A-Za-z\d]([\w.-]{0,61}[A-Za-z\d])?)?`;
const REQUIREMENT = `(${LABEL} *(=|==|!=) *${VALUE}|!?${LABEL}|${LABEL} +(in|notin) +\\( *${VALUE}( *, *${VALUE})* *\\))`;
const SELECTOR = new RegExp(`^${REQUIREMENT}( *, *${REQUIREMENT})*$`);

const workload = text("a workload as deployment/billing, statefulset/… or daemonset/…", (name) => {
  return WORKLOAD.test(name);
}).transform((given): Workload => {
  const [kind, name = ""] = given.split("/");
  return { kind: KINDS.find((known) => known === kind) ?? "deployment", name };
});

const fields = section({
  type: z.literal("kubernetes"),
  ...commonFields,
  namespace,
  workloads: z
    .array(workload, { error: mustBe("a list of workloads such as deployment/billing") })
    .min(1, { error: mustBe("a list of at least one workload") })
    .max(200, { error: mustBe("a list of at most 200 workloads") })
    .optional(),
  selector: text("labels as kubectl -l takes them, such as app=billing", (labels) => {
    return labels.length <= 1_000 && SELECTOR.test(labels);
  }).optional(),
  kinds: z
    .array(oneOf(KINDS), { error: mustBe(`a list of ${KINDS.join(", ")}`) })
    .min(1, { error: mustBe(`a list with at least one of ${KINDS.join(", ")}`) })
    .optional(),
  restart: z.boolean({ error: mustBe("true or false") }).optional(),
  batch: section({
    size: count(1, 100),
    pause: duration("a duration from 0 to 1h, such as 2m", (ms) => ms <= HOUR_MS).prefault("0"),
  }).optional(),
  ...kubernetesAccess,
});

/** @param folder relative paths start here */
export function kubernetes(folder: string) {
  return fields.superRefine(fieldsFit, EVEN_AMONG_FAULTS).transform((given): KubernetesConsumerConfig => {
    const { type, name, refresh, timeout, attest, batch } = given;
    const { namespace: where, kubeconfig, context } = readKubernetesAccess(given, folder);
    return {
      ...withCommon({ type, name, refresh, timeout, attest }),
      kubeconfig,
      context,
      target: targetOf(given, where),
      batch: batch === undefined ? null : { size: batch.size, pauseMs: batch.pause },
    };
  });
}

function targetOf(
  { workloads, selector, kinds, restart }: z.output<typeof fields>,
  where: string | null,
): Target | null {
  if (restart === false) return null;
  return selector === undefined
    ? { namespace: where, workloads: workloads ?? [], selector: null }
    : {
        namespace: where,
        workloads: null,
        selector: { labels: selector, kinds: [...new Set(kinds ?? KINDS)] },
      };
}

/** Fields that mean nothing without another one. The values may be at fault themselves. */
function fieldsFit(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  if (typeof given !== "object" || given === null) return;
  const has = (name: string) => given[name] !== undefined;
  const fault = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (given["restart"] === false) {
    for (const name of ["workloads", "selector", "kinds", "batch"])
      if (has(name)) fault(name, "says what is restarted, but restart is false; leave one of them out");
    return;
  }
  if (!has("workloads") && !has("selector"))
    fault("workloads", "is missing, and so is selector; give one of them, or restart: false");
  if (has("workloads") && has("selector"))
    fault("selector", "is another way to say which workloads; leave it or workloads out");
  if (has("kinds") && !has("selector")) fault("kinds", "is for selector, but there is none");
}
