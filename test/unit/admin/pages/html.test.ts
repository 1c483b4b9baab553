import { describe, expect, it } from "vitest";
import { html } from "../../../../src/http/admin/pages/html.ts";

/** Under a name that the formatter does not know: it would move the spaces that are tested. */
const page = html;

describe("a template of a page", () => {
  it("shows whatever it is given as text", () => {
    const hostile = `<script>alert("1")</script>&'`;
    expect(String(page`<p>${hostile}</p>`)).toBe(
      "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</p>",
    );
  });

  it("keeps it inside a quoted attribute", () => {
    expect(String(page`<a title="${'" onclick="x'}" data-x='${"' y='"}'>a</a>`)).toBe(
      `<a title="&quot; onclick=&quot;x" data-x='&#39; y=&#39;'>a</a>`,
    );
  });

  it("takes for markup only what came out of a template, lists of it too", () => {
    const items = ["a", "<b>"].map((item) => page`<li>${item}</li>`);
    expect(String(page`<ul>${items}</ul>`)).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>");
    expect(String(page`${["<i>", ["<u>"]]}`)).toBe("&lt;i&gt;&lt;u&gt;");
    // What was read once as markup is text as soon as it is a text.
    expect(String(page`${String(page`<b>`)}`)).toBe("&lt;b&gt;");
  });

  it("shows 0, and nothing for what is not there", () => {
    expect(String(page`[${0}|${null}|${undefined}|${false}|${""}]`)).toBe("[0||||]");
  });

  it("drops the indentation of its source, and nothing of what it is given", () => {
    expect(
      String(page`<p>
        ${"a\n   b"}
      </p>`),
    ).toBe("<p>\na\n   b\n</p>");
  });
});
