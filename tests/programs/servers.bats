#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Servers on loopback and their clients.

load ../lib/programs

setup_file() {
	make_input
	python=$(python_program)
	export python
}

@test "nginx serves files to curl and wrk" {
	need nginx curl wrk
	alike <<'END'
	mkdir "$scratch/www" "$scratch/temp"
	cp "$input/noise" "$input/text" "$scratch/www"
	head -c 700 "$input/text" >"$scratch/www/small"
	head -c 12000000 /dev/zero >"$scratch/www/zeros"
	: >"$scratch/www/empty"
	# The workers run as the same user, who can read the files.
	user=
	[ "$(id -u)" -ne 0 ] || user="user $(id -un) $(id -gn);"
	nginx_server() {
		cat >"$scratch/nginx.conf" <<-CONF
		$user
		daemon off; worker_processes 2; pid $scratch/nginx.pid; error_log stderr warn;
		events { worker_connections 256; multi_accept on; }
		http {
			access_log $scratch/access.log;
			client_body_temp_path $scratch/temp/body; proxy_temp_path $scratch/temp/proxy;
			fastcgi_temp_path $scratch/temp/f; uwsgi_temp_path $scratch/temp/u; scgi_temp_path $scratch/temp/s;
			keepalive_requests 100000; root $scratch/www;
			server {
				listen 127.0.0.1:$1;
				location / { sendfile off; }
				location /sendfile/ { alias $scratch/www/; sendfile on; }
				location /threads/ { alias $scratch/www/; sendfile off; aio threads; }
				location /direct/ { alias $scratch/www/; sendfile off; aio threads; directio 4k; }
				location /gzip/ { alias $scratch/www/; gzip on; gzip_types *; }
				location /proxy/ { proxy_pass http://unix:$scratch/nginx.sock:/; proxy_buffers 4 4k; proxy_busy_buffers_size 4k; }
			}
			server { listen unix:$scratch/nginx.sock; location / { sendfile off; } }
		}
		CONF
		exec nginx -p "$scratch" -c "$scratch/nginx.conf" -e stderr
	}
	serve nginx_server
	url=http://127.0.0.1:$port
	for way in '' sendfile/ threads/ direct/ proxy/; do
		for file in small text noise zeros empty; do
			echo "$way$file $(curl -sS "$url/$way$file" | digest)"
		done
	done
	# One connection, then several at once, then ranges of a file.
	curl -sS "$url/small" "$url/text" "$url/small" "$url/noise" | digest
	curl -sS -Z --parallel-max 8 $(for i in 1 2 3 4 5 6 7 8; do echo "$url/noise -o $scratch/p$i"; done) 2>/dev/null && cat "$scratch"/p? | digest
	curl -sS -r 100-1099 "$url/noise" | digest
	curl -sS -r 0-0,5-9,-20 -o /dev/null -w '%{http_code} %{size_download}\n' "$url/noise"
	curl -sS --compressed "$url/gzip/text" | digest
	curl -sS -o /dev/null -w '%{http_code}\n' "$url/absent"
	curl -sS --limit-rate 3M "$url/noise" | digest
	# A client that hangs up early, and one that is slow.
	# What curl says of the broken pipe depends on how much had arrived.
	curl -s "$url/zeros" | head -c 1000 | wc -c
	curl -sS "$url/zeros" | (sleep 0.3; wc -c)
	for file in small threads/noise; do
		wrk -t 2 -c 16 -d 1s "$url/$file" >"$scratch/wrk.log" || exit
		grep -E 'Socket errors|Non-2xx' "$scratch/wrk.log"
		awk '/requests in/ { print ($1 > 0) }' "$scratch/wrk.log"
	done
	# A reload starts new workers, and the old ones end.
	kill -HUP "$server"; sleep 0.3
	curl -sS "$url/small" | digest
	ended "$server" QUIT; echo $?
END
	ring_took 100 nginx pread
	ring_took 40 nginx accept4
	ring_took 100 wrk read
}

@test "strace shows that nginx reads files and accepts through the ring" {
	need nginx curl strace
	local route
	mkdir "$BATS_TEST_TMPDIR/www"
	cp "$BATS_FILE_TMPDIR/input/text" "$BATS_TEST_TMPDIR/www"
	cd "$BATS_TEST_TMPDIR"
	for route in native ring direct; do
		cat >nginx.conf <<-CONF
		daemon off; master_process off; pid nginx.pid; error_log stderr;
		events { }
		http {
			access_log off; sendfile off;
			client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
			server { listen unix:$BATS_TEST_TMPDIR/$route.sock; root $BATS_TEST_TMPDIR/www; }
		}
		CONF
		traced_by "$route" pread64,accept,accept4,io_uring_enter \
			nginx -p "$BATS_TEST_TMPDIR" -c nginx.conf -e stderr 2>"$route.log" &
		local tracer=$! i
		for ((i = 0; i < 100; i++)); do
			[ -s nginx.pid ] && [ -S "$route.sock" ] && break
			sleep 0.05
		done
		for i in 1 2 3 4 5; do
			curl -sS --max-time 5 --unix-socket "$route.sock" http://localhost/text | cmp - www/text
		done
		kill -QUIT "$(cat nginx.pid)"
		wait "$tracer"
		cat "$route.trace"
		rm -f nginx.pid
	done
	cat ring.stats
	[ "$(count native pread64)" -gt 4 ]
	[ "$(count native accept4)" -ge 5 ]
	[ "$(count direct pread64)" -ge "$(count native pread64)" ]
	# ld.so also reads headers by pread64, before the library is loaded.
	[ $(($(count direct pread64) - $(count ring pread64))) -eq "$(counted ring ring pread)" ]
	[ "$(count ring accept accept4)" -eq 0 ]
	[ "$(count ring io_uring_enter)" -ge "$(counted ring ring pread accept4)" ]
}

@test "lighttpd serves files to curl and wrk" {
	need lighttpd curl wrk
	alike <<'END'
	mkdir "$scratch/www"
	cp "$input/noise" "$input/text" "$scratch/www"
	lighttpd_server() {
		cat >"$scratch/lighttpd.conf" <<-CONF
		server.document-root = "$scratch/www"
		server.bind = "127.0.0.1"
		server.port = $1
		server.upload-dirs = ( "$scratch" )
		server.network-backend = "write"
		CONF
		exec lighttpd -D -f "$scratch/lighttpd.conf"
	}
	serve lighttpd_server
	url=http://127.0.0.1:$port
	for file in text noise; do
		curl -sS "$url/$file" "$url/$file" | digest
		curl -sS -r 1000-70000 "$url/$file" | digest
	done
	curl -sS -o /dev/null -w '%{http_code}\n' "$url/absent"
	wrk -t 2 -c 16 -d 1s "$url/text" >"$scratch/wrk.log" || exit
	grep -E 'Socket errors|Non-2xx' "$scratch/wrk.log"
	awk '/requests in/ { print ($1 > 0) }' "$scratch/wrk.log"
	ended "$server" INT; echo $?
END
	ring_took 10 lighttpd
}

@test "python3 -m http.server serves files to curl" {
	need python3 curl
	alike <<'END'
	mkdir "$scratch/www"
	cp "$input/noise" "$input/text" "$scratch/www"
	head -c 20000000 /dev/zero >"$scratch/www/zeros"
	start http "$python" -u -m http.server --bind 127.0.0.1 --directory "$scratch/www" 0
	port=$(logged http 's/.* port \([0-9]*\) .*/\1/p')
	url=http://127.0.0.1:$port
	for file in noise text zeros; do
		curl -sS "$url/$file" | digest
	done
	curl -sS -Z --parallel-max 8 $(for i in 1 2 3 4 5 6 7 8; do echo "$url/noise -o $scratch/p$i"; done) 2>/dev/null && cat "$scratch"/p? | digest
	# This server ignores the range and sends the whole file.
	curl -sS -r 100-199 -o /dev/null -w '%{http_code}\n' "$url/noise"
	curl -sS -o /dev/null -w '%{http_code}\n' "$url/absent"
	# What curl says of the broken pipe depends on how much had arrived.
	curl -s "$url/zeros" | head -c 1000 | wc -c
	curl -sS "$url/" | grep -c href
	ended "$server" INT; echo $?
END
	ring_took 1 curl
}

@test "strace shows that a curl download and its server use the ring" {
	need python3 curl strace
	local route port server
	cd "$BATS_TEST_TMPDIR"
	for route in native ring; do
		traced_by "$route" read,pread64,recvfrom,recvmsg,sendto,sendmsg,connect,accept4,io_uring_enter \
			bash -c 'env --default-signal=INT "$1" -u -m http.server --bind 127.0.0.1 --directory "$2" 0 >"$3.log" 2>&1 & server=$!
				for i in $(seq 100); do
					port=$(sed -n "s/.* port \([0-9]*\) .*/\1/p" "$3.log")
					[ -n "$port" ] && break; sleep 0.05
				done
				curl -sS -o "$3.got" "http://127.0.0.1:$port/noise"
				kill -INT $server; wait $server; true' \
			script "$python" "$BATS_FILE_TMPDIR/input" "$route"
		cmp "$route.got" "$BATS_FILE_TMPDIR/input/noise"
		cat "$route.trace"
	done
	cat ring.stats
	[ "$(count native io_uring_enter)" -eq 0 ]
	[ "$(count ring io_uring_enter)" -gt 50 ]
	grep -q "$(printf 'curl\t[a-z0-9]*\tring')" ring.stats
	grep -q "$(printf 'python[0-9.]*\tread\tring')" ring.stats
}

@test "redis-server works for redis-benchmark and redis-cli, and keeps its data" {
	need redis-server redis-cli redis-benchmark
	alike <<'END'
	mkdir "$scratch/data"
	redis_server() {
		exec redis-server --port "$1" --bind 127.0.0.1 --daemonize no --dir "$scratch/data" \
			--appendonly yes --appendfsync "$fsync" --save '' --io-threads "$threads" \
			--unixsocket "$scratch/redis.sock" --enable-debug-command yes
	}
	commands() {
		seq 1 400 | awk '{ print "SET key" $1 " value" $1 * 7; print "INCRBY total " $1
			print "RPUSH list item" $1; print "HSET hash field" $1 " " $1; print "ZADD zset " $1 " m" $1 }'
		printf 'SET big %s\n' "$(head -c 60000 /dev/zero | tr '\0' x)"
	}
	summary() {
		redis-cli -p "$port" DBSIZE
		redis-cli -p "$port" GET total
		redis-cli -s "$scratch/redis.sock" LRANGE list 0 -1 | digest
		redis-cli -p "$port" GET big | digest
		redis-cli -p "$port" DEBUG DIGEST
	}
	fsync=always threads=1
	serve redis_server
	commands | redis-cli -p "$port" | digest
	commands | sed 's/key/pipe/' | awk '{ printf "%s\r\n", $0 }' | redis-cli -s "$scratch/redis.sock" --pipe | tail -n 1
	summary
	redis-cli -p "$port" BGREWRITEAOF
	await 100 eval '[ "$(redis-cli -p $port INFO persistence | tr -d "\r" | grep -c "aof_rewrite_in_progress:0")" = 1 ]'
	redis-cli -p "$port" SET after rewrite
	redis-cli -p "$port" BGSAVE >/dev/null
	await 100 eval 'redis-cli -p $port INFO persistence | tr -d "\r" | grep -q rdb_bgsave_in_progress:0'
	summary
	redis-cli -p "$port" SHUTDOWN NOSAVE
	wait "$server"; echo $?
	# A restarted server has the same data, now with threads that read and write.
	fsync=everysec threads=2
	serve redis_server
	summary
	redis-benchmark -p "$port" -q -n 2000 -c 20 -t set,get,incr,lpush,lrange_100 --csv >"$scratch/bench.log"; echo $?
	redis-benchmark -p "$port" -q -n 4000 -c 8 -P 16 --threads 2 -t set,get --csv >>"$scratch/bench.log"; echo $?
	redis-benchmark -s "$scratch/redis.sock" -q -n 500 -c 4 -d 50000 -t set,get --csv >>"$scratch/bench.log"; echo $?
	grep -ci error "$scratch/bench.log"
	# A client waits for an item that another client adds.
	(sleep 0.3; redis-cli -p "$port" RPUSH waited item >/dev/null) & redis-cli -p "$port" BLPOP waited 5; wait $!
	redis-cli -p "$port" DEBUG LOADAOF
	ended "$server" TERM; echo $?
END
	ring_took 400 redis-server read
	ring_took 100 redis-server fdatasync
	ring_took 100 redis-server write
}

