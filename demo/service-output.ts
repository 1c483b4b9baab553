/** What the service prints: its steps and alerts go to the screen, and its audit records are kept for the acts. */
import { z } from "zod";
import type { Screen } from "./screen.ts";

const Step = z.object({ msg: z.literal("step"), keyName: z.string(), says: z.string() });
const AlertLine = z.object({
  msg: z.literal("alert"),
  alert: z.object({
    kind: z.string(),
    severity: z.string(),
    keyId: z.string().nullable(),
    happened: z.string(),
    action: z.string().nullable(),
  }),
});
const time = z.string().transform((text) => Date.parse(text));
const Audit = z.object({
  audit: z.object({
    kind: z.string(),
    keyName: z.string().nullable(),
    outcome: z.string(),
    exposureClock: z
      .object({
        occurredAt: time,
        receivedAt: time,
        secretDeadAt: time.nullable(),
        storeUpdatedAt: time.nullable(),
      })
      .optional(),
  }),
});

export type Alert = z.output<typeof AlertLine>["alert"];
export type KeptRecord = z.output<typeof Audit>["audit"];

export class ServiceOutput {
  readonly alerts: Alert[] = [];
  readonly records: KeptRecord[] = [];
  readonly #lines: string[] = [];
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  take(line: unknown): void {
    this.#lines.push(JSON.stringify(line));
    const step = Step.safeParse(line).data;
    if (step) this.#screen.say("rotator", `${step.keyName}: ${step.says}`);
    const alert = AlertLine.safeParse(line).data?.alert;
    if (alert) {
      this.alerts.push(alert);
      this.#screen.say("alert", `${alert.severity}: ${alert.happened}`);
      if (alert.action !== null) this.#screen.say("alert", `to do: ${alert.action}`);
    }
    const record = Audit.safeParse(line).data?.audit;
    if (record) this.records.push(record);
  }

  /** How many lines hold any of these texts. */
  countWithAny(texts: readonly string[]): number {
    return this.#lines.filter((line) => texts.some((text) => line.includes(text))).length;
  }
}
