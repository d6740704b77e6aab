# Before the PostgreSQL of its own section, on 10.0.0.1, whose pg_hba.conf and pg_ident.conf are written with one user more:
# `--set user=bouncer:app`. Clients are who their certificates say, as far as auth_file names them.

certctl issue app --profile client --init
certctl issue bouncer --san 10.0.0.3
certctl config pgbouncer bouncer --client-ca root --target-dir /etc/pgbouncer/tls --out tls.ini \
    --set listen_addr=10.0.0.3 --set auth_file=/etc/pgbouncer/userlist.txt
ssh root@10.0.0.3 'install -d -m 700 /etc/pgbouncer/tls'
scp -p pki/certs/bouncer/*.pem root@10.0.0.3:/etc/pgbouncer/tls/
scp -p pki/ca/root/bundle.pem root@10.0.0.3:/etc/pgbouncer/tls/client-ca.pem
scp tls.ini root@10.0.0.3:/etc/pgbouncer/
ssh root@10.0.0.3 "echo '\"app\" \"\"' >> /etc/pgbouncer/userlist.txt"
ssh root@10.0.0.3 "printf '[databases]\n* = host=10.0.0.1\n%%include /etc/pgbouncer/tls.ini\n' >> /etc/pgbouncer/pgbouncer.ini"
ssh root@10.0.0.3 'chown -R postgres: /etc/pgbouncer && systemctl restart pgbouncer'

# It demands a certificate, and PostgreSQL answers as app:

certctl probe 10.0.0.3:6432 --server pgbouncer --with app
certctl client pgbouncer psql app --host 10.0.0.3 --out ask.sh
PGUSER=app PGDATABASE=postgres sh ask.sh

# Without a certificate, the handshake fails:

certctl client pgbouncer psql --host 10.0.0.3 --out stranger.sh
PGUSER=app PGDATABASE=postgres sh stranger.sh
