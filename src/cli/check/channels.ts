/** Whether somebody would hear of trouble. Nothing is sent. */
import type { ChannelConfig } from "../../config/alerts.ts";
import type { AlertChannel } from "../../core/ports.ts";
import { type Bounds, within } from "./bounds.ts";
import { type Finding, ok, warning } from "./finding.ts";

export type OpenChannel = (config: ChannelConfig) => Promise<AlertChannel>;

export async function checkChannels(
  channels: readonly ChannelConfig[],
  open: OpenChannel,
  bounds: Bounds,
): Promise<Finding[]> {
  if (channels.length === 0)
    return [
      warning(
        "alerts",
        "no channel is configured: alerts are in the log only",
        "add one to the section alerts (docs/alerts.md)",
      ),
    ];
  const critical = channels.every(({ minSeverity }) => minSeverity === "critical")
    ? [
        warning(
          "alerts",
          "every channel takes critical alerts only: nobody hears of what can still be mended in time",
          "give one channel minSeverity: warning",
        ),
      ]
    : [];
  const opened = await Promise.all(
    channels.map(async (config) => {
      const about = `alerts, ${config.name}`;
      const channel = await within(bounds, about, "opening it", () => open(config));
      if (!channel.done) return channel.finding;
      return ok(
        about,
        `${config.type}, from ${config.minSeverity} on; to try it: npm run rotator -- test-alert ${config.name}`,
      );
    }),
  );
  return [...opened, ...critical];
}
