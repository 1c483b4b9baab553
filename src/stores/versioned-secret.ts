/** One secret of a platform that only ever adds versions. */

/** One version of a secret that was read. */
export type SecretVersion = { readonly text: string; readonly version: string };

/** Throws StoreError. */
export interface VersionedSecret {
  /** As operators call it, e.g. `projects/acme/secrets/paddle`. */
  readonly name: string;
  /** The version that was added last; null: the secret exists and has none. */
  newest(): Promise<SecretVersion | null>;
  /** Is done at most once. Where the answer is lost: an error with the effect `unknown`. */
  add(text: string): Promise<{ version: string }>;
  /** Every version older than this one that can still be read. */
  earlier(version: string): Promise<readonly string[]>;
  disable(version: string): Promise<void>;
  /** Tells applications which version holds the old secret; null: none does. Of the application's secret only. */
  markOld(version: string | null): Promise<void>;
  /**
   * For platforms that count versions: the one before, by its name alone; null: there is none. With it, readers pass
   * over what a late writer adds to the rotator's secret; without it, that writer has to find out by itself.
   */
  readonly precedes?: (version: string) => string | null;
  /** Goes with `precedes`. The text of this version; null: it is not there, or cannot be read any more. */
  readonly at?: (version: string) => Promise<string | null>;
}
