# Three nodes that make a cluster once all are there. Users have passwords, as in auth.json; with `--client-ca` they need
# a certificate besides. The tests run no server with these files.

certctl config rqlite --as auth --set user=admin:all --out auth.json
for node in node1 node2 node3; do
    certctl issue $node --init
    certctl config rqlite $node --as systemd --target-dir /etc/rqlite/$node --set http-addr=0.0.0.0:4001 --set bootstrap-expect=3 \
        --set join=node1:4002,node2:4002,node3:4002 --set join-as=admin --set auth=/etc/rqlite/auth.json --out rqlite.service --force
    ssh root@$node 'useradd -r rqlite; mkdir -p /etc/rqlite'
    scp -rp pki/certs/$node auth.json rqlite.service root@$node:/etc/rqlite/
    ssh root@$node 'chown -R rqlite: /etc/rqlite && systemctl enable --now /etc/rqlite/rqlite.service'
done

# All show their certificates, other nodes have to, and all are members:

certctl probe node1:4001 node2:4001 node3:4001 --server rqlite
certctl probe node1:4002 node2:4002 node3:4002 --server rqlite --with node1
curl --fail --cacert pki/ca/root/bundle.pem --user admin https://node1:4001/nodes

# Without a password, nobody is answered:

curl --fail --cacert pki/ca/root/bundle.pem https://node1:4001/nodes
