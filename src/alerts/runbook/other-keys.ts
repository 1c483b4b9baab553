/** The runbook: standbys, former keys, and keys that are not managed here. */
import { type Matters, AUTHENTICATION, endOf, LOOK } from "./entry.ts";

export const OTHER_KEYS: Matters<
  | "standby-used"
  | "standby-unfit"
  | "standby-in-trouble"
  | "former-key-lives"
  | "former-key-still-used"
  | "former-key-ended"
  | "unmanaged-key-seen"
  | "unmanaged-key-expiring"
  | "unmanaged-key-ended"
  | "key-removed"
> = {
  "standby-used": {
    title: "The standby took the place of a key",
    severities: ["warning", "critical"],
    meaning:
      "The key could not rotate itself, so its standby took over: applications that read it work. There is no standby now. Critical: nobody said why the former key is refused, so a stranger may hold it.",
    actions: [
      { does: `Critical: look at the former key in ${AUTHENTICATION}, and revoke it unless it is revoked.` },
      { does: "Restart or reload the applications that still hold the former key.", page: "/keys/<name>" },
      {
        does: `Create a new rotatable key with the same permissions in ${AUTHENTICATION}, and put it into the standby's place.`,
      },
      { does: "See that the new standby is found.", command: "npm run rotator -- check" },
    ],
    endsWhen: "By itself as far as the key goes. The missing standby is yours.",
  },
  "standby-unfit": {
    title: "A standby would not help",
    severities: ["warning", "critical"],
    meaning:
      "The standby can't take the key's place: the alert says why. If the key dies now, it waits for a person. Critical: the standby was found in public.",
    actions: [
      { does: `If it was found in public: revoke it in ${AUTHENTICATION} now.` },
      {
        does: `Create a new rotatable key with the permissions of the key in ${AUTHENTICATION}, and put it into the standby's place.`,
      },
      LOOK,
    ],
    endsWhen: "By your act: the next sweep finds the new standby. It is not told; the key's page shows it.",
  },
  "standby-in-trouble": {
    title: "Something happened to a standby",
    severities: ["warning", "critical"],
    meaning:
      "An event says that the standby, which lies in the key's own store, was exposed, has expired, expires or was revoked. It can't be rotated there.",
    actions: [
      { does: `If it was exposed: revoke it in ${AUTHENTICATION} now, unless Paddle has done so.` },
      {
        does: `Create a new rotatable key with the same permissions in ${AUTHENTICATION}, and put it into the standby's place.`,
      },
      {
        does: "To have standbys rotated like any other key, give them a store of their own: `standby: { store: … }`.",
      },
    ],
    endsWhen: "By your act: a new standby. It is not told.",
  },
  "former-key-lives": {
    title: "A former key must be revoked",
    severities: ["warning", "critical"],
    meaning:
      "Another key took the place of this one, which is still alive, or not known to be dead. The rotator can't revoke it: no key of Paddle's may. Critical: it leaked.",
    actions: [
      { does: "If it did not leak: see that no application uses it any more.", page: "/keys/<name>" },
      { does: `Revoke the key that the alert names in ${AUTHENTICATION}.` },
      {
        does: "If it is revoked already and you are still reminded, no key here may read that: empty the slot `old` in the store.",
      },
    ],
    endsWhen:
      "By itself, once Paddle says that the key is dead: `former-key-ended`. Until then you are reminded once a day.",
  },
  "former-key-still-used": {
    title: "An application uses the former key",
    severities: ["warning"],
    meaning:
      "Somebody has used the former key after the overlap in which everybody was to move to the new one.",
    actions: [
      { does: "See which consumers have not switched over.", page: "/keys/<name>" },
      { does: "Restart or reload the application that still uses it, before the former key is revoked." },
    ],
    endsWhen:
      "By itself, when nobody uses it any more; it is told again for each hour in which somebody does.",
  },
  "former-key-ended": endOf(
    "former-key-lives",
    "The former key is dead",
    "Paddle says that the former key is dead. It is in the store no more.",
  ),
  "unmanaged-key-seen": {
    title: "A key appeared that nobody looks after",
    severities: ["info"],
    meaning: "Somebody created or changed a key of the account that is not in the configuration.",
    actions: [
      {
        does: "If an application uses it, add it to `keys` in `rotator.yaml`, and restart the rotator; else nothing.",
      },
      { does: "See that the configuration is right.", command: "npm run rotator -- check" },
    ],
    endsWhen: "At once. You are not told of this key again.",
  },
  "unmanaged-key-expiring": {
    title: "A key that is not managed here expires",
    severities: ["warning"],
    meaning:
      "Paddle warns of the expiry of a key that is not known to be in the configuration. Nobody here rotates it.",
    actions: [
      { does: `See what it is in ${AUTHENTICATION}.` },
      {
        does: "If the alert names keys of yours that it may be, and it is one of them: create a new rotatable key, and hand it over under that name. The command asks for the key.",
        command: "npm run rotator -- replace <name>",
      },
      {
        does: "Else add it to `keys` in `rotator.yaml`, or replace it by hand in the application that uses it.",
      },
    ],
    endsWhen: "By your act.",
  },
  "unmanaged-key-ended": {
    title: "A key that is not managed here is dead",
    severities: ["warning", "critical"],
    meaning:
      "A key that no store is known to hold has expired or was revoked. Critical: it may be one of your legacy keys, and then applications fail.",
    actions: [
      { does: `See what it was in ${AUTHENTICATION}.` },
      {
        does: "If the alert names keys of yours that it may be, and it is one of them: create a new rotatable key, and hand it over under that name. The command asks for the key.",
        command: "npm run rotator -- replace <name>",
      },
      { does: "Else, if an application used it, replace it there; else nothing." },
    ],
    endsWhen: "By your act.",
  },
  "key-removed": {
    title: "A key left the configuration while there was work about it",
    severities: ["warning", "critical"],
    meaning:
      "What was under way is not gone on with, because no key of the configuration has this name or this id. The alert says how far it was. Critical: a new secret is in use at Paddle and not in the store yet, so the one in the store dies with the grace.",
    actions: [
      {
        does: "If it was removed by mistake, or too early: put it back into `rotator.yaml`, and restart the rotator. It goes on where it was.",
      },
      {
        does: "If it shall not be managed any more: see that the store's active secret is the newest one, and empty the old and the pending one by hand. The old secret dies by itself.",
      },
    ],
    endsWhen: "By your act; it is not told.",
  },
};