@test "memcached answers many connections at once" {
	need memcached python3
	alike <<'END'
	user=
	[ "$(id -u)" -ne 0 ] || user="-u $(id -un)"
	MEMCACHED_PORT_FILENAME="$scratch/port" start memcached memcached -l 127.0.0.1 -p -1 -U 0 -t 4 -m 64 -I 2m $user
	await 100 test -s "$scratch/port"
	port=$(sed -n 's/^TCP INET: //p' "$scratch/port")
	cat >"$scratch/client.py" <<'PYTHON'
import hashlib, socket, sys, threading
port = int(sys.argv[1])

def talk(who, results):
    s = socket.create_connection(("127.0.0.1", port), 10)
    f = s.makefile("rwb")
    sum = hashlib.sha256()
    for i in range(100):
        value = bytes((who + i + j) % 256 for j in range(256)) * (1 + i * 2)
        f.write(b"set k%d.%d %d 0 %d\r\n" % (who, i, i, len(value)) + value + b"\r\n")
        f.flush()
        sum.update(f.readline())
        f.write(b"get k%d.%d\r\n" % (who, i))
        f.flush()
        head = f.readline()
        body = f.read(int(head.split()[3]) + 2)
        assert body == value + b"\r\n"
        sum.update(head + body + f.readline())
    f.write(b"".join(b"get k%d.%d\r\n" % (who, i) for i in range(100)))
    f.flush()
    ends = 0
    while ends < 100:
        line = f.readline()
        ends += line == b"END\r\n"
        sum.update(line)
    f.write(b"incr none 1\r\ndelete k%d.0\r\nbogus\r\n" % who)
    f.flush()
    results[who] = [sum.hexdigest()] + [f.readline() for i in range(3)]

results = {}
threads = [threading.Thread(target=talk, args=(who, results)) for who in range(8)]
for t in threads: t.start()
for t in threads: t.join()
for who in sorted(results): print(who, results[who])
PYTHON
	"$python" "$scratch/client.py" "$port"
	ended "$server" TERM; echo $?
END
	ring_took 800 memcached read
}

