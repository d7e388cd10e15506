#!/usr/bin/env bash
# A fleet as tasks of HyperQueue: hyperqueue.sh PARTS ROWS QUESTION..
#
#     hyperqueue.sh parts rows audit
#     cat rows/*.rows
set -euo pipefail
parts=$1 rows=$2
shift 2
mkdir -p "$rows"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find "$parts" -name '*.jsonl' | sort >"$list"
# Each task gets one line of the list as HQ_ENTRY; tasks whose worker dies are asked again elsewhere.
hq submit --wait --cpus 1 --crash-limit 3 --each-line "$list" -- bash -c '
    rows=$1; shift
    exec <"$HQ_ENTRY" >"$rows/$(basename "$HQ_ENTRY" .jsonl).rows" || exit 2
    extentplan shard "$@" || [ $? -eq 1 ]
' shard "$rows" "$@"
