# Reads lines "round workload who key value" and prints medians and ratios; `format` is text or json,
# `build` the name of what was measured.

function median(values, count, i, j, kept) {
  for (i = 2; i <= count; i++) {
    kept = values[i]
    for (j = i - 1; j > 0 && values[j] > kept; j--) values[j + 1] = values[j]
    values[j + 1] = kept
  }
  return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

# The median of a figure over the rounds; -1 if it was never measured.
function figure(workload, who, key, round, count, list) {
  count = 0
  for (round = 1; round <= rounds; round++) {
    if ((round, workload, who, key) in value) list[++count] = value[round, workload, who, key]
  }
  return count ? median(list, count) : -1
}

# The median over the rounds of ours divided by theirs.
function ratio(workload, who, key, round, count, list, theirs) {
  count = 0
  for (round = 1; round <= rounds; round++) {
    theirs = value[round, workload, who, key]
    if (theirs > 0) list[++count] = value[round, workload, "sagasim", key] / theirs
  }
  return count ? median(list, count) : -1
}

function say(name, number, digits) {
  if (number < 0) return
  if (format == "json") {
    printf "%s\n  \"%s\": %.*f", (said++ ? "," : "{"), name, digits, number
  } else {
    printf "%-40s %16.*f\n", name, digits, number
  }
}

{
  value[$1, $2, $3, $4] = $5 + 0
  if ($3 != "sagasim" && !(($2, $3) in known)) {
    known[$2, $3] = 1
    peer_of[++pairs] = $3
    workload_of[pairs] = $2
  }
}

END {
  if (format == "json") {
    printf "{\n  \"build\": \"%s\"", build
    said = 1
  } else {
    printf "%-40s %16s\n", "build", build
  }
  main["w1"] = "msgs_per_cpu_s"
  main["w2"] = "orders_per_cpu_s"
  main["w3"] = "ops_per_cpu_s"
  main["seeds"] = "seeds_per_cpu_s"
  say("w1_messages_per_second", figure("w1", "sagasim", main["w1"]), 0)
  say("w2_orders_per_second", figure("w2", "sagasim", main["w2"]), 0)
  say("w2_peak_rss_bytes", figure("w2", "sagasim", "peak_rss_bytes"), 0)
  say("w3_operations_per_second", figure("w3", "sagasim", main["w3"]), 0)
  say("seeds_per_second", figure("seeds", "sagasim", main["seeds"]), 0)
  say("checkout_runs_per_second", figure("checkout", "sagasim", "runs_per_cpu_s"), 0)
  say("checkout_orders_per_second", figure("checkout", "sagasim", "orders_per_cpu_s"), 0)
  say("checkout_operations_per_second", figure("checkout", "sagasim", "operations_per_cpu_s"), 0)
  say("certified_combinations_per_second", figure("certify", "sagasim", "combinations_per_s"), 0)
  say("checkout_peak_rss_bytes", figure("checkout", "sagasim", "peak_rss_bytes"), 0)
  for (i = 1; i <= pairs; i++) {
    say(workload_of[i] "_ratio_to_" peer_of[i], ratio(workload_of[i], peer_of[i], main[workload_of[i]]), 3)
  }
  if (format == "json") print "\n}"
}
