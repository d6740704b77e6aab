# Three servers with routes between them. Clients have a root of their own, so that none of them can pass for a server;
# all may do the same, unless the file has users, and `--set tls.verify_and_map=true` tells them by their certificates.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl config nats node$i --listener tls,cluster --client-ca clients --target-dir /etc/nats/node$i --out nats-server.conf --force \
        --set server_name=node$i --set cluster=prod --set host=10.0.0.$i --set cluster.listen=10.0.0.$i:6222 \
        --set 'cluster.routes=nats-route://10.0.0.1:6222 nats-route://10.0.0.2:6222 nats-route://10.0.0.3:6222'
    ssh root@10.0.0.$i 'mkdir -p /etc/nats'
    scp -rp pki/certs/node$i root@10.0.0.$i:/etc/nats/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/nats/node$i/client-ca.pem
    scp nats-server.conf root@10.0.0.$i:/etc/
    ssh root@10.0.0.$i 'chown -R nats: /etc/nats && systemctl restart nats-server'
done

# All three demand a certificate, and a program with one gets an answer; it wants `pip install nats-py`:

certctl probe 10.0.0.1:4222 10.0.0.2:4222 10.0.0.3:4222 --server nats --with app
certctl client nats python app --host 10.0.0.3 --out ask.py
python3 ask.py

# The same program without a certificate is told that one is required:

certctl client nats python --host 10.0.0.3 --out stranger.py
python3 stranger.py
