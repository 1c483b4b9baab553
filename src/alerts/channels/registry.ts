/**
 * Every kind of alert channel there is, but for the log, which is always there. Another one takes a file of its own
 * and one line here. What a kind needs is imported only where a channel of that kind is configured.
 */
import type { Logger } from "pino";
import type { Severity } from "../../core/alert.ts";
import type { AlertChannel, Clock } from "../../core/ports.ts";
import type { Destination } from "../routing.ts";
import type { EmailOptions } from "./email.ts";
import type { PagerDutyOptions } from "./pagerduty.ts";
import type { SlackOptions } from "./slack.ts";
import type { WebhookOptions } from "./webhook.ts";

/** What a channel may need besides its configuration. */
export type ChannelNeeds = { readonly clock: Clock; readonly log: Logger };

/** A channel with what routing asks of it. */
export type RoutedChannel = AlertChannel & Destination;

const CHANNELS = {
  slack: async (name: string, options: SlackOptions, { clock }: ChannelNeeds) => {
    const { slackChannel } = await import("./slack.ts");
    return slackChannel(name, options, await poster(clock));
  },
  pagerduty: async (name: string, options: PagerDutyOptions, { clock }: ChannelNeeds) => {
    const { pagerDutyChannel } = await import("./pagerduty.ts");
    return pagerDutyChannel(name, options, await poster(clock));
  },
  email: async (name: string, options: EmailOptions, needs: ChannelNeeds) =>
    (await import("./email.ts")).openEmailChannel(name, options, needs),
  webhook: async (name: string, options: WebhookOptions, { clock }: ChannelNeeds) => {
    const { webhookChannel } = await import("./webhook.ts");
    return webhookChannel(name, options, { post: await poster(clock), clock });
  },
} satisfies Record<string, (name: string, options: never, needs: ChannelNeeds) => Promise<AlertChannel>>;

type ChannelType = keyof typeof CHANNELS;
type Options = { readonly [Type in ChannelType]: Parameters<(typeof CHANNELS)[Type]>[1] };
type Factories = {
  readonly [Type in ChannelType]: (
    name: string,
    options: Options[Type],
    needs: ChannelNeeds,
  ) => Promise<AlertChannel>;
};

/** The channel of a name, by the `type` of its configuration. Nothing is sent yet. */
export async function createChannel<Type extends ChannelType>(
  name: string,
  config: { readonly type: Type; readonly minSeverity: Severity } & Options[Type],
  needs: ChannelNeeds,
): Promise<RoutedChannel> {
  const factories: Factories = CHANNELS;
  return { ...(await factories[config.type](name, config, needs)), minSeverity: config.minSeverity };
}

async function poster(clock: Clock) {
  return (await import("./post.ts")).createPost(clock);
}
