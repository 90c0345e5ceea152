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
    pid=$(tr -dc 0-9 2>/dev/null <"$folder/$leader") || true
    # To kill the group -1 would be to kill everything.
    if [ "${pid:-0}" -gt 1 ]; then
      kill -s KILL -- "-$pid" 2>/dev/null || true
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
# PIPE: whoever waits for our words may be gone, too.
trap 'exit 1' HUP INT TERM PIPE

mkdir "$folder/postfix" "$folder/queue" "$folder/data" "$folder/dovecot" "$folder/mail"
chmod 755 "$folder"
chown postfix "$folder/data"
# What `postfix start` would make and check, which takes two seconds. It does not
# where there is this file, which it removes.
(
  cd "$folder/queue"
  mkdir pid public maildrop active bounce corrupt defer deferred flush hold incoming private saved trace
  chown postfix public maildrop active bounce corrupt defer deferred flush hold incoming private saved trace
  chgrp postdrop public maildrop
  chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace
  chmod 710 public
  chmod 730 maildrop
  touch quick-start
)
chown 65534:65534 "$folder/mail"
# Under sudo the settings come from the one who called it.
chown "${SUDO_UID:-0}" "$folder" "$folder/postfix" "$folder/dovecot"
echo "folder $folder"
read -r _
chown -R 0:0 "$folder/postfix" "$folder/dovecot"
# For the one who started this to read.
touch "$folder/postfix.log" "$folder/dovecot.log"

# Both keep the standard error that they were given: a pipe would never end.
dovecot -c "$folder/dovecot/dovecot.conf" >"$folder/start.log" 2>&1 </dev/null &&
  postfix -c "$folder/postfix" start >>"$folder/start.log" 2>&1 </dev/null || {
  cat "$folder/start.log"
  cat "$folder/dovecot.log" "$folder/postfix.log"
  exit 1
}
echo ready
cat >/dev/null
