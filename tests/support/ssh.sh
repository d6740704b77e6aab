#!/bin/sh -eu
# ssh USER@HOST COMMAND: what the command says of /etc and /var means the host's.
host=$HOSTS/${1#*@}
shift
PATH=${0%/*}/host:$PATH exec sh -euc "$(echo "$*" | sed "s#/etc/#$host/etc/#g; s#/var/#$host/var/#g")"
