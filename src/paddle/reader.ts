/** Sends a call and reads what it asked for out of the answer: one entity, or a list page by page. */
import { z } from "zod";
import { PaddleError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Addresses } from "./address.ts";
import type { Urgency } from "./budget.ts";
import { type Call, nameOf } from "./call.ts";
import { incomplete, refusal } from "./failure.ts";
import { type ListQuery, pageOf, readPages } from "./pages.ts";
import { readContent } from "./reply.ts";
import type { WholeReply, Transport } from "./transport.ts";

export type AuthenticatedCall = Call & { readonly secret: Secret };

/** The envelope of a single entity. */
export const dataOf = <T>(entity: z.ZodType<T>) => z.object({ data: entity }).transform(({ data }) => data);

export type ReaderOptions = {
  readonly addresses: Addresses;
  readonly transport: Transport;
  readonly urgency: Urgency;
};

/** Throws PaddleError. */
export class Reader {
  readonly #addresses: Addresses;
  readonly #transport: Transport;
  readonly #urgency: Urgency;

  constructor({ addresses, transport, urgency }: ReaderOptions) {
    this.#addresses = addresses;
    this.#transport = transport;
    this.#urgency = urgency;
  }

  /** The answer as it came, whatever its status. */
  answer(root: URL, call: Call): Promise<WholeReply> {
    return this.#transport.send(call, root, this.#urgency);
  }

  /** For a call that says itself where it goes, because no secret does. */
  async readAt<T>(root: URL, call: Call, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.answer(root, call);
    if (reply.status < 200 || reply.status > 299) throw refusal(call, reply);
    const answer = readContent(reply, schema);
    if ("faults" in answer) throw incomplete(call, reply, answer.faults);
    return answer.content;
  }

  async read<T>(call: AuthenticatedCall, schema: z.ZodType<T>): Promise<T> {
    return this.readAt(this.#addresses.for(call), call, schema);
  }

  /** All items of the list at `path`. */
  async readAll<Item extends { readonly id: string }>(
    path: string,
    secret: Secret,
    item: z.ZodType<Item>,
    asked: ListQuery = {},
  ): Promise<readonly Item[]> {
    const items = await readPages(
      (query) => this.read(listCall(`${path}${query}`, secret), pageOf(item)),
      asked,
    );
    if (items) return items;
    const name = nameOf(listCall(path, secret));
    throw new PaddleError(`${name}: the list does not end; Paddle ignores where we are in it`, {
      code: "endless_list",
      status: null,
      effect: "none",
      retry: "later",
    });
  }
}

/** A call for one page of a list. */
export function listCall(path: string, secret: Secret): AuthenticatedCall {
  // Spares Paddle the counting of all items (Paddle: API reference, List API key rotations).
  return { method: "GET", path, secret, headers: { "skip-count": "true" }, mayChange: "nothing" };
}
