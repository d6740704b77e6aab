#!/bin/sh -eu
# scp FILE... USER@HOST:/PATH
for to; do :; done
host=${to%%:*}
path=$HOSTS/${host#*@}${to#*:}
while [ $# -gt 1 ]; do
    case $1 in
        -*) ;;
        *) cp -Rp "$1" "$path" ;;
    esac
    shift
done
