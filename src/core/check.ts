/** Looks at whether applications still work after they were given another secret. A check never stops a rotation. */

export type CheckAnswer = {
  /** `unknown`: it could not be found out. That is never a reason to do anything. */
  readonly state: "good" | "bad" | "unknown";
  /** One sentence for people: public, without the check's own secrets, and with nothing that others wrote raw. */
  readonly says: string;
};

/** Something that can be looked at once the new secret is in use. */
export interface Check {
  readonly name: string;
  /** How long after the switch-over began it is looked at. */
  readonly windowMs: number;
  readonly everyMs: number;
  /** `rollback`: applications get the former secret back for as long as that lives. */
  readonly onFailure: "alert" | "rollback";
  /** It fails once it was bad at so many looks, one after the other, and for so long. */
  readonly failsAfter: { readonly looks: number; readonly lastingMs: number };
  /** Looks once, without changing anything. Whatever goes wrong is an answer. */
  look(): Promise<CheckAnswer>;
}
