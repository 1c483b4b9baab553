/** Bull Board's page on its way to the browser. */
import { describe, expect, it } from "vitest";
import { keepLocal } from "../../../src/http/admin/queues/dashboard-page.ts";

describe("the dashboard's page", () => {
  it.each([
    ["https", '<link href="https://fonts.example/css2?a=b&c=d" rel="stylesheet">'],
    ["http", '<link rel="preconnect" href="http://fonts.example">'],
    ["the page's own scheme", '<link rel="stylesheet" href="//fonts.example/x.css" />'],
  ])("loses links to other hosts by %s", (_how, link) => {
    expect(keepLocal(`<head>${link}<link href="static/main.css"></head>`)).toBe(
      '<head><link href="static/main.css"></head>',
    );
  });

  it("loses inline styles, which the content security policy refuses", () => {
    expect(keepLocal('<div id="root" style="color:red"><i style="a:b" class="c">style="x"</i></div>')).toBe(
      '<div id="root"><i class="c">style="x"</i></div>',
    );
    expect(keepLocal("a<style>@keyframes x{\n0%{}}</style>b<style></style>c")).toBe("abc");
  });

  it("keeps everything else", () => {
    const page =
      '<base href="/queues/" /><link rel="icon" href="static/logo.svg"><script src="static/js/main.js"></script>';
    expect(keepLocal(page)).toBe(page);
  });
});
