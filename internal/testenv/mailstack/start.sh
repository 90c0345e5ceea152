# Postfix and Dovecot for tests, in a folder of their own, as root:
#   sh start.sh <pipe
# It says "folder PATH" and waits for a line: by then the settings are there.
# It says "ready" when both take connections, and ends them, and removes the
# folder, when standard input ends. Whoever holds the other end of that pipe may
# be killed outright: the pipe ends all the same.
set -eu
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin LC_ALL=C
export PATH LC_ALL
umask 022

# Short, and open to the servers' accounts, whatever TMPDIR is: a socket's path
# has 107 bytes at most.
folder=$(mktemp -d /tmp/dateline-mail-XXXXXX)
finish() {
  trap - EXIT
  # Each leads a group, which are its children. What is thrown away needs no
  # orderly shutdown.
  for leader in queue/pid/master.pid dovecot/run/master.pid; do
    if [ -s "$folder/$leader" ]; then
      kill -s KILL -- "-$(tr -dc 0-9 <"$folder/$leader")" 2>/dev/null || true
    fi
  done
  # One that is just dying may still write.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$folder" 2>/dev/null && return
    sleep 0.1
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

mkdir "$folder/postfix" "$folder/queue" "$folder/data" "$folder/dovecot" "$folder/mail"
chmod 755 "$folder"
chown postfix "$folder/data"
chown 65534:65534 "$folder/mail"
# Under sudo the settings come from the one who called it.
chown "${SUDO_UID:-0}" "$folder" "$folder/postfix" "$folder/dovecot"
echo "folder $folder"
read -r _

# Both keep the standard error that they were given: a pipe would never end.
dovecot -c "$folder/dovecot/dovecot.conf" >"$folder/start.log" 2>&1 </dev/null &&
  postfix -c "$folder/postfix" start >>"$folder/start.log" 2>&1 </dev/null || {
  cat "$folder/start.log"
  cat "$folder/dovecot.log" "$folder/postfix.log" 2>/dev/null || true
  exit 1
}
echo ready
cat >/dev/null
