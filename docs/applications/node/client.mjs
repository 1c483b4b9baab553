/** Calls Paddle with the active key. If Paddle refuses it: with the one that is active now, then with the old one. */
import { inUse, reload } from "./keys.mjs";

const API = process.env.PADDLE_API_URL ?? "https://api.paddle.com";

/** As fetch, with a path of Paddle's API. A refused request has done nothing: sending it again is safe. */
export async function paddle(path, init = {}) {
  const tried = [inUse];
  for (;;) {
    const response = await send(tried.at(-1), path, init);
    if (!(await isRefused(response)) || tried.length === 3) return response;
    const other = reload(tried);
    if (!other) return response;
    tried.push(other);
  }
}

function send(key, path, init) {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${key}`);
  return fetch(API + path, { signal: AbortSignal.timeout(10_000), ...init, headers, redirect: "error" });
}

/** Paddle answers a dead key with 403, as it does a lack of permission. */
async function isRefused(response) {
  if (response.status !== 403) return false;
  const answer = response.clone().json();
  return (await answer.catch(() => null))?.error?.code === "invalid_token";
}
