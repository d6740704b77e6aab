# Three members beside the three of etcd, as its own section has them, whose clients are those of the same root:
# `--client-ca root`. By a configuration file etcd 3.4 answers Patroni only where that says `enable-grpc-gateway: true`;
# by variables, as there, it always does. Members show one certificate to etcd, to each other and to the primary, and
# Patroni comes to its own PostgreSQL by the socket. Whoever that root signed may change the cluster by the REST API;
# `restapi.authentication` and `restapi.allowlist` narrow that down.

certctl issue app --profile client --init
for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i
    certctl config patroni node$i --client-ca root --target-dir /etc/patroni/tls --out config.yml --force \
        --set scope=main --set 'nodes=node1 node2 node3' --set user=app:app \
        --set etcd3.hosts=10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379 \
        --set restapi.listen=10.0.0.$i:8008 --set restapi.connect_address=10.0.0.$i:8008 \
        --set postgresql.listen=10.0.0.$i:5432 --set postgresql.connect_address=10.0.0.$i:5432 \
        --set postgresql.data_dir=/var/lib/postgresql/patroni --set postgresql.bin_dir=/usr/lib/postgresql/15/bin \
        --set postgresql.parameters.unix_socket_directories=/var/run/postgresql
    ssh root@10.0.0.$i 'install -d -m 700 /etc/patroni/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/patroni/tls/
    scp -p pki/ca/root/bundle.pem root@10.0.0.$i:/etc/patroni/tls/client-ca.pem
    scp config.yml root@10.0.0.$i:/etc/patroni/
    ssh root@10.0.0.$i 'chown -R postgres: /etc/patroni && systemctl restart patroni'
done

# All show their certificates and ask for one, at both ports, and each knows which one is the primary; there the role is made:

certctl client patroni curl app --host 10.0.0.3 --out ask.sh
primary() { sh ask.sh | tr '}' '\n' | sed -n 's/.*"role": "leader", "state": "running".*"host": "\([0-9.]*\)".*/\1/p'; }
until [ "$(primary)" ]; do sleep 1; done
ssh root@$(primary) 'sudo -u postgres psql -c "CREATE ROLE app LOGIN"'
certctl probe 10.0.0.1:8008 10.0.0.2:8008 10.0.0.3:8008 --server patroni --with app
certctl probe 10.0.0.1:5432 10.0.0.2:5432 10.0.0.3:5432 --server patroni --with app
certctl client postgresql psql app --host 10.0.0.2 --out psql.sh
PGUSER=app PGDATABASE=postgres sh psql.sh

# Without a certificate, the handshake ends with `certificate required`:

certctl client patroni curl --host 10.0.0.1 --out stranger.sh
sh stranger.sh
