# Servers that know nothing of each other; clients part the keys among them. A certificate is all that lets in, and whoever has
# one may do everything. The file takes the place of the package's.

certctl issue app --profile client --init
for i in 1 2 3; do
    certctl issue node$i --san 10.0.0.$i
    certctl config memcached node$i --client-ca root --target-dir /etc/memcached/tls --out memcached.conf --force \
        --set listen=10.0.0.$i --set user=memcache
    ssh root@10.0.0.$i 'install -d -m 700 /etc/memcached /etc/memcached/tls'
    scp -p pki/certs/node$i/*.pem root@10.0.0.$i:/etc/memcached/tls/
    scp -p pki/ca/root/bundle.pem root@10.0.0.$i:/etc/memcached/tls/client-ca.pem
    scp memcached.conf root@10.0.0.$i:/etc/
    ssh root@10.0.0.$i 'systemctl restart memcached'
done

# All demand certificates, and a program with one is answered; it wants `pip install pymemcache`:

certctl probe 10.0.0.1:11211 10.0.0.2:11211 10.0.0.3:11211 --server memcached --with app
certctl client memcached python app --host 10.0.0.3 --out ask.py
python3 ask.py

# The same program without a certificate is cut off:

certctl client memcached python --host 10.0.0.3 --out stranger.py
python3 stranger.py
