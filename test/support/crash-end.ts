/** How a site stands, in words that a test can compare: what its file, Paddle, the records and people know. */
import { z } from "zod";
import { identify } from "../../src/core/paddle-key.ts";
import type { Secret } from "../../src/core/secret.ts";
import { ADMIN_TOKEN, type RunningService, type Site } from "./service.ts";

export type SiteEnd = {
  /** The secret that consumers use, and whether Paddle accepts it. */
  readonly active: string;
  /** The other slots that hold something. */
  readonly left: readonly string[];
  /** Rotations of the key and of the standby that were activated. */
  readonly activated: number;
  /** What was kept for an auditor, e.g. `exposure: switched`, in the order of the alphabet. */
  readonly records: readonly string[];
  /** Kinds of the alerts that people got, in the order of the alphabet. */
  readonly alerts: readonly string[];
};

const SLOTS = ["OLD", "PENDING", "STANDBY"] as const;
const Alerted = z.object({ alert: z.object({ id: z.string(), kind: z.string() }) });
const Audit = z.object({ rotations: z.array(z.object({ kind: z.string(), result: z.string() })) });

export async function endOf(site: Site, service: RunningService): Promise<SiteEnd> {
  const left: string[] = [];
  for (const slot of SLOTS) if (await site.secret(`${slot}_PADDLE_KEY`)) left.push(slot.toLowerCase());
  const ids = [site.key, site.standby].flatMap((made) => (made ? [made.id] : []));
  return {
    active: nameOf(site, await site.secret("ACTIVE_PADDLE_KEY")),
    left,
    activated: ids.reduce((sum, id) => sum + site.paddle.activatedRotations(id), 0),
    records: await recordsOf(service),
    alerts: await alertsOf(site),
  };
}

function nameOf({ key, standby, paddle }: Site, active: Secret | null): string {
  if (!active) return "none";
  const text = active.reveal();
  const keyId = identify(active)?.keyId;
  const life = paddle.isAlive(text) ? "living" : "dead";
  if (keyId === key.id) return `${text === key.secret ? "first secret" : "new secret"}, ${life}`;
  if (keyId === standby?.id) return `${text === standby?.secret ? "standby" : "standby made new"}, ${life}`;
  return `brought key, ${life}`;
}

/** What is kept for an auditor; none while no process answers. */
export async function recordsOf({ adminUrl }: RunningService): Promise<string[]> {
  const answer = await fetch(`${adminUrl}/api/rotations`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  }).catch(() => null);
  if (!answer) return [];
  const { rotations } = Audit.parse(await answer.json());
  return rotations.map(({ kind, result }) => `${kind}: ${result}`).toSorted();
}

/** What the log channel has printed. A process that dies right after that prints it again: it is the same incident. */
async function alertsOf(site: Site): Promise<string[]> {
  const kinds = new Map<string, string>();
  for (const line of (await site.output()).split("\n")) {
    const read = line.includes('"alert":{') ? Alerted.safeParse(JSON.parse(line)) : null;
    if (read?.success) kinds.set(read.data.alert.id, read.data.alert.kind);
  }
  return [...kinds.values()].toSorted();
}
