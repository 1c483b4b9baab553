/** Lists in pages (Paddle's docs, "Pagination"). Lists are ordered by id, which is the order of creation. */
import { type FieldFault, invalidFields } from "./api-error.ts";
import type { Call } from "./endpoint.ts";

const DEFAULT_PER_PAGE = 50;
const MAX_PER_PAGE = 200;

export type Order = "asc" | "desc";

export type Pagination = {
  readonly per_page: number;
  /** Absolute, and there even on the last page. */
  readonly next: string;
  readonly has_more: boolean;
  readonly estimated_total: number;
};

/** The page that the call asks for. `items` are oldest first. */
export function paginate<Item extends { readonly id: string }>(
  call: Call,
  items: readonly Item[],
  order: Order,
  defaultPerPage = DEFAULT_PER_PAGE,
): { page: readonly Item[]; pagination: Pagination } {
  const { perPage, after } = readPage(call.url.searchParams, defaultPerPage);
  const ordered = order === "asc" ? items : items.toReversed();
  const isPast = (id: string) => after === null || (order === "asc" ? id > after : id < after);
  const rest = ordered.filter(({ id }) => isPast(id));
  const page = rest.slice(0, perPage);
  const next = new URL(call.url);
  const last = page.at(-1)?.id ?? after;
  if (last !== null) next.searchParams.set("after", last);
  return {
    page,
    pagination: {
      per_page: perPage,
      next: next.href,
      has_more: rest.length > page.length,
      estimated_total: call.skipCount ? -1 : items.length,
    },
  };
}

/** Reads `order_by`, which takes ids only. */
export function readOrder(call: Call, fallback: Order): Order {
  const text = call.url.searchParams.get("order_by");
  if (text === null) return fallback;
  const order = /^id\[(asc|desc)\]$/i.exec(text)?.[1]?.toLowerCase();
  if (order !== "asc" && order !== "desc")
    throw invalidFields({ field: "order_by", message: "must be id[ASC] or id[DESC]" });
  return order;
}

function readPage(query: URLSearchParams, defaultPerPage: number): { perPage: number; after: string | null } {
  const faults: FieldFault[] = [];
  const perPageText = query.get("per_page") ?? String(defaultPerPage);
  if (!/^[1-9]\d*$/.test(perPageText))
    faults.push({ field: "per_page", message: "must be a number greater than 0" });
  const after = query.get("after");
  if (after !== null && !/^[a-z]+_[a-z\d]{26}$/.test(after))
    faults.push({ field: "after", message: "must be a valid Paddle ID" });
  if (faults.length > 0) throw invalidFields(...faults);
  return { perPage: Math.min(Number(perPageText), MAX_PER_PAGE), after };
}
