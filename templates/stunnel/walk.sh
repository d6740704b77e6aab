# From a program on 10.0.0.2 that speaks no TLS to a server on 10.0.0.1 that speaks none, here Redis: each dials its own
# machine's port 6379, and stunnel is in between, with TLS on port 6380.

certctl issue app --profile client --init
certctl issue node1 --san 10.0.0.1
certctl config stunnel node1 --listener server --client-ca root --target-dir /etc/stunnel/tls --out node1.conf \
    --set accept=10.0.0.1:6380 --set connect=127.0.0.1:6379
certctl config stunnel app --listener client --target-dir /etc/stunnel/tls --out app.conf \
    --set accept=127.0.0.1:6379 --set connect=10.0.0.1:6380
for i in 1 2; do ssh root@10.0.0.$i 'install -d -m 700 /etc/stunnel/tls'; done
scp -p pki/certs/node1/*.pem root@10.0.0.1:/etc/stunnel/tls/
scp -p pki/certs/app/*.pem root@10.0.0.2:/etc/stunnel/tls/
scp -p pki/ca/root/bundle.pem root@10.0.0.1:/etc/stunnel/tls/client-ca.pem
scp node1.conf root@10.0.0.1:/etc/stunnel/
scp app.conf root@10.0.0.2:/etc/stunnel/
ssh root@10.0.0.1 'systemctl enable --now stunnel@node1'
ssh root@10.0.0.2 'systemctl enable --now stunnel@app'

# The server's end demands a certificate:

certctl probe 10.0.0.1:6380 --server stunnel.server --with app

# Without one, Redis is not reached:

redis-cli --tls --cacert pki/ca/root/bundle.pem -h 10.0.0.1 -p 6380 ping
