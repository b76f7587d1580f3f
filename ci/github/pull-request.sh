#!/usr/bin/env bash
# Judges a change of the model or of the source: what changed, and what the gate says. No secret is needed.
#
# Reads: TM_CHECKOUT (folder with the repository that holds the model), TM_MODEL (the model's path in it), TM_BASE and
# TM_HEAD (revisions in it), TM_SOURCE_BASE and TM_SOURCE_HEAD (optional, both or none), TM_ENFORCE (true or false),
# TM_TOOLS (folder with scanners, optional: new findings are judged, too), TM_PICTURES (true or false: draw before and after), TM_INCOMPLETE (fail or warn), TM_NUMBER (number of the pull request, optional), TM_OUT (folder for the results).
# Writes to TM_OUT: comment.md, gate.sarif, pictures, status, number. Ends with the gate's exit code.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

most_bytes=60000 # GitHub takes 65536 characters in a comment

for name in TM_CHECKOUT TM_MODEL TM_BASE TM_HEAD TM_OUT; do word "$name" "${!name:-}"; done
mkdir -p -- "$TM_OUT"
out=$(cd -- "$TM_OUT" && pwd)
cd -- "$TM_CHECKOUT"

sources=()
if [ -n "${TM_SOURCE_BASE:-}${TM_SOURCE_HEAD:-}" ]; then
  word TM_SOURCE_BASE "${TM_SOURCE_BASE:-}"
  word TM_SOURCE_HEAD "${TM_SOURCE_HEAD:-}"
  sources=(--source-base "$TM_SOURCE_BASE" --source-head "$TM_SOURCE_HEAD")
fi
arguments=("$TM_MODEL" --base "$TM_BASE" --head "$TM_HEAD" "${sources[@]}")

# What scanners found may not be public yet: it stays in a folder that goes, and the gate's answer withholds what the
# model's policy names.
if [ -n "${TM_TOOLS:-}" ] && [ ${#sources[@]} -gt 0 ]; then
  word TM_TOOLS "$TM_TOOLS"
  work=$(mktemp -d -- "${RUNNER_TEMP:-/tmp}/threatmodel.XXXXXXXX")
  trap 'rm -rf -- "$work"' EXIT
  scan() {
    local status=0
    threatmodel scan "$1" --edition private --format sarif --tools "$TM_TOOLS" -o "$2" || status=$?
    case $status in 0 | 3) ;; *) exit "$status" ;; esac
  }
  scan "$TM_SOURCE_BASE" "$work/base.sarif"
  scan "$TM_SOURCE_HEAD" "$work/head.sarif"
  arguments+=(--findings-base "$work/base.sarif" --findings-head "$work/head.sarif")
fi

pictures=()
if [ "${TM_PICTURES:-false}" = true ]; then pictures=(--pictures "$out/pictures"); fi
enforce=()
if [ "${TM_ENFORCE:-true}" = true ]; then enforce=(--enforce); fi

gate=0
threatmodel gate "${arguments[@]}" "${enforce[@]}" --format markdown > "$out/gate.md" || gate=$?
threatmodel gate "${arguments[@]}" --format sarif > "$out/gate.sarif" || true
diff=0
threatmodel diff "$TM_BASE" "$TM_HEAD" "$TM_MODEL" "${sources[@]}" "${pictures[@]}" --format markdown > "$out/diff.md" || diff=$?

cat -- "$out/gate.md" > "$out/whole.md"
printf '\n' >> "$out/whole.md"
cat -- "$out/diff.md" >> "$out/whole.md"
if [ ! -s "$out/gate.md" ]; then
  printf '\nThe gate did not come to an answer (exit code %s). The log of the job says why.\n' "$gate" >> "$out/whole.md"
fi
if [ ! -s "$out/diff.md" ]; then
  printf '\nThe model could not be compared (exit code %s). The log of the job says why.\n' "$diff" >> "$out/whole.md"
fi
if [ "$(wc -c < "$out/whole.md")" -gt "$most_bytes" ]; then
  head -c "$most_bytes" -- "$out/whole.md" | sed '$d' > "$out/comment.md"
  # what is folded up and cut must not fold up the line that says so
  open=$(grep -c '^<details>' -- "$out/comment.md" || true)
  closed=$(grep -c '^</details>' -- "$out/comment.md" || true)
  while [ "$closed" -lt "$open" ]; do
    printf '\n</details>\n' >> "$out/comment.md"
    closed=$((closed + 1))
  done
  printf '\n\nThe rest is left out here. The artefact of the job has all of it.\n' >> "$out/comment.md"
else
  cp -- "$out/whole.md" "$out/comment.md"
fi
printf '%s\n' "$gate" > "$out/status"
printf '%s\n' "${TM_NUMBER:-}" > "$out/number"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat -- "$out/comment.md" >> "$GITHUB_STEP_SUMMARY"; fi

case $diff in 0 | 3) ;; *) if [ "$gate" = 0 ]; then gate=$diff; fi ;; esac
if [ "$gate" = 0 ] && [ "$diff" = 3 ]; then gate=3; fi
accept "$gate" "${TM_INCOMPLETE:-fail}"
