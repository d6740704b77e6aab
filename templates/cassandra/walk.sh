# Three nodes. Take the blocks that tls.yaml has, and the addresses, out of each cassandra.yaml first, and name the seeds there.
# Clients have a root of their own, so that none of them can pass for a node. The tests run no server with these files.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl export node$i --format pem --out node$i.pem
    certctl config cassandra node$i --client-ca clients --target-dir /etc/cassandra/tls --out tls.yaml --force \
        --set listen_address=10.0.0.$i --set rpc_address=10.0.0.$i
    ssh root@10.0.0.$i 'install -d -m 700 /etc/cassandra/tls'
    scp -p node$i.pem pki/certs/node$i/ca.pem root@10.0.0.$i:/etc/cassandra/tls/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/cassandra/tls/client-ca.pem
    ssh root@10.0.0.$i 'cat >> /etc/cassandra/cassandra.yaml && chown -R cassandra: /etc/cassandra/tls' < tls.yaml
    ssh root@10.0.0.$i 'systemctl restart cassandra'
done

# Clients and nodes are asked for certificates, and a program is answered; it wants `pip install cassandra-driver`:

certctl probe 10.0.0.1:9042 10.0.0.2:9042 10.0.0.3:9042 --server cassandra --with app
certctl probe 10.0.0.1:7000 10.0.0.2:7000 10.0.0.3:7000 --server cassandra --with node1
certctl client cassandra python app --host 10.0.0.1 --out ask.py
python3 ask.py

# The same program without a certificate is cut off:

certctl client cassandra python --host 10.0.0.1 --out stranger.py
python3 stranger.py
