/** For an address that has no page, or has one no more. */
import { html } from "./html.ts";
import { layOut } from "./layout.ts";

export function renderNotFound(says: string): string {
  return layOut({
    title: "Not found",
    address: "/",
    section: null,
    now: null,
    version: null,
    hasForms: false,
    content: html`<section class="summary">
      <h1>${says}</h1>
      <p><a href="/">All keys</a></p>
    </section>`,
  });
}
