/** Asks Google which permissions this process has on both secrets, and says what those mean that it lacks. */
import { refusal } from "../faults.ts";
import {
  DISABLE,
  FOR_APPLICATION,
  FOR_WORKBENCH,
  FOR_WRITING,
  GET,
  LIST,
  type Permission,
  UPDATE,
} from "./permissions.ts";
import { type GoogleSecret, OLD_ALIAS } from "./secret.ts";

const REMEDY = "grant them as `npm run rotator -- check` prints it; a new grant may take minutes";

type Lack = { readonly name: string; readonly permissions: readonly Permission[] };

/** Throws StoreError if a write would be impossible. Answers with what would be left undone after one. */
export async function checkWritable(
  application: GoogleSecret,
  workbench: GoogleSecret,
): Promise<readonly string[]> {
  const lacks = await Promise.all([lackOn(application, FOR_APPLICATION), lackOn(workbench, FOR_WORKBENCH)]);
  const missing = lacks.filter(({ permissions }) => permissions.length > 0);
  if (missing.some(({ permissions }) => permissions.some((lacking) => FOR_WRITING.includes(lacking))))
    throw refusal(
      application.name,
      `cannot be kept: this process lacks ${missing.map(described).join("; ")}`,
      REMEDY,
    );
  return missing.map((lack) => leftUndone(lack, lack.name === application.name));
}

async function lackOn(secret: GoogleSecret, needed: readonly Permission[]): Promise<Lack> {
  return { name: secret.name, permissions: await secret.missing(needed) };
}

function described({ name, permissions }: Lack): string {
  return `${permissions.join(", ")} on ${name}`;
}

function leftUndone({ name, permissions }: Lack, isApplication: boolean): string {
  const lacks = (...some: readonly Permission[]) => some.some((one) => permissions.includes(one));
  const undone = [
    ...(isApplication && lacks(GET, UPDATE) ? [`gets no alias ${OLD_ALIAS} for the old secret`] : []),
    ...(lacks(LIST, DISABLE) ? ["keeps every old version enabled"] : []),
    ...(!isApplication && lacks(GET) ? ["cannot be read while it has no version"] : []),
  ];
  return `${name} ${undone.join(" and ")}: this process lacks ${permissions.join(", ")}: ${REMEDY}`;
}
