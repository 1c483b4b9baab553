/** One thing that the API does: what it takes, what it answers, and how it says no. Served and documented from here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { refuse, refuseOtherMethods } from "../refusal.ts";
import { faultsIn } from "./key-problems.ts";

/** For an operation without parameters, query or body: whatever comes is left alone. */
export const NOTHING = z.unknown();

export type Answer = {
  readonly says: string;
  readonly body: z.ZodType;
  /** Other content types that may be asked for by `Accept`, with what they are. */
  readonly alsoAs?: Readonly<Record<string, string>>;
};

export type Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answers extends Readonly<Record<number, Answer>> = Readonly<Record<number, Answer>>,
> = {
  /** As clients that are generated from the document will call it. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** As OpenAPI writes it: `/api/keys/{name}`. */
  readonly path: `/api/${string}`;
  readonly summary: string;
  readonly description?: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** By status. */
  readonly answers: Answers;
  /** Why it may say no, by status, besides the reasons that every operation has. */
  readonly problems: Readonly<Record<number, string>>;
};

/** The operation as it is, with the types of its schemas. */
export function operation<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answers extends Readonly<Record<number, Answer>>,
>(given: Operation<Params, Query, Body, Answers>): Operation<Params, Query, Body, Answers> {
  return given;
}

type DeepReadonly<T> = T extends object ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> } : T;

type Asked<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answers extends Readonly<Record<number, Answer>>,
> = {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Sends one of the answers that the operation names. */
  readonly answer: <Status extends keyof Answers & number>(
    status: Status,
    body: DeepReadonly<z.output<Answers[Status]["body"]>>,
  ) => FastifyReply;
};

/** @param handle answers, by `answer` or with a problem */
export function serve<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answers extends Readonly<Record<number, Answer>>,
>(
  app: FastifyInstance,
  what: Operation<Params, Query, Body, Answers>,
  handle: (asked: Asked<Params, Query, Body, Answers>) => Promise<FastifyReply>,
): void {
  const url = what.path.replaceAll(/\{(\w+)\}/g, ":$1");
  app.route({
    method: what.method,
    url,
    handler: async (request, reply) => {
      const params = what.params.safeParse(request.params);
      const query = what.query.safeParse(request.query);
      const body = what.body.safeParse(request.body);
      if (!params.success) return refuse(reply, 400, faultsIn(params.error));
      if (!query.success) return refuse(reply, 400, faultsIn(query.error));
      if (!body.success) return refuse(reply, 400, faultsIn(body.error));
      return handle({
        params: params.data,
        query: query.data,
        body: body.data,
        request,
        reply,
        answer: (status, content) => {
          void reply.code(status);
          return reply.send(content);
        },
      });
    },
  });
  refuseOtherMethods(app, url, what.method);
}
