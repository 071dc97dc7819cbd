# Sourced by ./run and ./test: finds a Python, makes .venv, installs a locked set of packages into it when the lock changed.

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local name check='import sys, ssl, sqlite3; sys.exit(sys.version_info < (3, 11))'
  for name in ${MULIN_PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3 python; do
    if "$name" -c "$check" >/dev/null 2>&1; then
      printf '%s' "$name"
      return 0
    fi
  done
  say "需要 Python 3.11 或更新版本，这台机器上没有找到。"
  say "Python 3.11 or newer is needed and was not found on this machine."
  say "  Debian/Ubuntu: apt-get install python3 python3-venv   macOS: brew install python@3.13   或/or MULIN_PYTHON=/path/to/python3"
  return 1
}

make_venv() {
  if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    return 0
  fi
  local python
  python=$(find_python) || return 1
  if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    say "找到了 $python，但它缺少 venv/ensurepip，无法建立独立环境。"
    say "$python was found but lacks venv/ensurepip."
    say "  Debian/Ubuntu: apt-get install python3-venv   然后再运行一次 / then run this again."
    return 1
  fi
  "$python" -m venv --clear .venv
}

# install_locked FILE: install exactly FILE's packages, once per content of FILE and place of this folder.
install_locked() {
  make_venv || return 1
  local lock=$1 stamp=".venv/installed-${1%.txt}" wanted
  wanted=$(.venv/bin/python -c 'import hashlib, os, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), sys.version.split()[0], os.getcwd())' "$lock") || return 1
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    return 0
  fi
  say "正在安装所需软件包（只在第一次或版本变化时）… Installing packages (the first time, and when versions change)…"
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"; then
    say "软件包没有装好。请检查网络（或设置 PIP_INDEX_URL 使用镜像站）后再运行一次，已下载的不会浪费。"
    say "The packages could not be installed. Check the network (or point PIP_INDEX_URL at a mirror) and run this again."
    return 1
  fi
  link_project
  printf '%s\n' "$wanted" > "$stamp"
}

# The project runs from this folder; a path file needs no build tool and no network.
link_project() {
  .venv/bin/python -c 'import os, pathlib, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "mulin.pth").write_text(os.getcwd() + "\n", encoding="utf-8")'
  printf '%s\n' '#!/bin/sh' 'exec "$(dirname "$0")/python" -m mulin.commands.main "$@"' > .venv/bin/mulin
  chmod 755 .venv/bin/mulin
}
