/**
 * Reads a list page by page. The next page is asked for by the id that the last one ended with: the address that
 * Paddle offers for it (`meta.pagination.next`) is never used, because the key would be sent wherever it points.
 */
import { z } from "zod";

/** The most that Paddle gives; it lowers anything higher (Paddle: API keys, List API keys). */
const PER_PAGE = 200;
/** 10,000 entities: more than any account has, and an end to a list that has none. */
const MAX_PAGES = 50;

/** What is asked for beside the place in the list: filters, or a smaller page. */
export type ListQuery = Readonly<Record<string, string>>;

export type Page<Item> = { readonly items: readonly Item[]; readonly hasMore: boolean };

/** The envelope of a list. `has_more` is required: a list cut short would be taken for the whole one. */
export function pageOf<Item>(item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z
    .object({ data: z.array(item), meta: z.object({ pagination: z.object({ has_more: z.boolean() }) }) })
    .transform(({ data, meta }) => ({ items: data, hasMore: meta.pagination.has_more }));
}

/** The query of one page, which is as large as it can be unless it is asked for smaller. */
export function queryOf(asked: ListQuery): string {
  return `?${new URLSearchParams({ per_page: String(PER_PAGE), ...asked }).toString()}`;
}

/**
 * All items of the list; null: it does not end.
 *
 * @param readPage is given the query of the page to read
 */
export async function readPages<Item extends { readonly id: string }>(
  readPage: (query: string) => Promise<Page<Item>>,
  asked: ListQuery = {},
): Promise<Item[] | null> {
  const all: Item[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { items, hasMore } = await readPage(queryOf({ ...asked, ...(after !== null && { after }) }));
    all.push(...items);
    const last = items.at(-1);
    if (!hasMore || !last) return all;
    // The same page again: the list does not move on.
    if (last.id === after) return null;
    after = last.id;
  }
  return null;
}
