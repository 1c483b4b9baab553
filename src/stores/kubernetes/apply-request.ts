/**
 * How a server-side apply is sent. Its body is YAML; JSON is YAML too, but for a few characters: the API server's
 * parser refuses some inside a string and takes others for the end of a line, unless they are escaped.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#serialization
 */
import {
  type ConfigurationOptions,
  Observable,
  PatchStrategy,
  type RequestContext,
  type ResponseContext,
  setHeaderOptions,
} from "@kubernetes/client-node";

// DEL and what follows it to NEL and APC, line and paragraph separator, byte order mark, no characters.
const UNSAFE = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;

/** JSON that every parser of YAML reads as the same. Pairs of surrogates stay: escaped, they would be refused. */
export function jsonAsYaml(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const yamlBody = {
  pre(request: RequestContext): Observable<RequestContext> {
    const body: unknown = request.getBody();
    if (typeof body === "string") request.setBody(jsonAsYaml(body));
    return new Observable(Promise.resolve(request));
  },
  post: (response: ResponseContext) => new Observable(Promise.resolve(response)),
};

/** To be given to the client with a patch. */
export const APPLY: ConfigurationOptions = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply, {
  middleware: [yamlBody],
});
