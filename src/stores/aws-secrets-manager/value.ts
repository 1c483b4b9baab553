/**
 * The value of a version: plain text, or a JSON object of which some fields are ours. All else in it stays, the
 * spelling of numbers included.
 */
import { parseExactly } from "../exact-json.ts";
import type { AwsSecretsManagerOptions, Shape } from "./options.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a value that is a JSON object; null: it is something else. */
export function jsonFields(text: string): Fields | null {
  try {
    // A number alone would be an object here.
    const value = text.trimStart().startsWith("{") ? parseExactly(text) : null;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A field's text; null: it is not there or empty; undefined: it is no text. */
export function fieldText(fields: Fields, name: string): string | null | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : null;
  if (typeof value === "string") return value === "" ? null : value;
  return value === null ? null : undefined;
}

/** The value with these fields set, and all others as they are. */
export function withFields(text: string, changes: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ...jsonFields(text), ...changes });
}

/** The secret in a value of the shape `versions`; null: none; undefined: the field is no text. */
export function secretIn(text: string, field: string): string | null | undefined {
  const fields = jsonFields(text);
  if (fields) return fieldText(fields, field);
  // A line end comes with many a pasted or piped value, and no key has white space at its ends.
  return text.trim() || null;
}

// AWS takes no empty value.
const NO_TEXT = " ";

/** A value of the shape `versions` like `text`, with this secret; null: with none. */
export function withSecret(text: string, field: string, secret: string | null): string {
  if (jsonFields(text)) return withFields(text, { [field]: secret ?? "" });
  return secret ?? NO_TEXT;
}

/** The first value of a secret that has none: it says in which shape the key will be. */
export function firstValue(shape: Shape, { field }: AwsSecretsManagerOptions): string {
  return shape === "versions" ? JSON.stringify({ [field]: "" }) : "{}";
}

/** The field of the notes in the shape `fields`. */
export function notesField({ fields }: Pick<AwsSecretsManagerOptions, "fields">): string {
  return `${fields.active}_NOTES`;
}

/** The shape that a value plainly has; null: it is none of ours. */
export function shapeOf(text: string | null, options: AwsSecretsManagerOptions): Shape | null {
  if (text === null) return "versions";
  const fields = jsonFields(text);
  if (!fields) return text.trim() === "" || /^\s*pdl_\w+\s*$/.test(text) ? "versions" : null;
  const ours = [...Object.values(options.fields), notesField(options)];
  if (ours.some((name) => Object.hasOwn(fields, name))) return "fields";
  return Object.hasOwn(fields, options.field) ? "versions" : null;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
