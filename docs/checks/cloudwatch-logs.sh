#!/bin/sh
# Counts the lines of a CloudWatch log group that match a pattern, with Logs Insights.
# Exits with 0 (at most MOST of them), 1 (more), or 2 (it could not be found out).
# usage: cloudwatch-logs.sh LOG_GROUP PATTERN MOST [SECONDS]
set -u
group=$1 pattern=$2 most=$3 seconds=${4:-120}

now=$(date +%s)
id=$(aws logs start-query --log-group-name "$group" \
  --start-time $((now - seconds)) --end-time "$now" \
  --query-string "filter @message like /$pattern/ | stats count(*) as lines" \
  --query queryId --output text) || exit 2

for _ in 1 2 3 4 5 6 7 8; do
  sleep 1
  answer=$(aws logs get-query-results --query-id "$id" \
    --query "[status, results[0][?field=='lines'].value | [0]]" --output text) || exit 2
  status=$(echo "$answer" | cut -f1) lines=$(echo "$answer" | cut -f2)
  case $status in
    Complete)
      # Without a matching line there is no row.
      [ "$lines" = None ] && lines=0
      echo "$lines lines with $pattern in $group within $seconds s"
      [ "$lines" -le "$most" ] && exit 0
      [ "$lines" -gt "$most" ] && exit 1
      exit 2 ;;
    Scheduled | Running) ;;
    *) echo "the query ended as $status"; exit 2 ;;
  esac
done
echo "the query was not done in time"
exit 2
