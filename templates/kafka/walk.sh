# Three nodes, each broker and controller of KRaft. Clients have a root of their own, so that none of them can pass for a node;
# the authorizer tells users by their certificates, and app may do all. Kafka reads key and chain from one file.

certctl init-ca root
certctl init-ca clients
certctl issue app --profile client --ca clients
id=$(ssh root@10.0.0.1 kafka-storage.sh random-uuid)
for i in 1 2 3; do
    certctl issue node$i --ca root --san 10.0.0.$i
    certctl export node$i --format pem --out node$i.pem
    certctl config kafka node$i --client-ca clients --target-dir /etc/kafka/tls --out server.properties --force \
        --set node.id=$i --set process.roles=broker,controller --set log.dirs=/var/lib/kafka \
        --set controller.quorum.voters=1@10.0.0.1:9093,2@10.0.0.2:9093,3@10.0.0.3:9093 \
        --set listeners=CLIENT://10.0.0.$i:9092,BROKER://10.0.0.$i:9094,CONTROLLER://10.0.0.$i:9093 \
        --set advertised.listeners=CLIENT://10.0.0.$i:9092,BROKER://10.0.0.$i:9094 \
        --set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer \
        --set 'super.users=User:node1;User:node2;User:node3;User:app'
    ssh root@10.0.0.$i 'install -d -m 700 /etc/kafka/tls'
    scp -p node$i.pem pki/certs/node$i/ca.pem root@10.0.0.$i:/etc/kafka/tls/
    scp -p pki/ca/clients/bundle.pem root@10.0.0.$i:/etc/kafka/tls/client-ca.pem
    scp server.properties root@10.0.0.$i:/etc/kafka/
    ssh root@10.0.0.$i "kafka-storage.sh format -t $id -c /etc/kafka/server.properties"
    ssh root@10.0.0.$i 'chown -R kafka: /etc/kafka /var/lib/kafka && systemctl restart kafka'
done

# Clients and brokers are asked for certificates, and the client is told of three brokers; it wants `pip install
# confluent-kafka`:

certctl probe 10.0.0.1:9092 10.0.0.2:9092 10.0.0.3:9092 --server kafka --with app
certctl probe 10.0.0.1:9094 10.0.0.2:9094 10.0.0.3:9094 --server kafka --with node1
certctl client kafka python app --host 10.0.0.3 --out ask.py
python3 ask.py

# The same program without a certificate is told that the handshake failed:

certctl client kafka python --host 10.0.0.3 --out stranger.py
python3 stranger.py
