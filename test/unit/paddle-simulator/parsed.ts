/** An answer of the simulated API, taken apart for assertions. */
import { z } from "zod";

const Fields = z.record(z.string(), z.unknown());
const Body = z.object({
  data: z.union([z.array(Fields), Fields]).optional(),
  error: Fields.optional(),
  meta: Fields.optional(),
});

export type Fields = z.output<typeof Fields>;

export type Parsed = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body. */
  readonly json: unknown;
  /** `data` of a single entity; {} if it is a list or an error. */
  readonly one: Fields;
  /** `data` of a list; [] if it is a single entity or an error. */
  readonly many: readonly Fields[];
  readonly error: Fields;
  readonly meta: Fields;
  /** `meta.pagination` */
  readonly pagination: Fields;
};

export function parseAnswer(status: number, headers: Readonly<Record<string, string>>, text: string): Parsed {
  const json: unknown = JSON.parse(text);
  const { data = {}, error = {}, meta = {} } = Body.parse(json);
  return {
    status,
    headers,
    json,
    one: Array.isArray(data) ? {} : data,
    many: Array.isArray(data) ? data : [],
    error,
    meta,
    pagination: Fields.parse(meta["pagination"] ?? {}),
  };
}

/** `<status> <error code>`, or the status alone: enough for most assertions. */
export function gist({ status, error }: Parsed): string {
  const { code } = z.object({ code: z.string().optional() }).parse(error);
  return code === undefined ? String(status) : `${status} ${code}`;
}
