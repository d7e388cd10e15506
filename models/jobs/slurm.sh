#!/usr/bin/env bash
# A fleet as an array of jobs of Slurm: one for each file of the folder `parts`, rows in the folder `rows`.
#
#     mkdir -p rows
#     sbatch --array=1-$(ls parts/*.jsonl | wc -l) slurm.sh audit
#     cat rows/*.rows
#SBATCH --job-name=extentplan
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --requeue
set -euo pipefail
part=$(find "${PARTS:-parts}" -name '*.jsonl' | sort | sed -n "${SLURM_ARRAY_TASK_ID}p")
exec <"$part" >"${ROWS:-rows}/$(basename "$part" .jsonl).rows" || exit 2
extentplan shard "$@" || [ $? -eq 1 ]
