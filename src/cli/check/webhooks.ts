/** Whether Paddle's webhooks would come and be believed. */
import type { Config } from "../../config/config.ts";
import type { Destination } from "../../core/paddle-key.ts";
import { destinationFault } from "../../reconcile/destination.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const ABOUT = "webhooks";
const WHERE = "Paddle > Developer tools > Notifications";

export function judgeWebhookSecrets({ role, webhook: { secrets } }: Config): Finding {
  if (role === "worker") return ok(ABOUT, "a worker takes none (ROLE)");
  const odd = secrets.filter((secret) => !secret.reveal().startsWith("pdl_ntfset_")).length;
  if (odd === 0)
    return ok(
      ABOUT,
      secrets.length === 1 ? "the secret key is set" : `${secrets.length} secret keys are set`,
    );
  return warning(
    ABOUT,
    `PADDLE_WEBHOOK_SECRETS: ${odd} of ${secrets.length} do not begin with pdl_ntfset_, as the secret keys of Paddle's destinations do`,
    `copy the destination's secret key from ${WHERE}; with another one, every webhook is refused`,
  );
}

/** @param account which account's destinations, where there are two; null: there is one */
export function judgeDestinations(
  destinations: readonly Destination[],
  publicUrl: string | null,
  account: string | null,
): Finding {
  const about = account === null ? ABOUT : `${ABOUT} (${account})`;
  const fault = destinationFault(destinations, publicUrl);
  const place = publicUrl ?? "an address that ends with /webhooks/paddle";
  switch (fault?.is) {
    case undefined:
      return ok(about, `an active destination leads to ${place} and is subscribed to every event about keys`);
    case "missing":
      return failed(
        about,
        `no notification destination leads to ${place}: no webhook will ever come`,
        `npm run rotator -- register --url https://<the public address of this service>, or create it in ${WHERE}; if it has another address, set reconcile.publicUrl to that`,
      );
    case "inactive":
      return failed(
        about,
        `the destination that leads to ${place} is switched off`,
        `switch it on in ${WHERE}`,
      );
    case "unsubscribed":
      return failed(
        about,
        `the destination that leads to ${place} lacks events: ${fault.events.join(", ")}`,
        `subscribe it to them in ${WHERE}, or: npm run rotator -- register --url <its address>`,
      );
    default:
      return fault satisfies never;
  }
}
