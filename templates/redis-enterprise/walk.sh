# One certificate for all nodes of the cluster, by its name; the cluster's own commands take the files in and hand them on. The
# tests run no server with these files.

certctl issue cluster.db.internal --key-type rsa2048 --init \
    --san '*.cluster.db.internal,internal.cluster.db.internal,*.internal.cluster.db.internal'
certctl config redis-enterprise cluster.db.internal --set fqdn=cluster.db.internal --target-dir /etc/opt/redislabs/tls --out tls.rladmin
ssh root@10.0.0.1 'install -d -m 700 /etc/opt/redislabs/tls'
scp -p pki/certs/cluster.db.internal/*.pem root@10.0.0.1:/etc/opt/redislabs/tls/
scp tls.rladmin root@10.0.0.1:/etc/opt/redislabs/
ssh root@10.0.0.1 'chown -R redislabs: /etc/opt/redislabs/tls && sudo -u redislabs sh /etc/opt/redislabs/tls.rladmin'
for i in 1 2 3; do ssh root@10.0.0.$i supervisorctl restart sentinel_service; done

# The certificate is shown by the API, the console and a database's port, here 12000:

certctl probe cluster.db.internal:9443 cluster.db.internal:8443 redis-12000.cluster.db.internal:12000

# Whoever trusts another root does not take it:

certctl --dir elsewhere init-ca root
certctl probe cluster.db.internal:9443 --trust elsewhere/ca/root/bundle.pem
