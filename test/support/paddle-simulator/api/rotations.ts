/** Create, get and list rotations: a key's own business, without any permission. */
import { type Account, type Key, livingOld, type Rotation } from "../account/account.ts";
import { renderRotation } from "../account/render.ts";
import { startRotation } from "../account/rotate.ts";
import type { RotationEntity } from "../entities.ts";
import { longTime } from "../times.ts";
import { ApiError, invalidFields, notFound } from "./api-error.ts";
import type { Answer, Call, Endpoint } from "./endpoint.ts";
import { paginate } from "./pagination.ts";
import { readTerms } from "./terms.ts";

export const ROTATION_ENDPOINTS: readonly Endpoint[] = [
  { method: "POST", path: /^\/api-keys\/([^/]+)\/rotations$/, open: false, answer: createRotation },
  { method: "GET", path: /^\/api-keys\/([^/]+)\/rotations$/, open: false, answer: listRotations },
  { method: "GET", path: /^\/api-keys\/([^/]+)\/rotations\/([^/]+)$/, open: false, answer: getRotation },
];

function createRotation(call: Call, caller: Key): Answer {
  const { account } = call;
  requireSelf(call, caller);
  const terms = readTerms(call.body, account.switches, account.clock.now());
  if (!caller.rotatable) throw new ApiError("api_key_cannot_be_rotated");
  const isInGrace = livingOld(caller, account.clock.now()).length > 0;
  if (isInGrace && account.switches.rotationInGrace === "refuse") throw new ApiError("bad_request");
  const rotation = startRotation(account, caller, terms);
  const data = renderRotation(rotation, account.switches, longTime, "plain");
  return { status: account.switches.createStatus, data };
}

function getRotation(call: Call, caller: Key): Answer {
  requireSelf(call, caller);
  const id = call.params[1] ?? "";
  const rotation = caller.rotations.find((each) => each.id === id);
  if (!rotation) throw notFound(id);
  return { data: renderAgain(call.account, rotation) };
}

function listRotations(call: Call, caller: Key): Answer {
  requireSelf(call, caller);
  const { switches } = call.account;
  const ids = call.url.searchParams.get("id")?.split(",");
  const listed = caller.rotations.filter(({ id }) => !ids || ids.includes(id));
  const { page, pagination } = paginate(call, listed, switches.rotationListOrder);
  const render = (rotation: Rotation) =>
    switches.newKeyInList
      ? renderAgain(call.account, rotation)
      : renderRotation(rotation, switches, longTime);
  return { data: page.map(render), pagination };
}

/** A rotation as it is shown after the answer to its POST. */
function renderAgain({ switches }: Account, rotation: Rotation): RotationEntity {
  const { newKeyOnGet } = switches;
  const isShown =
    newKeyOnGet === "always" || (newKeyOnGet === "while-pending" && rotation.status === "pending");
  return renderRotation(rotation, switches, longTime, isShown ? "plain" : "masked");
}

function requireSelf({ account, params: [id = ""] }: Call, caller: Key): void {
  if (id === caller.id) return;
  switch (account.switches.otherKeyRotation) {
    case "forbidden":
      throw new ApiError("forbidden");
    case "not_found":
      throw notFound(id);
    case "bad_request":
      throw invalidFields({ field: "api_key_id", message: "must be the API key that makes the request" });
  }
}
