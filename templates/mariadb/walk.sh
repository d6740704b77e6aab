# Three nodes that Galera joins; each is given all data by another. Clients have a root of their own, so that none of them can
# pass for a node, and users are told apart by their certificates.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl config mariadb node$i --listener tls,cluster --client-ca clients --target-dir /etc/mysql/tls --out 99-tls.cnf --force \
        --set bind-address=10.0.0.$i --set wsrep-node-address=10.0.0.$i \
        --set wsrep-cluster-address=gcomm://10.0.0.1,10.0.0.2,10.0.0.3 --set wsrep-provider=/usr/lib/galera/libgalera_smm.so
    ssh root@10.0.0.$i 'install -d -m 700 /etc/mysql/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/mysql/tls/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/mysql/tls/client-ca.pem
    scp 99-tls.cnf root@10.0.0.$i:/etc/mysql/mariadb.conf.d/
    ssh root@10.0.0.$i 'chown -R mysql: /etc/mysql/tls && systemctl stop mariadb'
done
ssh root@10.0.0.1 galera_new_cluster
for i in 2 3; do ssh root@10.0.0.$i systemctl start mariadb; done
certctl config mariadb --as sql --set user=app:app --out users.sql
ssh root@10.0.0.1 mariadb < users.sql

# All show their certificates to clients and nodes, and the user is known everywhere:

certctl probe 10.0.0.1:3306 10.0.0.2:3306 10.0.0.3:3306 --server mariadb --with app
certctl probe 10.0.0.1:4567 10.0.0.2:4567 10.0.0.3:4567 --server mariadb --with node1
certctl client mariadb mariadb app --host 10.0.0.3 --out ask.sh
MARIADB_USER=app sh ask.sh

# Without a certificate, access is denied:

certctl client mariadb mariadb --host 10.0.0.3 --out stranger.sh
MARIADB_USER=app sh stranger.sh
