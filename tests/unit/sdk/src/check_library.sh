#!/bin/sh
# check_library.sh LIBRARY SYMBOLS_FILE [NEEDED...]: what leaves the library is what the committed
# list says, what it needs is the C and C++ run time and what is named, and nothing runs when it is
# loaded.
set -eu
export LC_ALL=C
library=$1
symbols=$2
shift 2
also=" $* "

exported=$(nm -D --defined-only "$library" | awk '{print $3}' | sort)
expected=$(grep -v '^#' "$symbols" | sort)
if [ "$exported" != "$expected" ]; then
  echo "exported symbols differ from $symbols (< list, > library):"
  a=$(mktemp) && b=$(mktemp)
  echo "$expected" > "$a"; echo "$exported" > "$b"
  diff "$a" "$b" || true
  rm -f "$a" "$b"
  exit 1
fi

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
for one in $needed; do
  case $one in
    libc.so.*|libm.so.*|libgcc_s.so.*|libstdc++.so.*|ld-linux*) ;;
    libasan.so.*|libubsan.so.*|libtsan.so.*) ;;  # builds with sanitizers
    *)
      case $also in
        *" ${one%%.so*} "*) ;;
        *) echo "$library needs $one"; exit 1 ;;
      esac ;;
  esac
done

# One pointer is the compiler's own; more are constructors of globals, which run in every trainer.
if ! echo "$needed" | grep -q 'san\.so'; then
  bytes=$(readelf -SW "$library" | sed -n 's/.* \.init_array *INIT_ARRAY *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\).*/\1/p')
  if [ "$((0x${bytes:-0}))" -gt 8 ]; then
    echo "$library has constructors of globals ($((0x$bytes / 8 - 1)))"
    exit 1
  fi
fi
