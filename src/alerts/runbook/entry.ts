/** What the runbook says of one matter. Public text, for somebody who was woken by it. */
import type { AlertKind, Severity } from "../../core/alert.ts";

export type Step = {
  /** What to do: a sentence. Words in backticks are names, fields and commands. */
  readonly does: string;
  /** What to type. `<name>`: the key's configured name. */
  readonly command?: string;
  /** A page of the admin listener. `<name>`: the key's configured name. */
  readonly page?: string;
};

export type Matter = {
  /** In a few words, as people would call it. */
  readonly title: string;
  /** How it is told; none: it is a state, and not told. */
  readonly severities: readonly Severity[];
  /** What is true now. */
  readonly meaning: string;
  /** In this order. Empty: nothing is to be done. */
  readonly actions: readonly Step[];
  /** What ends it: itself, or which act. */
  readonly endsWhen: string;
};

export type Matters<Kind extends AlertKind> = Readonly<Record<Kind, Matter>>;

export const AUTHENTICATION = "Paddle > Developer tools > Authentication";
export const NOTIFICATIONS = "Paddle > Developer tools > Notifications";

/** What most of it begins with. */
export const LOOK: Step = { does: "See how the key stands.", page: "/keys/<name>" };

/** The one thing that only a person can do. */
export const REPLACE: Step = {
  does: `Create a new rotatable key with the same permissions in ${AUTHENTICATION}, then hand it over. The command asks for the key; it is no argument.`,
  command: "npm run rotator -- replace <name>",
};

export const ROTATE: Step = { does: "Rotate it.", command: "npm run rotator -- rotate <name>" };

export const REVOKE_FIRST: Step = {
  does: "Kill the secret in use, and make another. Applications fail until they have read the new one; it asks you to confirm.",
  command: "npm run rotator -- rotate <name> --revoke-first",
};

/** An end is told, and asks for nothing. @param of the kind of alert that it ends */
export function endOf(of: AlertKind, title: string, meaning: string): Matter {
  return {
    title,
    severities: ["info"],
    meaning,
    actions: [],
    endsWhen: `At once: it is the end of \`${of}\`, and closes what that had opened.`,
  };
}

/** A sentence as the second half of another one. */
export function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
