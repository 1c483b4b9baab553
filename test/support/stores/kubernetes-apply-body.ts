/** What a fake API server takes as a server-side apply of a Secret: the manager and the YAML of the body. */
import { parse } from "yaml";
import { z } from "zod";
import { badRequest, invalid } from "./kubernetes-status.ts";

const texts = z.record(z.string(), z.string());

/** What an apply may contain; anything else would be a mistake of ours, so it is refused. */
const Applied = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    labels: texts.default({}),
    annotations: texts.default({}),
  }),
  data: texts.default({}),
  type: z.string().optional(),
  immutable: z.boolean().optional(),
});
export type Applied = z.output<typeof Applied>;

export function checkManager(manager: string): void {
  if (manager === "")
    throw invalid("PatchOptions.meta.k8s.io", "", [
      "fieldManager",
      "Required value: is required for apply patch",
    ]);
  if (manager.length > 128 || !/^\P{C}+$/u.test(manager))
    throw invalid("PatchOptions.meta.k8s.io", "", ["fieldManager", "Invalid value"]);
}

/**
 * The API server reads YAML with a parser that knows no escaped pairs of surrogates, refuses control characters and
 * byte order marks, and takes NEL, LS and PS for ends of lines (go-yaml, readerc.go and scannerc.go).
 */
export function parseApplied(body: string): Applied {
  // oxlint-disable-next-line no-control-regex -- these are what it refuses
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/.test(body))
    throw badRequest("error decoding YAML: yaml: control characters are not allowed");
  if (/\\ud[89a-f]/i.test(body))
    throw badRequest("error decoding YAML: yaml: found invalid Unicode character escape code");
  const parsed = Applied.safeParse(parse(body));
  if (!parsed.success)
    throw badRequest(`Secret in version "v1" cannot be handled as a Secret: ${parsed.error.message}`);
  for (const value of Object.values(parsed.data.data))
    if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
      throw badRequest(
        'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
      );
  return parsed.data;
}
