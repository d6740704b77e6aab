# Three masters of one cluster. Without a password and with `protected-mode`, a certificate is what lets in.

for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i --init
    certctl config redis node$i --target-dir /etc/redis/node$i --set bind=10.0.0.$i \
        --set dir=/var/lib/redis --set cluster-enabled=yes --out redis.conf --force
    scp -rp pki/certs/node$i redis.conf root@10.0.0.$i:/etc/redis/
    ssh root@10.0.0.$i 'chown -R redis: /etc/redis && systemctl restart redis-server'
done

# The first command makes the cluster; then all three demand certificates, and what one is told, another knows:

(cd pki/certs/node1 && redis-cli --tls --cert cert.pem --key key.pem --cacert ca.pem \
    --cluster create 10.0.0.1:6379 10.0.0.2:6379 10.0.0.3:6379 --cluster-yes)
certctl issue app --profile client
certctl probe 10.0.0.1:6379 10.0.0.2:6379 10.0.0.3:6379 --server redis --with app
certctl client redis redis-cli app --host 10.0.0.3 --out ask.sh
sh ask.sh

# The same without a certificate is told that one is required:

certctl client redis redis-cli --host 10.0.0.3 --out stranger.sh
sh stranger.sh
