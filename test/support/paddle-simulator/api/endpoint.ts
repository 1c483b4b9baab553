/** What an endpoint is given and what it gives back. */
import type { Account, Key } from "../account/account.ts";
import type { Pagination } from "./pagination.ts";

export type Call = {
  readonly account: Account;
  /** The path's variable parts, in order. */
  readonly params: readonly string[];
  readonly url: URL;
  readonly body: string;
  /** The header `Skip-Count: true` was sent. */
  readonly skipCount: boolean;
};

export type Answer = { readonly status?: number; readonly data: unknown; readonly pagination?: Pagination };

export type Endpoint = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Matches the whole path; its groups are the params. */
  readonly path: RegExp;
} & (
  | { readonly open: true; readonly answer: (call: Call, caller: Key | null) => Answer }
  | { readonly open: false; readonly answer: (call: Call, caller: Key) => Answer }
);
