/**
 * Our words for what can be wrong with the syntax of a YAML file. The parser's own messages quote the file, in which
 * there may be secrets.
 */
import type { ErrorCode } from "yaml";

const QUOTE_IT = `put values that hold any of : # { } [ ] , & * ! | > % @ into "quotes"`;

export const SYNTAX_FAULTS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS:
    "an alias (*) has a tag or anchor of its own; remove it, or quote the value if no alias is meant",
  BAD_ALIAS: "an alias (*) or anchor (&) is not known or not complete; if none is meant, quote the value",
  BAD_COLLECTION_TYPE: "a tag (!) does not fit its value; remove it, or quote the value if no tag is meant",
  BAD_DIRECTIVE: "a line that begins with % is not a directive; remove it",
  BAD_DQ_ESCAPE: `a "quoted" text has a \\ that means nothing; write \\\\ or use 'single quotes'`,
  BAD_INDENT: "the indentation does not fit the lines above, or a bracket or quote is not closed",
  BAD_PROP_ORDER: "a tag (!) or anchor (&) stands before - ? or :; move it behind",
  BAD_SCALAR_START: `a value begins with a character that must be quoted; ${QUOTE_IT}`,
  BLOCK_AS_IMPLICIT_KEY: `two fields are on one line, or a value holds ": "; ${QUOTE_IT}`,
  BLOCK_IN_FLOW: "an indented section is inside { } or [ ]; write it on one line, or leave the brackets out",
  DUPLICATE_KEY: "the field is here twice; remove one",
  IMPOSSIBLE: "this cannot be read as YAML; write the line anew",
  KEY_OVER_1024_CHARS: "the name of a field has more than 1,024 characters",
  MISSING_CHAR: `a quote, bracket, comma, colon or space is missing here or above, or the indentation does not fit; ${QUOTE_IT}`,
  MULTILINE_IMPLICIT_KEY: `the name of a field runs over a line break, or its ":" is missing`,
  MULTIPLE_ANCHORS: "a value has two anchors (&); keep one",
  MULTIPLE_DOCS: "a second document begins; keep one, without lines of ---",
  MULTIPLE_TAGS: "a value has two tags (!); keep one",
  NON_STRING_KEY: "the name of a field must be text",
  RESOURCE_EXHAUSTION: "sections are nested too deeply",
  TAB_AS_INDENT: "a tab indents the line; use spaces",
  TAG_RESOLVE_FAILED:
    "a tag (!) is not known or does not fit; remove it, or quote the value if no tag is meant",
  UNEXPECTED_TOKEN: `something is here that YAML does not expect; ${QUOTE_IT}`,
};
