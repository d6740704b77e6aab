#!/bin/bash
# Judge: openssl verify -x509_strict, and s_server against s_client.
set -u

named() { # OPTION-PREFIX NAME: the option that checks this name
    case $2 in
        -) ;;
        *:* | *[0-9].[0-9]*.[0-9]*.[0-9]*) echo "-$1ip $2" ;;
        *) echo "-$1hostname $2" ;;
    esac
}

verify() { # PURPOSE NAME DIRECTORY TRUST
    # shellcheck disable=SC2046 # two words on purpose
    openssl verify -x509_strict -purpose "ssl$1" $(named verify_ "$2") \
        -no-CApath -no-CAstore -CAfile "$4" -untrusted "$3/cert.pem" "$3/cert.pem"
}

tls() { # SERVER CLIENT|- TRUST NAME
    local own=() line port
    [ "$2" = - ] || own=(-cert "$2/cert.pem" -cert_chain "$2/cert.pem" -key "$2/key.pem")
    coproc timeout 20 openssl s_server -accept 127.0.0.1:0 -naccept 1 -rev \
        -cert "$1/cert.pem" -cert_chain "$1/cert.pem" -key "$1/key.pem" \
        -CAfile "$1/ca.pem" -Verify 9 -verify_return_error -x509_strict 2>&1
    local server=$COPROC_PID
    while read -r line <&"${COPROC[0]}"; do
        [[ $line == ACCEPT* ]] && break
    done
    port=${line##*:}
    # The reversed word comes back only from a server that took the client.
    # shellcheck disable=SC2046
    printf 'ping\nCLOSE\n' | timeout 20 openssl s_client -connect "127.0.0.1:$port" -quiet -ign_eof \
        "${own[@]}" -CAfile "$3" -verify_return_error -x509_strict $(named verify_ "$4") 2>&1 | grep -a 'gnip\|error'
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
}

while IFS=$'\t' read -r question a b c d; do
    said=$("$question" "$a" "$b" "$c" "$d" 2>&1)
    case $said in
        *": OK" | gnip) echo ok ;;
        *) echo "no: ${said//$'\n'/ }" ;;
    esac
done
