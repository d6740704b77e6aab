# A primary and a standby, which logs in by its own certificate, as do clients: pg_ident.conf says which role each may take.
# Debian's folders have the version in them, here 15.

certctl issue app --profile client --init
for i in 1 2; do
    certctl issue node$i --san 10.0.0.$i
    certctl config postgresql node$i --client-ca root --target-dir /etc/postgresql/tls --set listen_addresses=10.0.0.$i --out tls.conf --force
    certctl config postgresql node$i --as hba --client-ca root --set user=app:app --set user=node2:replicator --out pg_hba.conf --force
    certctl config postgresql node$i --as ident --set user=app:app --set user=node2:replicator --out pg_ident.conf --force
    ssh root@10.0.0.$i 'install -d -m 700 /etc/postgresql/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/postgresql/tls/
    scp -p pki/ca/root/bundle.pem root@10.0.0.$i:/etc/postgresql/tls/client-ca.pem
    scp tls.conf root@10.0.0.$i:/etc/postgresql/15/main/conf.d/
    scp pg_hba.conf pg_ident.conf root@10.0.0.$i:/etc/postgresql/15/main/
    ssh root@10.0.0.$i 'chown -R postgres: /etc/postgresql && systemctl restart postgresql'
done
ssh root@10.0.0.1 'sudo -u postgres psql -c "CREATE ROLE app LOGIN" -c "CREATE ROLE replicator LOGIN REPLICATION"'
certctl config postgresql node2 --as standby --set primary=10.0.0.1:5432 --target-dir /etc/postgresql/tls --out standby.conf
scp standby.conf root@10.0.0.2:/etc/postgresql/15/main/conf.d/
conninfo=$(sed -n "s/^primary_conninfo = '\(.*\)'/\1/p" standby.conf)
ssh root@10.0.0.2 "systemctl stop postgresql && sudo -u postgres rm -r /var/lib/postgresql/15/main &&
    sudo -u postgres pg_basebackup -D /var/lib/postgresql/15/main -d '$conninfo' &&
    sudo -u postgres touch /var/lib/postgresql/15/main/standby.signal && systemctl start postgresql"

# Both show their certificates and ask for one, and the client is answered by the standby, too:

certctl probe 10.0.0.1:5432 10.0.0.2:5432 --server postgresql --with app
certctl client postgresql psql app --host 10.0.0.2 --out ask.sh
PGUSER=app PGDATABASE=postgres sh ask.sh

# Without a certificate it is told that `connection requires a valid client certificate`:

certctl client postgresql psql --host 10.0.0.2 --out stranger.sh
PGUSER=app PGDATABASE=postgres sh stranger.sh
