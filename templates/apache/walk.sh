# Before what speaks HTTP on 127.0.0.1:8080 without TLS.

certctl issue app --profile client --init
certctl issue node1 --san 10.0.0.1
certctl config apache node1 --client-ca root --target-dir /etc/apache2/tls --out node1.conf \
    --set listen=10.0.0.1:443 --set backend=127.0.0.1:8080
ssh root@10.0.0.1 'install -d -m 700 /etc/apache2/tls'
scp -p pki/certs/node1/*.pem root@10.0.0.1:/etc/apache2/tls/
scp -p pki/ca/root/bundle.pem root@10.0.0.1:/etc/apache2/tls/client-ca.pem
scp node1.conf root@10.0.0.1:/etc/apache2/sites-available/
ssh root@10.0.0.1 'a2enmod ssl proxy proxy_http headers && a2ensite node1 && systemctl restart apache2'

# It demands a certificate, and lets through who has one:

certctl probe 10.0.0.1:443 --server apache --with app
curl --fail --cacert pki/ca/root/bundle.pem --cert pki/certs/app/cert.pem --key pki/certs/app/key.pem https://10.0.0.1/

# Without one, the handshake fails:

curl --fail --cacert pki/ca/root/bundle.pem https://10.0.0.1/
