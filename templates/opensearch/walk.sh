# Three nodes, which are named by their subjects. Take what begins with `plugins.security` out of each opensearch.yml first, and
# name the seeds there. Clients have a root of their own, and admin may change users and rights. The tests run no server with
# these files.

certctl init-ca root
certctl init-ca clients
certctl issue app admin --profile client --ca clients
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl config opensearch node$i --client-ca clients --target-dir /etc/opensearch/tls --out tls.yml --force \
        --set network.host=10.0.0.$i --set nodes='node1 node2 node3' --set plugins.security.authcz.admin_dn=CN=admin
    ssh root@10.0.0.$i 'install -d -m 700 /etc/opensearch/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/opensearch/tls/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/opensearch/tls/client-ca.pem
    ssh root@10.0.0.$i 'cat >> /etc/opensearch/opensearch.yml && chown -R opensearch: /etc/opensearch/tls' < tls.yml
    ssh root@10.0.0.$i 'systemctl restart opensearch'
done

# Clients and nodes are asked for certificates, and curl is answered once users are set up:

certctl probe 10.0.0.1:9200 10.0.0.2:9200 10.0.0.3:9200 --server opensearch --with app
certctl probe 10.0.0.1:9300 10.0.0.2:9300 10.0.0.3:9300 --server opensearch --with node1
curl --cacert pki/ca/root/bundle.pem --cert pki/certs/app/cert.pem --key pki/certs/app/key.pem https://10.0.0.1:9200/

# Without a certificate, the handshake fails:

curl --cacert pki/ca/root/bundle.pem https://10.0.0.1:9200/
