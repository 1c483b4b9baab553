/**
 * Tells the consumers of a key of its active secret and looks how far they are. Who was told is remembered, so that a
 * job that looks again tells nobody twice; a crash in between does, under the same id.
 */
import { callOff, tellStage } from "../alerts/incidents.ts";
import { consumersLag, consumersSwitched } from "../alerts/consumer-messages.ts";
import { type Consumer, ConsumerError, type SwitchOver } from "../core/consumer.ts";
import { keyIdOf, type Slots } from "../core/slots.ts";
import { filled, note, print } from "./noted.ts";
import type { Run } from "./steps.ts";
import { isProved, isUnderWay, lagMark, laggards } from "./switch-over.ts";
import type { ConsumerState, SwitchOverState } from "./switch-over-state.ts";
import { rememberProgress } from "./switch-over-progress.ts";
import { beginSwitchOver, rememberTold, wasTold } from "./switch-over-start.ts";

/** Throws QueueError and LeaseLostError; what is wrong with a consumer is part of its state. */
export async function rollOut(run: Run, slots: Slots): Promise<SwitchOverState> {
  const active = filled(slots, "active");
  const { id, startedAt } = await beginSwitchOver(run, active);
  const switchOver: SwitchOver = {
    id,
    keyName: run.key.name,
    rotationId: active.rotationId,
    fingerprint: active.secret.fingerprint(),
  };
  const consumers = await Promise.all(run.key.consumers.map((consumer) => lookAt(run, consumer, switchOver)));
  const state = { id, startedAt, consumers };
  for (const { name, says } of consumers) await note(run, `consumer-${name}`, `${name}: ${says}`, 70, active);
  if (isProved(state))
    await note(run, "switchedOver", `Every consumer uses ${print(active)}: proved.`, 75, active);
  await rememberProgress(run.records, run.key.name, switchOver.fingerprint, state, run.clock.now());
  await tell(run, slots, state);
  return state;
}

async function lookAt(run: Run, consumer: Consumer, switchOver: SwitchOver): Promise<ConsumerState> {
  const { name } = consumer;
  try {
    if (!(await wasTold(run, switchOver.id, name))) {
      await run.hold.lease.confirm();
      const told = await consumer.notify(switchOver);
      if (told === "told") await rememberTold(run, switchOver.id, name);
    }
    return { name, ...(await consumer.observe(switchOver)) };
  } catch (error) {
    if (!(error instanceof ConsumerError)) throw error;
    return { name, state: "unknown", instances: [], says: error.message };
  }
}

/** People hear of those who lag at marks on the way to the former secret's death, and once more when all are there. */
async function tell(run: Run, { active, old }: Slots, state: SwitchOverState): Promise<void> {
  const { key, work, clock } = run;
  const now = clock.now();
  const promptMs = Math.max(0, ...key.consumers.map(({ refreshMs, timeoutMs }) => refreshMs + timeoutMs));
  const until = old ? (old.until ?? now) : null;
  // The former key of a replacement dies when a person ends it, not when its overlap is over.
  const isOwn = old === null || (active !== null && keyIdOf(old) === keyIdOf(active));
  const about = { key, work, switchOverId: state.id, until, isOwn };
  if (!isUnderWay(state)) {
    await callOff(
      consumersLag(about, { mark: 50, who: [], says: [] }, now).id,
      consumersSwitched(about, now),
      run,
    );
    return;
  }
  const mark = lagMark({ startedAt: state.startedAt, until, promptMs }, now);
  if (mark === 0) return;
  const says = state.consumers
    .filter((consumer) => consumer.state === "unknown")
    .map((consumer) => consumer.says);
  await tellStage(consumersLag(about, { mark, who: laggards(state), says }, now), String(mark), run);
}
