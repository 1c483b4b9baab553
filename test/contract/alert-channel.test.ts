import { alertChannelContract, alertWireContract } from "./alert-channel.contract.ts";
import { emailPlace, logPlace, pagerDutyPlace, slackPlace, webhookPlace } from "../support/alerts/places.ts";

alertChannelContract("the log", logPlace);

const NETWORKED = {
  Slack: slackPlace,
  PagerDuty: pagerDutyPlace,
  "a webhook": webhookPlace,
  "e-mail by STARTTLS": () => emailPlace("starttls"),
  "e-mail by TLS": () => emailPlace("tls"),
};

for (const [name, open] of Object.entries(NETWORKED)) {
  alertChannelContract(name, open);
  alertWireContract(name, open);
}
