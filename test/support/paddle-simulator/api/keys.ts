/** `GET /api-keys` and `GET /api-keys/{id}`. */
import type { Key } from "../account/account.ts";
import { renderKey } from "../account/render.ts";
import { longTime } from "../times.ts";
import { notFound } from "./api-error.ts";
import { requirePermission } from "./authorization.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { paginate, readOrder } from "./pagination.ts";

export const KEY_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: /^\/api-keys$/, open: false, answer: listKeys },
  { method: "GET", path: /^\/api-keys\/([^/]+)$/, open: false, answer: getKey },
];

function listKeys(call: Call, caller: Key): Answer {
  requirePermission(caller, "api_key.read");
  const { keys, switches } = call.account;
  const listed = [...keys.values()].filter(({ status }) => switches.listDeadKeys || status === "active");
  const { page, pagination } = paginate(call, listed, readOrder(call, "asc"));
  return { data: page.map((key) => renderKey(key, longTime)), pagination };
}

/** A key may always get itself. */
function getKey({ account, params: [id = ""] }: Call, caller: Key): Answer {
  if (id !== caller.id) requirePermission(caller, "api_key.read");
  const key = account.keys.get(id);
  if (!key) throw notFound(id);
  return { data: renderKey(key, longTime) };
}
