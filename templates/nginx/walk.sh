# Before what speaks HTTP on 127.0.0.1:8080 without TLS; `--as stream` is for any other protocol.

certctl issue app --profile client --init
certctl issue node1 --san 10.0.0.1
certctl config nginx node1 --client-ca root --target-dir /etc/nginx/tls --out node1.conf \
    --set listen=10.0.0.1:443 --set backend=127.0.0.1:8080
ssh root@10.0.0.1 'install -d -m 700 /etc/nginx/tls'
scp -p pki/certs/node1/*.pem root@10.0.0.1:/etc/nginx/tls/
scp -p pki/ca/root/bundle.pem root@10.0.0.1:/etc/nginx/tls/client-ca.pem
scp node1.conf root@10.0.0.1:/etc/nginx/conf.d/
ssh root@10.0.0.1 'nginx -t && systemctl reload nginx'

# It demands a certificate, and lets through who has one:

certctl probe 10.0.0.1:443 --server nginx --with app
curl --fail --cacert pki/ca/root/bundle.pem --cert pki/certs/app/cert.pem --key pki/certs/app/key.pem https://10.0.0.1/

# Without one, the answer is `400 Bad Request`:

curl --fail --cacert pki/ca/root/bundle.pem https://10.0.0.1/
