#!/bin/sh
# A trainer without the SDK, in any language: parameters come as --name=value (and as JSON in
# SCOPA_PARAMS), metrics go as JSON lines into the pipe that SCOPA_METRICS names.
set -eu

rate=0.1
for argument in "$@"; do
  case $argument in
    --rate=*) rate=${argument#--rate=} ;;
  esac
done

step=1
while [ "$step" -le 10 ]; do
  loss=$(awk -v rate="$rate" -v step="$step" 'BEGIN { print (1 - rate) ^ (2 * step) + 0.01 * rate }')
  echo "{\"step\": $step, \"loss\": $loss}" >>"${SCOPA_METRICS:-/dev/stdout}"
  step=$((step + 1))
done
