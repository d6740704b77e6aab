# Before what listens on 127.0.0.1:8080 without TLS, as for any other backend. HAProxy reads certificate and key from one file;
# the lines are added to its own haproxy.cfg.

certctl issue app --profile client --init
certctl issue node1 --san 10.0.0.1
certctl export node1 --format pem --out node1.pem
certctl config haproxy node1 --client-ca root --target-dir /etc/haproxy/tls --out front.cfg \
    --set listen=10.0.0.1:443 --set backend=127.0.0.1:8080
ssh root@10.0.0.1 'install -d -m 700 /etc/haproxy/tls'
scp -p node1.pem root@10.0.0.1:/etc/haproxy/tls/
scp -p pki/ca/root/bundle.pem root@10.0.0.1:/etc/haproxy/tls/client-ca.pem
ssh root@10.0.0.1 'cat >> /etc/haproxy/haproxy.cfg && systemctl reload haproxy' < front.cfg

# It demands a certificate, and lets through who has one:

certctl probe 10.0.0.1:443 --server haproxy --with app
curl --fail --cacert pki/ca/root/bundle.pem --cert pki/certs/app/cert.pem --key pki/certs/app/key.pem https://10.0.0.1/

# Without one, the handshake fails:

curl --fail --cacert pki/ca/root/bundle.pem https://10.0.0.1/
