# Three masters of one cluster. Without a password and with `protected-mode`, a certificate is what lets in.

for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i --init
    certctl config valkey node$i --target-dir /etc/valkey/node$i --set bind=10.0.0.$i \
        --set dir=/var/lib/valkey --set cluster-enabled=yes --out valkey.conf --force
    scp -rp pki/certs/node$i valkey.conf root@10.0.0.$i:/etc/valkey/
    ssh root@10.0.0.$i 'chown -R valkey: /etc/valkey && systemctl restart valkey-server'
done

# The first command makes the cluster; then all three demand certificates, and what one is told, another knows:

(cd pki/certs/node1 && valkey-cli --tls --cert cert.pem --key key.pem --cacert ca.pem \
    --cluster create 10.0.0.1:6379 10.0.0.2:6379 10.0.0.3:6379 --cluster-yes)
certctl issue app --profile client
certctl probe 10.0.0.1:6379 10.0.0.2:6379 10.0.0.3:6379 --server valkey --with app
certctl client valkey valkey-cli app --host 10.0.0.3 --out ask.sh
sh ask.sh

# The same without a certificate is told that one is required:

certctl client valkey valkey-cli --host 10.0.0.3 --out stranger.sh
sh stranger.sh
