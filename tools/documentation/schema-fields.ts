/** The fields of a schema as the documentation lists them. */
import { z } from "zod";
import type { Field } from "./markdown-table.ts";

const Node = z.object({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
});

export type Reading = {
  /** Fields whose own fields stand on another page. */
  readonly elsewhere?: readonly string[];
  /** What a section needs that may itself be left out is not called required. */
  readonly sparing?: boolean;
};

/** Every field that has no fields of its own, in the schema's order; `type` is told by the heading. */
export function fieldsOf(schema: z.ZodType, reading: Reading = {}): Field[] {
  const all = collect(z.toJSONSchema(schema, { io: "input" }), { path: "", isRequired: false }, reading);
  return all.filter(({ name }) => name !== "type");
}

const Typed = z.object({ properties: z.object({ type: z.object({ const: z.string() }) }) });

/** The word that tells sections of this kind from others. */
export function typeOf(schema: z.ZodType): string {
  return Typed.parse(z.toJSONSchema(schema, { io: "input" })).properties.type.const;
}

type Place = { readonly path: string; readonly isRequired: boolean };

function collect(schema: unknown, { path, isRequired }: Place, reading: Reading): Field[] {
  const node = Node.parse(schema);
  const byDefault = typeof node.default === "string" ? node.default : isRequired ? "required" : "–";
  if (reading.elsewhere?.includes(path)) return [{ name: path, default: byDefault }];
  if (node.oneOf) return node.oneOf.flatMap((option) => collect(option, { path, isRequired }, reading));
  if (node.items !== undefined && Node.parse(node.items).properties)
    return collect(node.items, { path: `${path}[]`, isRequired }, reading);
  if (!node.properties) return [{ name: path, default: byDefault }];
  const isNeeded = path === "" || !reading.sparing || isRequired;
  return Object.entries(node.properties).flatMap(([name, inner]) =>
    collect(
      inner,
      { path: path === "" ? name : `${path}.${name}`, isRequired: isNeeded && node.required.includes(name) },
      reading,
    ),
  );
}
