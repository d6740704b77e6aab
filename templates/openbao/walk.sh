# Three nodes that keep their data by Raft; two join the first. Once they know each other they make certificates of their own
# for the port of Raft. Clients show a certificate, and say by a token who they are.

certctl issue app --profile client --init
for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i
    certctl config openbao node$i --listener api,raft --client-ca root --target-dir /etc/openbao/tls --out openbao.hcl --force \
        --set listener.tcp.address=10.0.0.$i:8200 --set listener.tcp.cluster_address=10.0.0.$i:8201 \
        --set api_addr=https://10.0.0.$i:8200 --set cluster_addr=https://10.0.0.$i:8201 \
        --set storage.raft.path=/var/lib/openbao --set join=https://10.0.0.1:8200
    ssh root@10.0.0.$i 'install -d -m 700 /etc/openbao/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/openbao/tls/
    scp -p pki/ca/root/bundle.pem root@10.0.0.$i:/etc/openbao/tls/client-ca.pem
    scp openbao.hcl root@10.0.0.$i:/etc/openbao/
    ssh root@10.0.0.$i 'chown -R openbao: /etc/openbao/tls /var/lib/openbao && systemctl restart openbao'
done

# The first is told to begin and unsealed, which the others want once they have joined; keep what is in the file keys:

certctl probe 10.0.0.1:8200 10.0.0.2:8200 10.0.0.3:8200 --server openbao --with app
export BAO_CACERT=pki/ca/root/bundle.pem BAO_CLIENT_CERT=pki/certs/app/cert.pem BAO_CLIENT_KEY=pki/certs/app/key.pem
export BAO_ADDR=https://10.0.0.1:8200
(umask 077 && bao operator init -key-shares=1 -key-threshold=1 > keys)
export BAO_TOKEN=$(sed -n 's/^Initial Root Token: //p' keys)
key=$(sed -n 's/^Unseal Key 1: //p' keys)
for i in 1 2 3; do until bao operator unseal -address=https://10.0.0.$i:8200 $key; do sleep 1; done; done
until bao operator raft list-peers | grep node3; do sleep 1; done

# Without a certificate the handshake ends with `certificate required`:

BAO_CLIENT_CERT= BAO_CLIENT_KEY= BAO_CACERT=pki/ca/root/bundle.pem bao status -address=https://10.0.0.1:8200
