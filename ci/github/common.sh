# Shared by the scripts beside it; sourced, not run.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "::error::$*"
  exit 2
}

# A value that becomes a word of a command line: not empty, one line, no option.
word() {
  local name=$1 value=$2
  case $value in
    '') die "$name is not set" ;;
    -*) die "$name must not start with a dash" ;;
    *[[:cntrl:]]*) die "$name has a control character" ;;
  esac
}

# 0 and 3 are answers; 3 is passed on where the caller asked for it.
accept() {
  local status=$1 incomplete=$2
  case $status in
    3)
      [ "$incomplete" = fail ] && return 3
      say "::warning::something that was asked for could not be checked; the output names it"
      return 0
      ;;
    *) return "$status" ;;
  esac
}
