/** What `register` says that it did, and what is left to do. */
import type { Config } from "../../config/config.ts";
import { KEY_EVENT_TYPES } from "../../core/key-events.ts";
import type { DestinationSettings } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import type { Answer } from "../answer.ts";
import type { RegisterOptions } from "./options.ts";
import type { Access } from "./access.ts";
import type { Settled } from "./destination.ts";

type Reported = Settled & {
  readonly secret: Secret | null;
  readonly others: readonly DestinationSettings[];
  readonly access: Access;
  readonly file: string | null;
  readonly config: Config;
  readonly options: RegisterOptions;
};

export function report(done: Reported): Answer {
  const { settings, change, changes, secret, others, access, file, config, options } = done;
  const isConfigured = secret !== null && config.webhook.secrets.some((each) => each.equals(secret));
  const isPrinted = secret !== null && options["print-secret"] === true;
  const did = {
    created: `created ${settings.id}`,
    updated: `changed ${settings.id} (${changes.join("; ")})`,
    unchanged: `nothing changed: ${settings.id} is as it must be`,
  }[change];
  const lines = [
    `ok      ${did}`,
    `        Paddle (${access.environment}) sends ${KEY_EVENT_TYPES.length} types of events about keys to ${settings.url}`,
    ...secretLines({ secret, isConfigured, isPrinted, file }),
    ...others.map(({ id }) => `note    ${id} has the same address and was left alone`),
    ...access.notes.map((note) => `note    ${note}`),
    `next    npm run rotator -- simulate api_key.updated   shows that a signed event arrives`,
  ];
  return {
    ok: secret !== null,
    text: lines.join("\n"),
    json: {
      ok: secret !== null,
      change,
      changes,
      destination: {
        id: settings.id,
        url: settings.url,
        environment: access.environment,
        events: settings.subscribedEvents,
      },
      others: others.map(({ id }) => id),
      secret: { file, configured: isConfigured, ...(isPrinted && { endpointSecret: secret.reveal() }) },
      notes: access.notes,
    },
  };
}

function secretLines(at: {
  secret: Secret | null;
  isConfigured: boolean;
  isPrinted: boolean;
  file: string | null;
}): string[] {
  const { secret, isConfigured, isPrinted, file } = at;
  if (!secret)
    return [
      "failed  Paddle did not show the destination's secret key",
      "        copy it (pdl_ntfset_…) from Paddle > Developer tools > Notifications into PADDLE_WEBHOOK_SECRETS",
    ];
  const set = "and restart the service";
  const nowhere = !isConfigured && !isPrinted && file === null;
  return [
    ...(file === null ? [] : [`ok      its secret key is in ${file}, which only this user may read`]),
    ...(isPrinted ? [`ok      its secret key: ${secret.reveal()}`] : []),
    ...(isConfigured ? ["ok      the configuration has its secret key already"] : []),
    ...(isConfigured || file === null ? [] : [`        set PADDLE_WEBHOOK_SECRETS_FILE=${file} ${set}`]),
    ...(isConfigured || file !== null || !isPrinted
      ? []
      : [`        set PADDLE_WEBHOOK_SECRETS to it ${set}`]),
    ...(nowhere
      ? [
          "warning the configuration does not have its secret key: webhooks will be refused with 401",
          "        run this again with --secret-file <path>, or with --print-secret",
        ]
      : []),
  ];
}
