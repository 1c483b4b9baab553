#!/bin/sh
# Holds the value of a LogQL query, such as a count of lines, against a limit.
# Exits with 0 (at most MOST), 1 (more), or 2 (it could not be found out).
# LOKI_URL: where Loki is. LOKI_HEADERS: a file of headers, such as X-Scope-OrgID or Authorization; needs curl 7.55.
# usage: loki.sh QUERY MOST
set -u
query=$1 most=$2

answer=$(curl --fail --silent --show-error --max-time 10 ${LOKI_HEADERS:+--header "@$LOKI_HEADERS"} \
  --get "$LOKI_URL/loki/api/v1/query" --data-urlencode "query=$query") || exit 2
# Without a matching line there is no sample.
value=$(printf %s "$answer" | jq -er 'select(.status == "success" and .data.resultType == "vector")
  | [.data.result[].value[1] | tonumber] | add // 0 | ceil') || exit 2

echo "the query gives $value, and $most may be"
[ "$value" -le "$most" ] && exit 0
[ "$value" -gt "$most" ] && exit 1
exit 2
