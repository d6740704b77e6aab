# Three members of a replica set, which know each other by the OU of their subjects; MongoDB reads certificate and key from one
# file. A client's user is called by the subject of its certificate. The tests run no server with these files.

certctl issue app --profile client --init
for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i --subject 'CN={name},OU=mongod'
    certctl export node$i --format pem --out node$i.pem
    certctl config mongodb node$i --client-ca root --target-dir /etc/mongodb/tls --out mongod.conf --force \
        --set storage.dbPath=/var/lib/mongodb --set net.bindIp=localhost,10.0.0.$i --set replication.replSetName=rs0
    ssh root@10.0.0.$i 'install -d -m 700 /etc/mongodb /etc/mongodb/tls'
    scp -p node$i.pem pki/certs/node$i/ca.pem root@10.0.0.$i:/etc/mongodb/tls/
    scp mongod.conf root@10.0.0.$i:/etc/
    ssh root@10.0.0.$i 'chown -R mongodb: /etc/mongodb && systemctl restart mongod'
done
tls='--tls --tlsCAFile /etc/mongodb/tls/ca.pem --tlsCertificateKeyFile /etc/mongodb/tls/node1.pem'
ssh root@10.0.0.1 "mongosh $tls --host 10.0.0.1 --eval 'rs.initiate({_id: \"rs0\", members: [{_id: 1, host: \"10.0.0.1\"},
    {_id: 2, host: \"10.0.0.2\"}, {_id: 3, host: \"10.0.0.3\"}]})'"

# All demand certificates, and a program with one is answered; it wants `pip install pymongo`:

certctl probe 10.0.0.1:27017 10.0.0.2:27017 10.0.0.3:27017 --server mongodb --with app
certctl client mongodb python app --host 10.0.0.1 --out ask.py
python3 ask.py

# The same program without a certificate is cut off:

certctl client mongodb python --host 10.0.0.1 --out stranger.py
python3 stranger.py
