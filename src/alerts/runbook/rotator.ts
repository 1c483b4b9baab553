/** The runbook: the rotator itself, and what it depends on. */
import { type Matters, AUTHENTICATION, endOf, LOOK, NOTIFICATIONS } from "./entry.ts";

/** Without the address it does nothing. */
const REGISTER = "npm run rotator -- register --url https://<public address>";

export const ROTATOR: Matters<
  | "key-unchecked"
  | "key-checked"
  | "sweeps-fail"
  | "sweeps-work"
  | "clock-skew"
  | "webhooks-missed"
  | "destination-unfit"
  | "no-reader"
  | "channel-failing"
  | "channel-works"
  | "test-alert"
> = {
  "key-unchecked": {
    title: "A key cannot be looked after",
    severities: ["warning"],
    meaning:
      "The store of the key does not answer, or Paddle refuses to speak of it. It is not rotated; the other keys are.",
    actions: [
      { does: "Mend what the alert names: the store's address, credentials or permissions." },
      { does: "See whether it is mended.", command: "npm run rotator -- check" },
      LOOK,
    ],
    endsWhen: "By itself: the first sweep that reads the key says `key-checked`.",
  },
  "key-checked": endOf(
    "key-unchecked",
    "A key is looked after again",
    "The store and Paddle answer about the key.",
  ),
  "sweeps-fail": {
    title: "No key is looked after",
    severities: ["critical"],
    meaning:
      "No sweep has gone well for `reconcile.silence` (24 h). Keys are rotated by webhooks alone, and what those miss is missed: a key may expire.",
    actions: [
      { does: "Mend what the alert names. If it names nothing, restart the workers." },
      {
        does: "See whether the configuration, the stores and Paddle answer.",
        command: "npm run rotator -- check",
      },
      {
        does: "If that does not help: see what the job `reconcile` says in the queue `upkeep`.",
        page: "/queues",
      },
    ],
    endsWhen: "By itself: the first good sweep says `sweeps-work`.",
  },
  "sweeps-work": endOf("sweeps-fail", "Keys are looked after again", "A sweep has gone well."),
  "clock-skew": {
    title: "Webhooks are refused because of the time",
    severities: ["critical"],
    meaning:
      "A webhook that Paddle did sign was refused, because its time is too far from this machine's. If the clock is off, every webhook is refused.",
    actions: [
      {
        does: "On the machine of the rotator: compare its clock with the right time, and let NTP set it.",
        command: "timedatectl",
      },
      {
        does: "If the clock is right, something delays webhooks on their way: a proxy or a queue before the rotator. Or somebody sends an old one again, which does no harm.",
      },
    ],
    endsWhen:
      "By itself, when the clock is right: Paddle tries its webhooks again for 3 days. It is told once an hour until then.",
  },
  "webhooks-missed": {
    title: "Webhooks do not arrive",
    severities: ["warning"],
    meaning:
      "Events were found by catch-up that no webhook had brought. They were dealt with, later than they could have been.",
    actions: [
      {
        does: `Look at the destination in ${NOTIFICATIONS}: its address, its failed deliveries, and its secret key.`,
      },
      {
        does: "See that the rotator has the same secret key, and that its address is the right one.",
        command: "npm run rotator -- check",
      },
      {
        does: "If it is not registered as it should be: register it.",
        command: REGISTER,
      },
    ],
    endsWhen: "By itself, when webhooks arrive; it is not told. It is told once a day until then.",
  },
  "destination-unfit": {
    title: "Paddle sends no webhooks, or not all",
    severities: ["warning"],
    meaning:
      "The notification destination that should lead here is missing, switched off, or lacks events. Events are noticed by the sweep, up to 15 minutes later.",
    actions: [
      { does: "Create or update it.", command: REGISTER },
      { does: `Or do that by hand in ${NOTIFICATIONS}: the alert says what is missing.` },
      {
        does: "If it has another address than the rotator thinks: set `publicUrl` in the section `reconcile` to that.",
      },
    ],
    endsWhen: "By your act: the next sweep finds it. It is not told.",
  },
  "no-reader": {
    title: "Missed webhooks are not made up for",
    severities: ["info"],
    meaning:
      "No managed key may read the account's events, so a webhook that never arrives is noticed only by what it changed about the keys.",
    actions: [
      {
        does: `Give one managed key the permission that the alert names in ${AUTHENTICATION}, or name one that has it: \`readWith\` in the section \`reconcile\`.`,
      },
    ],
    endsWhen: "By your act: the next sweep. It is not told.",
  },
  "channel-failing": {
    title: "An alert channel does not deliver",
    severities: ["warning", "critical"],
    meaning:
      "People may not hear of what they must know. The alert says why, and what waits. Critical: a critical alert waits. It is tried again by itself, up to every ten minutes, for 7 days. Where only some are refused, the others have it, and it is not sent again.",
    actions: [
      {
        does: "Read what waits: it is a line of the log, too, and a job in the queue `alerts`.",
        page: "/queues",
      },
      {
        does: 'Mend what the alert names. `docs/alerts.md` has what each message means, under "When it refuses".',
      },
      { does: "See whether it delivers.", command: "npm run rotator -- test-alert <channel>" },
    ],
    endsWhen:
      "By itself: `channel-works`, when it delivers again. Of some who are refused: by your act, and it is not told.",
  },
  "channel-works": endOf(
    "channel-failing",
    "An alert channel delivers again",
    "The channel has taken an alert.",
  ),
  "test-alert": {
    title: "A test",
    severities: ["info"],
    meaning: "Somebody ran `test-alert` to see whether this channel works. It does.",
    actions: [],
    endsWhen: "At once.",
  },
};
