# SPDX-License-Identifier: MIT
# nginx.bash DIR: runs the server in the variant and wrk natively, and prints the time of one
# request.
. "$(dirname "$0")/common.bash"
need nginx wrk
page() {
	head -c 2000 /dev/urandom | base64
}
once page page
nginx_server() {
	cat >"$scratch/nginx.conf" <<-END
		user $(id -un); daemon off; worker_processes 1;
		pid $scratch/nginx.pid; error_log $scratch/error.log;
		events { worker_connections 256; }
		http { access_log $scratch/access.log; client_body_temp_path $scratch/body;
			proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/fastcgi;
			uwsgi_temp_path $scratch/uwsgi; scgi_temp_path $scratch/scgi;
			server { listen 127.0.0.1:$1; root $scratch; } }
	END
	# shellcheck disable=SC2086  # words on purpose
	exec env $BENCH_UNDER nginx -c "$scratch/nginx.conf" -p "$scratch"
}
: >"$scratch/access.log"
serve nginx_server || exit
wrk -t 1 -c 16 -d "$(full_or_quick 4 1)s" "http://127.0.0.1:$port/page" >"$scratch/wrk.out" || exit
ended "$server" QUIT || exit
grep Non-2xx "$scratch/wrk.out" >&2 && exit 1
piece "$(awk '/^Requests\/sec/ { print $2 }' "$scratch/wrk.out")"
