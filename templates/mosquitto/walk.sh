# Two brokers; the first is a bridge to the second, where it logs in by its own certificate. Clients are who their certificates
# say; an acl_file may tell what each may read and write.

certctl issue app --profile client --init
for i in 1 2; do certctl issue node$i --san 10.0.0.$i; done
certctl config mosquitto node1 --listener mqtt,bridge --client-ca root --target-dir /etc/mosquitto/tls --out node1.conf \
    --set 'listener=8883 10.0.0.1' --set remote=10.0.0.2:8883
certctl config mosquitto node2 --client-ca root --target-dir /etc/mosquitto/tls --out node2.conf --set 'listener=8883 10.0.0.2'
for i in 1 2; do
    ssh root@10.0.0.$i 'install -d -m 700 /etc/mosquitto/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/mosquitto/tls/
    scp -p pki/ca/root/bundle.pem root@10.0.0.$i:/etc/mosquitto/tls/client-ca.pem
    scp node$i.conf root@10.0.0.$i:/etc/mosquitto/conf.d/tls.conf
    ssh root@10.0.0.$i 'chown -R mosquitto: /etc/mosquitto/tls && systemctl restart mosquitto'
done

# Both demand certificates, and what the first is told, the second keeps:

certctl probe 10.0.0.1:8883 10.0.0.2:8883 --server mosquitto --with app
export CA=pki/ca/root/bundle.pem CERT=pki/certs/app/cert.pem KEY=pki/certs/app/key.pem
mosquitto_pub -h 10.0.0.1 -p 8883 --cafile $CA --cert $CERT --key $KEY -q 1 -r -t news -m hello
mosquitto_sub -h 10.0.0.2 -p 8883 --cafile $CA --cert $CERT --key $KEY -q 1 -C 1 -W 30 -t news

# Without a certificate the connection is lost:

mosquitto_pub -h 10.0.0.1 -p 8883 --cafile pki/ca/root/bundle.pem -q 1 -t news -m hello
