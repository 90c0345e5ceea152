# A PostgreSQL server for tests, in a folder of its own:
#   SERVER_PASSWORD=… sh server.sh PROGRAMS PORT <pipe
# It writes "ready" when the server answers and ends it, and removes the
# folder, when standard input ends. Whoever holds the other end of that pipe
# may be killed outright: the pipe ends all the same.
set -eu
programs=$1 port=$2

# A short name: nothing in it may depend on how deep the caller's folder is.
folder=$(mktemp -d "${TMPDIR:-/tmp}/dateline-pg-XXXXXX")
finish() {
  trap - EXIT
  # Immediate: what is thrown away needs no orderly shutdown.
  "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM PIPE

printf '%s\n' "$SERVER_PASSWORD" >"$folder/password"
"$programs/initdb" -D "$folder/data" --username=dateline --pwfile="$folder/password" \
  --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log"
  exit 1
}
cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
# Nothing here has to outlive a power cut.
fsync = off
full_page_writes = off
CONF
"$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -t 60 -w start >"$folder/start.log" 2>&1 </dev/null || {
  cat "$folder/start.log" "$folder/server.log"
  exit 1
}
echo ready
cat >/dev/null
