# Three nodes with one cookie, whose names are full host names. The tests run no server with these files.

(umask 077 && openssl rand -hex 32 > cookie)
for node in node1 node2 node3; do
    certctl issue $node --san $node.db.internal --init
    certctl config emqx $node --target-dir /etc/emqx/$node --set node.name=emqx@$node.db.internal --set node.cookie=@cookie --out $node.conf
    certctl config emqx $node --target-dir /etc/emqx/$node --set node.name=emqx@$node.db.internal --as ssl_dist --out ssl_dist.conf --force
    scp -rp pki/certs/$node ssl_dist.conf root@$node:/etc/emqx/
    ssh root@$node 'cat >> /etc/emqx/emqx.conf && chown -R emqx: /etc/emqx && systemctl restart emqx' < $node.conf
done
for node in node2 node3; do ssh root@$node emqx ctl cluster join emqx@node1.db.internal; done

# All nodes show each other certificates, and are one cluster:

certctl probe node1.db.internal:4370 node2.db.internal:4370 node3.db.internal:4370 --server emqx --with node1
certctl probe node1.db.internal:5370 node2.db.internal:5370 node3.db.internal:5370 --server emqx --with node1
ssh root@node1 emqx ctl cluster status

# Who has no certificate of this root is not taken for a node:

certctl client emqx erlang --host node1.db.internal --out stranger.sh
sh stranger.sh
