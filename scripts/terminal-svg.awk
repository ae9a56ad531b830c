# Turns terminal pictures (text with SGR colours, as `tmux capture-pane -e` prints them) into one
# SVG. Input: lines of "FILE MILLISECONDS". Run in the C locale: characters are counted by bytes
# that do not continue a UTF-8 sequence. Variables: columns, rows, pace.

BEGIN {
  kWidth = 8.4; kHeight = 18; kSize = 14; kMargin = 12; kBar = 26; kHoldMs = 6000
  split("#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #d0d7de", dark, " ")
  split("#6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff", bright, " ")
}

{ file[NR] = $1; at[NR] = $2 }

END {
  if (NR == 0) exit 1
  total = 0
  for (i = 1; i <= NR; i++) {
    starts[i] = total
    total += i < NR ? (at[i + 1] - at[i]) / pace : kHoldMs
  }
  shown_rows = 0
  for (i = 1; i <= NR; i++) read_picture(i)
  if (shown_rows < rows) rows = shown_rows
  width = 2 * kMargin + columns * kWidth
  height = kBar + 2 * kMargin + rows * kHeight
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\"", \
    width, height, width, height
  printf " font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\""
  printf " font-size=\"%d\" fill=\"#d0d7de\">\n<style>\n", kSize
  print ".b{font-weight:bold}.d{opacity:.65}"
  if (NR > 1) {
    print "@media (prefers-reduced-motion:no-preference){"
    for (i = 1; i <= NR; i++) keyframes(i)
    print "}"
  }
  print "</style>"
  printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#0d1117\"/>\n", width, height
  for (i = 0; i < 3; i++) {
    printf "<circle cx=\"%d\" cy=\"16\" r=\"5\" fill=\"#30363d\"/>\n", 18 + 18 * i
  }
  for (i = 1; i <= NR; i++) {
    printf "<g id=\"f%d\"%s>\n", i, i < NR ? " visibility=\"hidden\"" : ""
    for (row = 1; row <= rows; row++) draw_line(picture[i, row], row)
    print "</g>"
  }
  print "</svg>"
}

function keyframes(i,   from, to) {
  from = 100 * starts[i] / total
  to = i < NR ? 100 * starts[i + 1] / total : 100
  printf "@keyframes k%d{0%%{visibility:%s}", i, i == 1 ? "visible" : "hidden"
  if (i > 1) printf "%.3f%%{visibility:visible}", from
  if (i < NR) printf "%.3f%%{visibility:hidden}100%%{visibility:hidden}", to
  else printf "100%%{visibility:visible}"
  printf "}#f%d{animation:k%d %.2fs step-end infinite}\n", i, i, total / 1000
}

function read_picture(i,   line, row, used) {
  row = 0
  while ((getline line < file[i]) > 0) {
    row++
    picture[i, row] = line
    used = line
    gsub(/\033\[[0-9;]*m/, "", used)
    if (used ~ /[^ ]/ && row > shown_rows) shown_rows = row
  }
  close(file[i])
}

function draw_line(line, row,   column, run) {
  reset()
  column = 0
  while (line != "") {
    if (match(line, /^\033\[[0-9;]*m/)) {
      apply(substr(line, 3, RLENGTH - 3))
      line = substr(line, RLENGTH + 1)
    } else {
      run = match(line, /\033/) ? substr(line, 1, RSTART - 1) : line
      line = substr(line, length(run) + 1)
      if (run == "") line = substr(line, 2)
      column += draw_run(run, row, column)
    }
  }
}

function draw_run(run, row, column,   count, plain, background, foreground) {
  background = inverse ? (ink == "" ? "#d0d7de" : ink) : paper
  foreground = inverse ? (paper == "" ? "#0d1117" : paper) : ink
  plain = run
  gsub(/[\200-\277]/, "", plain)
  count = length(plain)
  if (count == 0) return 0
  if (background != "") {
    printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", \
      kMargin + column * kWidth, kBar + kMargin + (row - 1) * kHeight, count * kWidth, kHeight, \
      background
  }
  # Word by word: not every program keeps spaces inside of a text.
  while (match(run, /[^ ]+( [^ ]+)*/)) {
    column += RSTART - 1
    column += draw_word(substr(run, RSTART, RLENGTH), row, column, foreground)
    run = substr(run, RSTART + RLENGTH)
  }
  return count
}

function draw_word(word, row, column, foreground,   count, plain, class) {
  plain = word
  gsub(/[\200-\277]/, "", plain)
  count = length(plain)
  gsub(/&/, "\\&amp;", word)
  gsub(/</, "\\&lt;", word)
  gsub(/>/, "\\&gt;", word)
  class = (bold ? "b" : "") (bold && dim ? " " : "") (dim ? "d" : "")
  printf "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\"%s%s>%s</text>\n", \
    kMargin + column * kWidth, kBar + kMargin + row * kHeight - 5, count * kWidth, \
    foreground == "" ? "" : " fill=\"" foreground "\"", class == "" ? "" : " class=\"" class "\"", word
  return count
}

function reset() { ink = ""; paper = ""; bold = 0; dim = 0; inverse = 0 }

function apply(codes,   part, n, i, code) {
  n = split(codes, part, ";")
  if (n == 0) reset()
  for (i = 1; i <= n; i++) {
    code = part[i] + 0
    if (code == 0) reset()
    else if (code == 1) bold = 1
    else if (code == 2) dim = 1
    else if (code == 7 || code == 27) inverse = code == 7
    else if (code == 22) { bold = 0; dim = 0 }
    else if (code >= 30 && code <= 37) ink = dark[code - 29]
    else if (code >= 90 && code <= 97) ink = bright[code - 89]
    else if (code == 39) ink = ""
    else if (code >= 40 && code <= 47) paper = dark[code - 39]
    else if (code >= 100 && code <= 107) paper = bright[code - 99]
    else if (code == 49) paper = ""
    else if (code == 38 || code == 48) {
      if (part[i + 1] == 5) { colour = indexed(part[i + 2] + 0); i += 2 }
      else { colour = sprintf("#%02x%02x%02x", part[i + 2], part[i + 3], part[i + 4]); i += 4 }
      if (code == 38) ink = colour; else paper = colour
    }
  }
}

function indexed(n,   level) {
  if (n < 8) return dark[n + 1]
  if (n < 16) return bright[n - 7]
  if (n >= 232) { level = 8 + 10 * (n - 232); return sprintf("#%02x%02x%02x", level, level, level) }
  n -= 16
  return sprintf("#%02x%02x%02x", cube(int(n / 36)), cube(int(n / 6) % 6), cube(n % 6))
}
function cube(n) { return n == 0 ? 0 : 55 + 40 * n }
