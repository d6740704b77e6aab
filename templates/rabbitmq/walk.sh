# Three nodes whose names are full host names, node1.db.internal and so on, and which meet by TLS alone. Clients have a root of
# their own, so that none of them can pass for a node, and log in by their certificates.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
(umask 077 && openssl rand -hex 32 > cookie)
for i in 1 2 3; do
    certctl issue node$i --ca root --san node$i.db.internal --san 10.0.0.$i
    certctl config rabbitmq node$i --client-ca clients --target-dir /etc/rabbitmq/tls --out rabbitmq.conf --force \
        --set listeners.ssl.default=10.0.0.$i:5671 --set auth_mechanisms.1=EXTERNAL --set ssl_cert_login_from=common_name
    certctl config rabbitmq node$i --as ssl_dist --target-dir /etc/rabbitmq/tls --out inter_node_tls.config --force
    certctl config rabbitmq node$i --as env --out rabbitmq-env.conf --force
    ssh root@10.0.0.$i 'install -d -m 700 /etc/rabbitmq/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/rabbitmq/tls/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/rabbitmq/tls/client-ca.pem
    scp rabbitmq.conf inter_node_tls.config rabbitmq-env.conf root@10.0.0.$i:/etc/rabbitmq/
    ssh root@10.0.0.$i 'rabbitmq-plugins enable --offline rabbitmq_auth_mechanism_ssl && chown -R rabbitmq: /etc/rabbitmq'
    ssh root@10.0.0.$i 'cat > /var/lib/rabbitmq/.erlang.cookie && systemctl restart rabbitmq-server' < cookie
done
for i in 2 3; do
    ssh root@10.0.0.$i 'rabbitmqctl stop_app && rabbitmqctl join_cluster rabbit@node1.db.internal && rabbitmqctl start_app'
done
ssh root@10.0.0.1 "rabbitmqctl add_user app unused && rabbitmqctl clear_password app && rabbitmqctl set_permissions app '.*' '.*' '.*'"

# All demand certificates of clients and of each other, and the client is let in as app; it wants `pip install pika`:

certctl probe 10.0.0.1:5671 10.0.0.2:5671 10.0.0.3:5671 --server rabbitmq --with app
ssh root@10.0.0.1 rabbitmqctl cluster_status
certctl client rabbitmq python app --host 10.0.0.3 --out ask.py
python3 ask.py

# The same program without a certificate sees the handshake fail:

certctl client rabbitmq python --host 10.0.0.3 --out stranger.py
python3 stranger.py