@test "a threaded python server serves 8 blocking clients with timeouts" {
	need python3
	alike <<'END'
	cat >"$scratch/talk.py" <<'PYTHON'
import hashlib, os, socket, socketserver, threading

class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            data = self.request.recv(65536)
            if not data:
                return
            self.request.sendall(data)

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

server = Server(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()

def client(who, out):
    data = bytes(range(256)) * 4000
    s = socket.create_connection(server.server_address)
    if who % 2:
        s.settimeout(10)
    sender = threading.Thread(target=lambda: (os.write(s.fileno(), data[:1000]) if who % 4 == 0 else s.sendall(data[:1000]), s.sendall(data[1000:]), s.shutdown(socket.SHUT_WR)))
    sender.start()
    got = b""
    while True:
        part = os.read(s.fileno(), 30000) if who % 4 == 0 else s.recv(30000)
        if not part:
            break
        got += part
    sender.join()
    out[who] = (len(got), got == data)

out = {}
threads = [threading.Thread(target=client, args=(n, out)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(out.items()))
a, b = socket.socketpair()
a.settimeout(0.1)
try:
    a.recv(1)
except TimeoutError as e:
    print("timed out")
a.setblocking(False)
try:
    os.read(a.fileno(), 1)
except BlockingIOError as e:
    print("would block")
b.close()
try:
    for i in range(3): os.write(a.fileno(), b"x")
except BrokenPipeError:
    print("broken pipe")
server.shutdown()
PYTHON
	"$python" "$scratch/talk.py"
END
	ring_took 10 "python3.11" || ring_took 10 "$(basename "$python")"
}

@test "node serves, copies, hashes and spawns" {
	need node curl
	alike <<'END'
	cat >"$scratch/work.js" <<'NODE'
const fs = require('fs'), http = require('http'), net = require('net'), zlib = require('zlib');
const crypto = require('crypto'), { spawn, execFileSync } = require('child_process');
const input = process.env.input, scratch = process.env.scratch;
const sha = data => crypto.createHash('sha256').update(data).digest('hex');
const gather = stream => new Promise((ok, fail) => {
	const parts = [];
	stream.on('data', part => parts.push(part)).on('end', () => ok(Buffer.concat(parts))).on('error', fail);
});

async function main() {
	console.log('sync', sha(fs.readFileSync(input + '/noise')));
	console.log('pool', sha(await fs.promises.readFile(input + '/noise')));
	console.log('stream', sha(await gather(fs.createReadStream(input + '/noise', { highWaterMark: 7777 }))));
	await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(i =>
		fs.promises.writeFile('file' + i, Buffer.alloc(100000 * i, i))));
	await new Promise(ok => fs.createReadStream(input + '/text').pipe(zlib.createGzip())
		.pipe(fs.createWriteStream('text.gz')).on('close', ok));
	console.log('gzip', sha(zlib.gunzipSync(fs.readFileSync('text.gz'))));
	const child = spawn('sort', ['-rn']);
	fs.createReadStream(input + '/numbers').pipe(child.stdin);
	console.log('child', sha(await gather(child.stdout)));
	console.log('exec', execFileSync('sha256sum', { input: fs.readFileSync(input + '/noise') }).toString().slice(0, 64));
	const server = http.createServer((req, res) => fs.createReadStream(input + req.url).pipe(res));
	await new Promise(ok => server.listen(0, '127.0.0.1', ok));
	const url = 'http://127.0.0.1:' + server.address().port;
	const get = path => new Promise(ok => http.get(url + path, { agent: false }, res => ok(gather(res))));
	console.log('http', (await Promise.all([1, 2, 3, 4].map(() => get('/noise')))).map(sha).join(' '));
	const curl = spawn('curl', ['-sS', url + '/text']);
	console.log('curl', sha(await gather(curl.stdout)));
	server.close();
	const echo = net.createServer({ allowHalfOpen: true }, s => s.pipe(s));
	await new Promise(ok => echo.listen(scratch + '/echo.sock', ok));
	const socket = net.connect(scratch + '/echo.sock');
	socket.end(fs.readFileSync(input + '/noise'));
	console.log('echo', sha(await gather(socket)));
	echo.close();
}
main().catch(error => { console.log(error); process.exit(1); });
NODE
	node "$scratch/work.js"
END
	grep -q "$(printf '\tnode\t')" "$BATS_TEST_TMPDIR/ring.stats"
}

@test "servers that become daemons serve as well" {
	need nginx lighttpd redis-server memcached curl python3
	alike <<'END'
	# Returns true if the process has exited, even if its parent has not waited for it.
	gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
	# Reads the process id from the daemon's file, because it is no child of this shell.
	end_daemon() {
		local pid
		pid=$(cat "$scratch/$1.pid")
		kill -"$2" "$pid" && await 100 gone "$pid" && echo "$1 ended"
	}
	mkdir "$scratch/www"
	cp "$input/noise" "$scratch/www"
	user=
	[ "$(id -u)" -ne 0 ] || user="user $(id -un) $(id -gn);"
	cat >"$scratch/nginx.conf" <<-CONF
	$user
	daemon on; worker_processes 2; pid $scratch/nginx.pid; error_log $scratch/error.log;
	events { }
	http {
		access_log off; sendfile off;
		client_body_temp_path $scratch/t1; proxy_temp_path $scratch/t2; fastcgi_temp_path $scratch/t3;
		uwsgi_temp_path $scratch/t4; scgi_temp_path $scratch/t5;
		server { listen unix:$scratch/nginx.sock; root $scratch/www; }
	}
	CONF
	nginx -p "$scratch" -c "$scratch/nginx.conf" -e "$scratch/error.log"; echo $?
	await 100 test -s "$scratch/nginx.pid"
	for i in 1 2 3; do curl -sS --unix-socket "$scratch/nginx.sock" http://localhost/noise | digest; done
	cat >"$scratch/lighttpd.conf" <<-CONF
	server.document-root = "$scratch/www"
	server.bind = "$scratch/lighttpd.sock"
	server.pid-file = "$scratch/lighttpd.pid"
	server.errorlog = "$scratch/lighttpd-error.log"
	server.upload-dirs = ( "$scratch" )
	CONF
	lighttpd -f "$scratch/lighttpd.conf"; echo $?
	await 100 test -s "$scratch/lighttpd.pid"
	for i in 1 2 3; do curl -sS --unix-socket "$scratch/lighttpd.sock" http://localhost/noise | digest; done
	redis-server --daemonize yes --port 0 --unixsocket "$scratch/redis.sock" --pidfile "$scratch/redis.pid" \
		--dir "$scratch" --logfile "$scratch/redis.log" --appendonly yes; echo $?
	await 100 redis-cli -s "$scratch/redis.sock" PING
	seq 1 100 | awk '{ print "RPUSH list " $1 }' | redis-cli -s "$scratch/redis.sock" | tail -n 1
	redis-cli -s "$scratch/redis.sock" BGREWRITEAOF
	as=
	[ "$(id -u)" -ne 0 ] || as="-u $(id -un)"
	memcached -d -P "$scratch/memcached.pid" -s "$scratch/memcached.sock" $as; echo $?
	await 100 test -s "$scratch/memcached.pid"
	await 100 test -S "$scratch/memcached.sock"
	"$python" -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile("rwb")
for i in range(200):
    f.write(b"set k%d 0 0 5\r\nvalue\r\nget k%d\r\n" % (i, i))
    f.flush()
    assert [f.readline() for n in range(4)][2] == b"value\r\n"
print("stored")' "$scratch/memcached.sock"
	end_daemon nginx QUIT
	end_daemon lighttpd INT
	end_daemon redis TERM
	end_daemon memcached TERM
END
	ring_took 3 nginx
	ring_took 100 redis-server
	ring_took 200 memcached read
}
