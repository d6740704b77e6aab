# Three members, which compare the addresses in each other's certificates. Clients have a root of their own, so that
# none of them can pass for a member; what they may do, etcd's own users and roles say.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl config etcd node$i --client-ca clients --target-dir /etc/etcd/node$i --out etcd --force \
        --set listen-client-urls=https://10.0.0.$i:2379 --set advertise-client-urls=https://10.0.0.$i:2379 \
        --set listen-peer-urls=https://10.0.0.$i:2380 --set initial-advertise-peer-urls=https://10.0.0.$i:2380 \
        --set initial-cluster=node1=https://10.0.0.1:2380,node2=https://10.0.0.2:2380,node3=https://10.0.0.3:2380 \
        --set data-dir=/var/lib/etcd/cluster
    ssh root@10.0.0.$i 'mkdir -p /etc/etcd'
    scp -rp pki/certs/node$i root@10.0.0.$i:/etc/etcd/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/etcd/node$i/client-ca.pem
    scp etcd root@10.0.0.$i:/etc/default/
    ssh root@10.0.0.$i 'chown -R etcd: /etc/etcd && systemctl restart --no-block etcd'
done

# Both ports of all three demand certificates, and what one is told, another knows:

certctl probe 10.0.0.1:2379 10.0.0.2:2379 10.0.0.3:2379 --server etcd --with app
certctl probe 10.0.0.1:2380 10.0.0.2:2380 10.0.0.3:2380 --server etcd --with node1
export ETCDCTL_API=3 ETCDCTL_CACERT=pki/ca/root/bundle.pem
export ETCDCTL_CERT=pki/certs/app/cert.pem ETCDCTL_KEY=pki/certs/app/key.pem
etcdctl --endpoints https://10.0.0.1:2379 put key value
etcdctl --endpoints https://10.0.0.2:2379,https://10.0.0.3:2379 endpoint health
etcdctl --endpoints https://10.0.0.3:2379 get key

# Without a certificate, the handshake ends with `bad certificate`, or nothing is answered in time:

ETCDCTL_API=3 etcdctl --cacert pki/ca/root/bundle.pem --endpoints https://10.0.0.1:2379 get key
