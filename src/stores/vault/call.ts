/** One request to Vault, before anybody signs it. */

export type Call = {
  readonly method: "GET" | "POST";
  /** Below `/v1/`, e.g. `secret/data/billing`. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** true: where the answer is lost, something may have changed. */
  readonly changes?: true;
};
