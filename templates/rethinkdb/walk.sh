# Three nodes that join the first. Users have passwords: RethinkDB knows none by certificate. The tests run no
# server with these files.

for node in node1 node2 node3; do
    certctl issue $node --init
    certctl config rethinkdb $node --target-dir /etc/rethinkdb/$node \
        --set bind=all --set join=node1 --out cluster.conf --force
    scp -rp pki/certs/$node root@$node:/etc/rethinkdb/
    scp cluster.conf root@$node:/etc/rethinkdb/instances.d/
    ssh root@$node "chown -R rethinkdb: /etc/rethinkdb/$node && systemctl restart rethinkdb"
done

# All show their certificates, other nodes have to, and a program lists the tables; it wants `pip install rethinkdb`:

certctl probe node1:28015 node2:28015 node3:28015 --server rethinkdb
certctl probe node1:29015 node2:29015 node3:29015 --server rethinkdb --with node1
certctl client rethinkdb python --host node1 --out ask.py
python3 ask.py

# Who has no certificate of this root is not taken for a node:

certctl --dir elsewhere issue stranger --init
certctl --dir elsewhere probe node1:29015 --server rethinkdb --trust pki/ca/root/bundle.pem --with stranger
