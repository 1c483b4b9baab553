/** Bull Board's page as we serve it. */

const OTHER_HOST_LINK = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g;
const INLINE_STYLE = /<style>[^]*?<\/style>|(?<=<[^<>]*) style="[^"]*"/g;

/**
 * The page without what it would load from other hosts (its fonts) and without the inline styles of its
 * "Loading" picture, which the content security policy refuses anyway.
 */
export function keepLocal(html: string): string {
  return html.replace(OTHER_HOST_LINK, "").replace(INLINE_STYLE, "");
}
