# Signals, pipes, forks, sockets, select and files in perl.
use strict;
use warnings;
use Socket;
use IO::Select;
use POSIX qw(:signal_h :sys_wait_h);

$| = 1;
my $got = 0;
$SIG{USR1} = sub { $got++ };
kill USR1 => $$;
print "handlers $got\n";

pipe(my $r, my $w) or die;
my $pid = fork();
if (!$pid) {
	close $r;
	print $w "line $_\n" for 1 .. 1000;
	close $w;
	exit 3;
}
close $w;
my @lines = <$r>;
waitpid $pid, 0;
print scalar(@lines), " lines, status ", $? >> 8, "\n";

# A safe signal while a read waits: restarted, nothing lost.
pipe($r, $w) or die;
$pid = fork();
if (!$pid) {
	my $parent = getppid();
	select undef, undef, undef, 0.1;
	kill USR1 => $parent;
	select undef, undef, undef, 0.1;
	syswrite $w, "after the signal\n";
	POSIX::_exit(0);
}
print scalar(<$r>);
waitpid $pid, 0;
print "handlers $got\n";

# die out of a handler: perl's way to a time limit.
eval {
	local $SIG{ALRM} = sub { die "too long\n" };
	alarm 1;
	sysread $r, my $buffer, 10;
	alarm 0;
};
print "limit: $@";

socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
syswrite $a, "x" x 5000;
my $select = IO::Select->new($b);
my $total = 0;
while ($total < 5000 and $select->can_read(1)) {
	$total += sysread $b, my $buffer, 700;
}
print "total $total\n";

socket(my $server, PF_INET, SOCK_STREAM, getprotobyname('tcp')) or die;
bind $server, sockaddr_in(0, INADDR_LOOPBACK) or die;
listen $server, 5;
my ($port) = sockaddr_in(getsockname $server);
$pid = fork();
if (!$pid) {
	socket(my $c, PF_INET, SOCK_STREAM, getprotobyname('tcp')) or die;
	connect $c, sockaddr_in($port, INADDR_LOOPBACK) or die;
	syswrite $c, "request\n";
	my $answer = <$c>;
	POSIX::_exit($answer eq "answer\n" ? 4 : 5);
}
accept(my $client, $server) or die;
my $request = <$client>;
print "got $request";
syswrite $client, "answer\n";
waitpid $pid, 0;
print "client ", $? >> 8, "\n";

print "backticks: ", `echo from sh; exit 2`, "status ", $? >> 8, "\n";
open(my $p, '-|', 'seq 1 3') or die;
print "pipe: $_" while <$p>;
close $p;
open($p, '|-', 'tr a-z A-Z') or die;
print $p "to a pipe\n";
close $p;

open(my $f, '+>', "work.pl.$$") or die;
syswrite $f, "0123456789" x 100;
sysseek $f, 505, 0;
sysread $f, my $piece, 10;
print "piece $piece\n";
print "size ", -s $f, "\n";
close $f;
unlink "work.pl.$$";

# Many children at once.
my %status;
$SIG{CHLD} = 'DEFAULT';
for my $i (1 .. 30) {
	my $child = fork();
	POSIX::_exit($i) if !$child;
	$status{$child} = $i;
}
my $right = 0;
while ((my $child = wait()) > 0) {
	$right++ if $status{$child} == $? >> 8;
}
print "children $right\n";
exit 6;
