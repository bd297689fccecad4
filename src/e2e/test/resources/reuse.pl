#!/usr/bin/perl
# The first process of a pid namespace, where it makes processes with the pids that it wants.
# Reads orders, one a line, and answers each with one line:
#   spawn KIND PID   a process of that kind with just this pid: ok, or no if the pid is taken
#   state PID        its state, as the kernel has it: R S T Z -
#   end PID          kills it and reaps it; what happened to it by other hands before: nothing,
#                    or stopped, continued, signal N
#   churn TIMES      changes between victims and innocents with the same pids, TIMES times; then
#                    reuses=N harmed=N stopped=N killed=N, the last two of victims
# and ends when its input ends.
# Kinds: victim, innocent (runs), halted (an innocent that was stopped, by us).
use strict;
use warnings;
use POSIX ();

use constant CONTINUED => 8;    # WCONTINUED of wait.h, which POSIX.pm does not have
$| = 1;
my $slots = 32;    # so that each lives longer than 10 ms, the tick by which the kernel tells them apart

sub fork_as {
    my ($kind, $pid) = @_;
    open(my $last, '>', '/proc/sys/kernel/ns_last_pid') or die "ns_last_pid: $!";
    syswrite($last, $pid - 1);
    my $child = fork();
    die "fork: $!" unless defined $child;
    if ($child == 0) {
        close($last);
        $0 = "reuse-$kind";
        POSIX::close($_) for 0 .. 2;
        POSIX::pause() while 1;
    }
    close($last);
    if ($child != $pid) {
        finish($child);
        return 0;
    }
    if ($kind eq 'halted') {
        kill 'STOP', $pid;
        waitpid($pid, POSIX::WUNTRACED());
    }
    return 1;
}

# What others did to a child of ours since we last asked.
sub happened {
    my ($pid) = @_;
    my $seen = waitpid($pid, POSIX::WNOHANG() | POSIX::WUNTRACED() | CONTINUED);
    return 'nothing' if $seen == 0;
    return 'signal ' . ($? & 127) if $?;
    # none of them ever exits; of stopped and continued ones perl tells no more than 0
    return state($pid) eq 'T' ? 'stopped' : 'continued';
}

sub finish {
    my ($pid) = @_;
    kill 'KILL', $pid;
    waitpid($pid, 0);
}

sub state {
    my ($pid) = @_;
    open(my $stat, '<', "/proc/$pid/stat") or return '-';
    return <$stat> =~ /\) (.) / ? $1 : '-';
}

sub churn {
    my ($times) = @_;
    my %count = (reuses => 0, harmed => 0, stopped => 0, killed => 0);
    my @kind;
    my %taken;
    my $slot = 0;
    while ($count{reuses} < $times) {
        $slot = ($slot + 1) % $slots;
        next if $taken{$slot};
        my $pid = 20000 + 64 * $slot;
        if (defined $kind[$slot]) {
            my $what = happened($pid);
            if ($kind[$slot] ne 'victim') {
                if ($what ne 'nothing') {
                    $count{harmed}++;
                    print STDERR "harmed: $kind[$slot] $pid: $what\n";
                }
            } elsif ($what eq 'stopped') {
                $count{stopped}++;
            } elsif ($what =~ /^signal/) {
                $count{killed}++;
            }
            finish($pid) unless $what =~ /^signal/;
        }
        my $next = !defined $kind[$slot] || $kind[$slot] ne 'victim' ? 'victim'
            : $count{reuses} % 2 ? 'innocent' : 'halted';
        my $reused = defined $kind[$slot];
        # a thread of the daemon may have taken the pid in between; one that stays keeps it
        my $tries = 0;
        until (fork_as($next, $pid)) {
            last if ++$tries > 1000;
        }
        if ($tries > 1000) {
            $taken{$slot} = 1;
            $kind[$slot] = undef;
            die "most pids stay taken" if keys %taken > $slots / 2;
            next;
        }
        $count{reuses}++ if $reused;
        $kind[$slot] = $next;
        # all slots in use: each process lives for some rounds of the daemon
        select(undef, undef, undef, 0.0005);
    }
    for my $each (0 .. $slots - 1) {
        next unless defined $kind[$each];
        my $what = happened(20000 + 64 * $each);
        $count{harmed}++ if $kind[$each] ne 'victim' && $what ne 'nothing';
        finish(20000 + 64 * $each) unless $what =~ /^signal/;
    }
    return join(' ', map { "$_=$count{$_}" } qw(reuses harmed stopped killed));
}

while (my $line = <STDIN>) {
    my ($order, @words) = split ' ', $line;
    my $answer;
    if ($order eq 'spawn') { $answer = fork_as(@words) ? 'ok' : 'no' }
    elsif ($order eq 'state') { $answer = state(@words) }
    elsif ($order eq 'end') { $answer = happened(@words); finish(@words) unless $answer =~ /^signal/ }
    elsif ($order eq 'churn') { $answer = churn(@words) }
    else { die "no such order: $line" }
    print "$answer\n";
}
