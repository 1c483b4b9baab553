/** Pages about a key that only a person can mend: each is an incident, which ends when the key works again. */
import { z } from "zod";
import { keyWorks } from "../alerts/emergency-messages.ts";
import { callOff, tellOnce, tellStage } from "../alerts/incidents.ts";
import type { Alert } from "../core/alert.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { keyIdOf, type Slots } from "../core/slots.ts";
import { isExposureOpen, latestExposure } from "./exposures.ts";
import type { DoneResult, WaitReason } from "./situation.ts";
import type { Run } from "./steps.ts";

/** A page a day for half a year: more than a key is left dead. */
const REMEMBERED = 200;

const Page = z.object({ id: z.string(), keyId: z.string().nullable(), at: z.number() });
type Page = z.output<typeof Page>;

/** Ends in which Paddle has just accepted the active secret. */
const PROVED: ReadonlySet<DoneResult | WaitReason> = new Set(["reactivated", "followed"]);
/** Ends and waits after a promotion. Of the secret that was promoted they prove no more than that it worked then. */
const PROMOTED: ReadonlySet<DoneResult | WaitReason> = new Set([
  "rotated",
  "switched",
  "old-in-grace",
  "overlap",
  "former-not-revoked",
]);

type Told = Pick<Run, "key" | "records" | "alerts" | "clock" | "work">;

/** How the ids of pages begin that an exposure goes on, because nobody has dealt with it. */
const STILL_OPEN = "exposure-still-open-";

/** @param stage a word for what is not the last word yet: its page and the last one are one incident */
export async function page(run: Told, alert: Alert, stage: string | null = null): Promise<void> {
  // Before that: a crash in between leaves an end without a beginning, which nobody is told of. Once for each: a job
  // that pages at every sweep would push the others out, and those would stay open for ever.
  const { id, keyId, raisedAt: at } = alert;
  const known = await pagesOf(run.key, run.records);
  if (!known.some((one) => one.id === id)) await run.records.append(listOf(run.key), { id, keyId, at });
  await (stage === null ? tellOnce(alert, run) : tellStage(alert, stage, run));
}

/**
 * Ends what is over by this: pages about a key that another one replaced, and those about the active key from before its
 * secret was issued. A grace goes on whatever has become of the key meanwhile, and so does a former key's overlap.
 */
export async function endPagesIfItWorks(
  run: Told,
  slots: Slots,
  state: DoneResult | WaitReason,
): Promise<void> {
  if (PROVED.has(state)) return endPages(run.key, run.work.keyId, run);
  const { active } = slots;
  if (!PROMOTED.has(state) || !active) return;
  const activeId = keyIdOf(active);
  const isExposed = isExposureOpen(await latestExposure(run.records, run.work.keyId), slots);
  await endPages(run.key, run.work.keyId, run, ({ id, keyId, at }) => {
    // It came while the secret that is promoted now was waiting, after that was issued.
    if (id.startsWith(STILL_OPEN) && !isExposed) return true;
    return keyId !== activeId || (active.issuedAt !== null && at < active.issuedAt);
  });
}

/** To be called when the key is known to work. */
export async function endPages(
  key: ManagedKey,
  keyId: string,
  { records, alerts, clock }: Pick<Run, "records" | "alerts" | "clock">,
  isOver: (page: Page) => boolean = () => true,
): Promise<void> {
  for (const { id } of (await pagesOf(key, records)).filter(isOver))
    await callOff(id, keyWorks(key, keyId, id, clock.now()), { records, alerts });
}

async function pagesOf(key: ManagedKey, records: Pick<Run["records"], "list">): Promise<readonly Page[]> {
  const entries = await records.list(listOf(key), { limit: REMEMBERED });
  return entries.flatMap(({ value }) => Page.safeParse(value).data ?? []);
}

function listOf({ name }: ManagedKey): string {
  return `pages-${name}`;
}
