/** The runbook: rotations that do not go as they should, ours and those of a platform. */
import { type Matters, AUTHENTICATION, endOf, LOOK, REPLACE, ROTATE } from "./entry.ts";

const IN_EMERGENCY = {
  does: `If the alert says that the key is exposed: revoke the key in ${AUTHENTICATION} now, because until this job succeeds whoever found it may use it. Then hand another key over.`,
};

export const ROTATIONS: Matters<
  | "job-failing"
  | "job-works"
  | "job-failed"
  | "rotation-refused"
  | "new-expiry-refused"
  | "rotated-outside-window"
  | "old-outlives-grace"
  | "platform-stuck"
  | "platform-freed"
  | "platform-needs-key"
  | "platform-has-key"
> = {
  "job-failing": {
    title: "A job keeps failing",
    severities: ["warning", "critical"],
    meaning:
      "A job fails, and the alert says why. It is tried again by itself, later and later, up to every ten minutes, for about seven days. Critical: the job is an emergency.",
    actions: [
      IN_EMERGENCY,
      {
        does: "Mend what the alert names: the store, the network, the queue, a permission. Nothing is to be started again.",
      },
      { does: "See what is wrong now, and how the key stands.", command: "npm run rotator -- check" },
      {
        does: "If no worker can read the job: start a worker of the newer release, or ask for the work anew with the alert's command (docs/upgrading.md).",
      },
      { does: "See when it is tried next.", page: "/queues" },
    ],
    endsWhen:
      "By itself: the next try after the cause is mended, and `job-works` says so. If it never succeeds, `job-failed` does.",
  },
  "job-works": endOf(
    "job-failing",
    "A job goes on",
    "A job that kept failing had a run that went well. It does what is left by itself.",
  ),
  "job-failed": {
    title: "A job is not tried again",
    severities: ["critical"],
    meaning:
      "A job has failed for about seven days, and the rotator has given it up. What it was to do is not done.",
    actions: [
      LOOK,
      {
        does: "Find the cause, and mend it. The alert has the last one.",
        command: "npm run rotator -- check",
      },
      { ...ROTATE, does: "If the job was `rotate`: ask for it again." },
      {
        does: "If it was `revoke-first`: ask for it again. Applications fail until they have read the new secret; it asks you to confirm.",
        command: "npm run rotator -- rotate <name> --revoke-first",
      },
      { ...REPLACE, does: "If it was `replace`: hand a new rotatable key over. The command asks for it." },
      { does: "If it was `inspect`: replay its webhook in Paddle > Developer tools > Notifications." },
    ],
    endsWhen:
      "By your act: the new job does what the failed one was to do. The failed one stays in the queue as a record.",
  },
  "rotation-refused": {
    title: "Paddle refuses to rotate a key",
    severities: ["critical"],
    meaning:
      "The secret in use works, and Paddle refuses the rotation: the alert has its words. The key expires some day.",
    actions: [
      { does: "Mend what Paddle names, for example a permission or the `lifetime`." },
      ROTATE,
      {
        ...REPLACE,
        does: "If it is refused again: create a new rotatable key, and hand it over before the key expires. The command asks for it.",
      },
    ],
    endsWhen: "By your act. A sweep asks again for what is due.",
  },
  "new-expiry-refused": {
    title: "A key kept its old expiry",
    severities: ["warning"],
    meaning: "The key is rotated, and Paddle refused its new expiry. It expires when it would have before.",
    actions: [
      {
        does: "Set a shorter `lifetime` in the `rotation` of the key in `rotator.yaml`, and restart the rotator.",
      },
      { ...ROTATE, does: "Rotate it again." },
    ],
    endsWhen: "By your act: a rotation whose expiry Paddle accepts. It is not told.",
  },
  "rotated-outside-window": {
    title: "A key is rotated outside its window",
    severities: ["info"],
    meaning:
      "No window opens before the key expires, and an expired key is worse than a rotation at a bad time.",
    actions: [
      {
        does: "Nothing now. To avoid it next time, set a longer `renewBefore` or a wider `window` in its `rotation`.",
      },
      { does: "See what would happen then.", command: "npm run rotator -- plan" },
    ],
    endsWhen: "At once: the rotation goes on as usual.",
  },
  "old-outlives-grace": {
    title: "A former secret works after its grace",
    severities: ["warning"],
    meaning:
      "The grace of the former secret is over, and Paddle still accepts it. Applications are not concerned.",
    actions: [
      { does: "Nothing yet: it is asked again every few minutes.", page: "/keys/<name>" },
      { does: "If it lasts for hours: ask Paddle's support about the key that the alert names." },
    ],
    endsWhen: "By itself, when Paddle refuses the former secret: it leaves the store. It is not told.",
  },
  "platform-stuck": {
    title: "A platform's rotation is stuck",
    severities: ["warning", "critical"],
    meaning:
      "The platform that rotates this key (AWS Secrets Manager) began a rotation and does not finish it. It blocks all later ones. Critical: the key leaked, or applications have no working key.",
    actions: [
      {
        does: "Do what the alert says: its command takes the staging label off the version that hangs, or finishes the rotation.",
      },
      { ...ROTATE, does: "If the alert says so: rotate it afterwards." },
    ],
    endsWhen: "By your act: `platform-freed` says when the platform is free. Until then you are reminded.",
  },
  "platform-freed": endOf(
    "platform-stuck",
    "The platform is free again",
    "The platform has finished or dropped its rotation.",
  ),
  "platform-needs-key": {
    title: "A platform needs another key",
    severities: ["critical"],
    meaning:
      "The platform rotates this key, and no rotation by it helps: the key is dead, was made without rotation, or expires soon. The rotator may not write there.",
    actions: [
      { does: `If the alert says so: revoke the key in ${AUTHENTICATION} now.` },
      {
        does: `Take the standby that the alert names, or create a new rotatable key with the same permissions in ${AUTHENTICATION}. Put it where the alert says. \`replace\` does not work here: the platform owns the secret.`,
      },
    ],
    endsWhen:
      "By your act: the job goes on by itself, and `platform-has-key` says so. Until then you are reminded.",
  },
  "platform-has-key": endOf(
    "platform-needs-key",
    "The platform has a key",
    "The key needs no other key any more.",
  ),
};
