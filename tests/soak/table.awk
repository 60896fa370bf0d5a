# The figures of reports in JSON, one file per combination, as a table in Markdown.

function grouped(number,   text) {
  text = sprintf("%.0f", number)
  while (text ~ /[0-9][0-9][0-9][0-9]/) {
    sub(/[0-9][0-9][0-9]($|,)/, ",&", text)
  }
  return text
}

function listed(counts, wanted,   i, name, text) {
  for (i = 1; i <= names[wanted]; ++i) {
    name = name_at[wanted, i]
    if (counts[wanted, name] == 0) {
      text = text (text == "" ? "" : ", ") name
    }
  }
  return text == "" ? "none" : text
}

FNR == 1 {
  scenario = ""
  section = ""
}

/^  "scenario":/ {
  scenario = $2
  gsub(/[",]/, "", scenario)
  if (!(scenario in known)) {
    known[scenario] = 1
    order[++scenarios] = scenario
  }
}

/^  "(runs|failed|inconclusive|operations|wall_seconds|virtual_seconds)":/ {
  name = $1
  gsub(/[":]/, "", name)
  sum[name, scenario] += $2 + 0
  sum[name, "all"] += $2 + 0
}

# What was struck and what was put to the test.
/^  "(properties|faults)": {/ {
  section = $1
  gsub(/[":]/, "", section)
  next
}
/^  }/ { section = "" }
section != "" {
  name = $1
  gsub(/[":]/, "", name)
  if (!((section, name) in count)) {
    name_at[section, ++names[section]] = name
  }
  count[section, name] += $2 + 0
}

END {
  print "| scenario | runs | violations | undecided | operations | virtual days | hours |"
  print "| --- | --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= scenarios + 1; ++i) {
    key = i <= scenarios ? SUBSEP order[i] : SUBSEP "all"
    row = i <= scenarios ? order[i] : "all"
    printf "| %s | %s | %s | %s | %s | %s | %.2f |\n", row, grouped(sum["runs" key]), \
      grouped(sum["failed" key]), grouped(sum["inconclusive" key]), \
      grouped(sum["operations" key]), grouped(sum["virtual_seconds" key] / 86400), \
      sum["wall_seconds" key] / 3600
  }
  print ""
  print "Properties that nothing put to the test: " listed(count, "properties") "."
  print "Kinds of faults that never struck: " listed(count, "faults") "."
}
