/** Services of Amazon ECS as the rotator sees them, and how far each has switched over. Pure. */
import type { Service } from "@aws-sdk/client-ecs";
import { quoted } from "../../core/quoted.ts";

export type Seen = {
  readonly name: string;
  /** Why nobody can roll it out by UpdateService; null: it can. */
  readonly controller: string | null;
  readonly deployments: readonly { readonly id: string; readonly isPrimary: boolean }[];
  readonly primary: {
    readonly id: string;
    /** null: ECS does not say, as behind a Classic Load Balancer. */
    readonly state: "COMPLETED" | "FAILED" | "IN_PROGRESS" | null;
    readonly reason: string;
  };
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  /** What ECS said last since the deployment began; empty: nothing. */
  readonly event: string;
};

/** What is remembered of the switch-over of one service. */
export type Remembered = {
  /** The deployments that there were before it; null: it was not told. */
  readonly before: readonly string[] | null;
  /** UpdateService has answered. */
  readonly isBegun: boolean;
};

export type Verdict = { readonly isComplete: boolean; readonly says: string };

/** null: it is deleted, or is being deleted. Throws where this is not a service as ECS gives it. */
export function readService(service: Service): Seen | null {
  if (service.status === "INACTIVE" || service.status === "DRAINING") return null;
  const { serviceName: name, deployments = [], deploymentController: controller, events = [] } = service;
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  const type = controller?.type ?? "ECS";
  if (name === undefined || (!primary?.id && type === "ECS")) throw new Error("not a service");
  const since = primary?.createdAt?.getTime() ?? 0;
  const event = events.find(({ createdAt }) => (createdAt?.getTime() ?? 0) >= since)?.message ?? "";
  return {
    name,
    controller: type === "ECS" ? null : type,
    deployments: deployments.flatMap(({ id, status }) =>
      id === undefined ? [] : [{ id, isPrimary: status === "PRIMARY" }],
    ),
    primary: {
      id: primary?.id ?? "",
      state: primary?.rolloutState ?? null,
      reason: quoted(primary?.rolloutStateReason ?? ""),
    },
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    pending: service.pendingCount ?? 0,
    event: /steady state/.test(event) ? "" : quoted(event),
  };
}

/** A deployment that began after the secret was there is as good as ours: its tasks have read the new one. */
export function hasBegun({ primary }: Seen, { before }: Remembered): boolean {
  return before !== null && !before.includes(primary.id);
}

/** @param former how many tasks of deployments before the switch-over still run */
export function verdictOf(service: Seen, remembered: Remembered, former: number): Verdict {
  const { deployments, primary, desired, running, pending } = service;
  if (remembered.before === null) return waits("was not told yet");
  if (!hasBegun(service, remembered))
    return waits(
      remembered.isBegun
        ? withWords(
            "runs its former deployment: ECS has rolled the new one back, or not begun it",
            primary.reason,
            service,
          )
        : "its new deployment has not begun yet",
    );
  if (primary.state === "FAILED")
    return waits(withWords("its new deployment failed", primary.reason, service));
  if (former > 0)
    return waits(
      withWords(former === 1 ? "1 former task still runs" : `${former} former tasks still run`, "", service),
    );
  const counts = `${running} of ${tasksOf(desired)} running, ${pending} pending`;
  if (running !== desired || pending > 0) return waits(withWords(counts, "", service));
  if (deployments.length > 1) return waits(withWords("a former deployment is not over yet", "", service));
  if (primary.state === "IN_PROGRESS") return waits(withWords(`${counts}, not steady yet`, "", service));
  return {
    isComplete: true,
    says: desired === 0 ? "scaled to zero: nothing holds the key" : tasksOf(desired),
  };
}

function waits(says: string): Verdict {
  return { isComplete: false, says };
}

function withWords(says: string, reason: string, { event }: Seen): string {
  return [says, reason, event].filter(Boolean).join("; ");
}

function tasksOf(count: number): string {
  return count === 1 ? "1 task" : `${count} tasks`;
}
