/** `test-alert`: sends one alert through one channel, so that what is wrong with it is known before it is needed. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { testAlert } from "../alerts/channel-messages.ts";
import type { ChannelConfig } from "../config/alerts.ts";
import type { Config } from "../config/config.ts";
import { ChannelError } from "../core/alert.ts";
import type { AlertChannel, PartlySent } from "../core/ports.ts";
import { type Answer, UsageError } from "./answer.ts";
import type { Call } from "./command.ts";

/** Through the channel as the service would open it. */
export async function runTestAlert({ config, name }: Call): Promise<Answer> {
  const { clock, openChannel } = (await import("../compose/adapters.ts")).ADAPTERS;
  const log = pino({ level: "silent" });
  return sendTestAlert(
    config(),
    name,
    (channel) => openChannel(channel.name, channel, { clock, log }),
    clock.now(),
  );
}

export type OpenChannel = (config: ChannelConfig) => Promise<AlertChannel>;

/** @param now epoch milliseconds */
export async function sendTestAlert(
  { alerts }: Pick<Config, "alerts">,
  name: string,
  open: OpenChannel,
  now: number,
): Promise<Answer> {
  const config = alerts.find((channel) => channel.name === name);
  if (!config) {
    const known =
      alerts.length === 0 ? "none is configured" : alerts.map((channel) => channel.name).join(", ");
    throw new UsageError(`there is no channel ${name} in the section alerts (${known})`);
  }
  const channel = await open(config);
  const alert = testAlert(name, randomUUID(), now);
  let sent: PartlySent | void;
  try {
    sent = await channel.send(alert);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return {
      ok: false,
      text: `failed  ${error.message}`,
      json: { ok: false, channel: name, fault: error.message },
    };
  }
  // Whoever must be told is not: as bad as a channel that tells nobody, and mended in the same place.
  if (sent) {
    const text = `failed  ${sent.missed}; all others got the test alert ${alert.id}`;
    return { ok: false, text, json: { ok: false, channel: name, alertId: alert.id, fault: sent.missed } };
  }
  const text = `ok      ${name} took the test alert ${alert.id}: look whether it arrived`;
  return { ok: true, text, json: { ok: true, channel: name, alertId: alert.id } };
}
