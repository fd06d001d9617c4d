#!/usr/bin/perl
# A Millrace worker of the core level in Perl 5, with core modules only: docs/tutorial builds it step by step.
#   perl worker.pl [./more.pl ...]     each file adds functions to %function
use v5.36;
use Fcntl qw(F_SETFL O_NONBLOCK O_RDONLY O_WRONLY);
use List::Util qw(mesh reduce);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# The launch contract. Perl opens close-on-exec. Once open, the pipes may block.
sub leave ($code, $why = '') { print STDERR "worker.pl: $why\n" if $why; exit $code }

my ($in_path, $out_path, $token) = map { delete $ENV{$_} // leave(78, "no $_: an engine has to start this program") }
    qw(MILLRACE_CHANNEL_IN MILLRACE_CHANNEL_OUT MILLRACE_TOKEN);
sysopen my $in, $in_path, O_RDONLY | O_NONBLOCK or leave(69, "cannot open MILLRACE_CHANNEL_IN: $!");
sysopen my $out, $out_path, O_WRONLY | O_NONBLOCK or leave(69, "cannot open MILLRACE_CHANNEL_OUT: $!");
fcntl $_, F_SETFL, 0 for $in, $out;

# Messages: 64 bytes of header, 960 of body. A key that is a number is an offset in the header.
use constant { HELLO => 0x01, WELCOME => 0x02, GOODBYE => 0x03, INVOKE => 0x10, RESULT => 0x11, ERROR => 0x12 };
use constant { CANCEL => 0x13, PING => 0x20, PONG => 0x21, DRAIN => 0x28 };

our (%function, %handler, %on, $open);    # by name, by id; what to do, by a message's type; the call that runs
my ($buffer, $span, $welcomed, $draining, $last_id) = ('', '', 0, 0, 0);
$SIG{PIPE} = sub { };    # A write to a pipe without a reader then fails and does not kill.
$out->autoflush;

sub send_message ($type, $call_id, $body, %at) {
    print {$out} pack 'C x v V x4 V3 x35 C x4 a960', $type, length $body, $call_id,
        map({ $at{$_} // 0 } 12, 16, 20, 59), $body or leave(69, "cannot write to the engine: $!");
}

# Protobuf, as much as the cold messages need.
sub varint ($n) { return $n < 128 ? chr $n : chr($n & 127 | 128) . varint($n >> 7) }
sub number ($field, $value) { return varint($field << 3) . varint($value) }
sub bytes ($field, $value) { return varint($field << 3 | 2) . varint(length $value) . $value }

# The functions.
$function{echo} = sub ($input, $call) { return ($input, $call->{content}) };
$function{nap} = sub ($input, $call) {
    die { reason => 2, message => "nap takes milliseconds, not '$input'" } if $input !~ /^\d{1,6}$/;
    pause($call, $input / 1000);
    die { reason => 4, message => 'somebody woke me' } if $call->{cancelled};
    return "slept $input ms";
};

# HELLO, WELCOME and GOODBYE begin with the magic, the versions 1 to 1, and four zero bytes.
my $prefix = pack 'a8 v v V', 'MILLRACE', 1, 1, 0;

# Handles one message, or reads more; waits for at most so many seconds, undef: as long as it takes.
sub receive ($seconds = undef) {
    return handle(substr $buffer, 0, 1024, '') if length $buffer >= 1024;
    vec(my $ready = '', fileno $in, 1) = 1;
    return if select($ready, undef, undef, $seconds) < 1;
    sysread $in, $buffer, 65_536, length $buffer
        or leave($welcomed && !$open && $buffer eq '' ? 0 : (69, 'the engine is gone'));
}

sub handle ($bytes) {
    my @names = qw(type flags length call_id 8 12 16 20 24 28 trace_id span_id trace_flags priority depth content body);
    my %m = mesh \@names, [unpack 'C C v V7 a16 a8 C4 x4 a960', $bytes];
    return if $m{type} >= 0x80 && $span eq '';
    judge(\%m, substr $bytes, 0, 64);
    substr($m{body}, $m{length}) = '';
    $on{ $m{type} }->(\%m);
}

sub check (@rules) {
    while (my ($rule, $broken) = splice @rules, 0, 2) {
        next if !$broken;
        send_message(GOODBYE, 0, $prefix . number(1, 12) . bytes(2, "engine broke $rule") . bytes(3, $rule), 20 => 13);
        leave(76, "the engine broke the rule $rule");
    }
}

sub fields ($rest, $rule, @fields) {
    my $take = sub {
        check($rule => $rest !~ s/^([\x80-\xff]{0,9}[\0-\x7f])//);
        return reduce { $a << 7 | $b & 127 } 0, reverse unpack 'C*', $1;
    };
    while ($rest ne '') {
        my $key = $take->();
        my $value = $key % 8 == 1 ? 8 : $key % 8 == 5 ? 4 : $take->();    # The number itself, or how many bytes follow.
        check($rule => $key < 8 || $key % 8 > 5 || $key % 8 && $value > length $rest);
        push @fields, $key >> 3, $key % 8 ? substr $rest, 0, $value, '' : $value;
    }
    return @fields;
}

sub parse ($body, $rule) {
    check('handshake-prefix' => $body !~ /^.{12}\0{4}/s, 'handshake-magic' => $body !~ /^MILLRACE/);
    check('handshake-version' => $rule eq 'handshake-body' && substr($body, 8, 4) ne pack 'v v', 1, 1);
    return fields(substr($body, 16), $rule);
}

$on{+WELCOME} = sub ($m) {
    check('cold-span-bytes' => length($span .= $m->{body}) > 65_536);
    return if $m->{flags};
    my @fields = parse($span, 'handshake-body');
    while (my ($field, $value) = splice @fields, 0, 2) {
        check('feature-offered' => $field == 2);
        my %part = $field == 1 || $field == 3 ? fields($value, 'handshake-body') : next;
        if ($field == 3) { $welcomed = ($part{1} // 0) == 1; next }
        my ($name, $id) = @part{1, 2};
        check('welcome-functions' => !$function{$name}, 'function-id-unique' => !$id || $handler{$id});
        $handler{$id} = $function{$name};
    }
    check('welcome-max-calls' => !$welcomed);
    $span = '';
};

$on{+INVOKE} = sub ($call) {
    $last_id = $call->{call_id};
    return fail($call, 11, 'this worker is draining') if $draining;
    return fail($call, 18, 'this worker runs one call at a time') if $open;
    my $run = $handler{ $call->{8} } or return fail($call, 3, "no function has the id $call->{8} here");
    local $open = $call;
    my $began = clock_gettime(CLOCK_MONOTONIC);
    my ($output, $content) = eval { $run->($call->{body}, $call) };
    $call->{run_us} = 1e6 * (clock_gettime(CLOCK_MONOTONIC) - $began);
    return fail($call, ref $@ ? @{$@}{qw(reason message more)} : (1, $@)) if $@;
    utf8::downgrade($output //= '', 1) or utf8::encode($output);
    return fail($call, 6, 'the output is over 960 bytes') if length $output > 960;
    send_message(RESULT, $call->{call_id}, $output, 12 => length $output, 16 => $call->{run_us}, 59 => $content);
};

# Calls. The reasons that a worker may give, each with its status; any other becomes handler_error.
my %status = (1 => 2, 2 => 3, 3 => 5, 4 => 1, 5 => 4, 6 => 8, 11 => 14, 13 => 12, 14 => 13, 17 => 9, 18 => 8);

sub fail ($call, $reason, $message, $more = '') {    # $more: further fields of Failure.
    $reason = 1 if !$status{$reason};
    utf8::decode($message);
    utf8::encode($message = substr $message =~ s/\s+$//r, 0, 200);
    my $failure = number(1, $reason) . bytes(3, $message) . ($more // '');
    send_message(ERROR, $call->{call_id}, $failure, 16 => $call->{run_us}, 20 => $status{$reason});
}

do $_ or leave(78, "cannot load $_: " . ($@ || $!)) for @ARGV;

# What a core worker may read: the flags of each type, and which header bytes after the eighth it uses.
my %known = (WELCOME, [1], GOODBYE, [0, 20, 4], INVOKE, [7, 8, 52], CANCEL, [0], PING, [0, 16, 4], DRAIN, [0, 16, 4]);
my %wrong = (PONG, 'pong-open', map({ $_ => 'message-direction' } HELLO, 0x08, 0x29, 0x39, 0x3a),
    map({ $_ => 'feature-accepted' } 0x09, 0x18, 0x19, 0x30, 0x31, 0x38, 0x40, 0x41));

sub is_after ($id, $last) { return $id != $last && ($id - $last & 0xffffffff) < 0x80000000 }

sub judge ($m, $header) {
    my ($type, $id, $length) = @$m{qw(type call_id length)};
    check($id & 1 ? 'call-id-known' : 'call-callee-answers' => $type == RESULT || $type == ERROR);
    check($wrong{$type} // 'message-type-known' => !$known{$type});
    my ($flags, $from, $count) = @{ $known{$type} };
    substr($header, $from, $count) = '' if $from;
    check('message-body-length' => $length > 960, 'message-flags-known' => $m->{flags} & ~$flags,
        'message-reserved-zero' => substr($header, 8) =~ tr/\0//c,
        'cold-span-consecutive' => $span ne '' && $type != WELCOME,
        'handshake-engine-waits' => !$welcomed && $type != WELCOME && $type != GOODBYE,
        'handshake-hello-once' => $welcomed && $type == WELCOME,
        'message-call-id' => $type == CANCEL ? !$id : $type != INVOKE && $id,
        'message-status-range' => $type == GOODBYE && $m->{20} > 16,
        'message-body-none' => $length && $type != WELCOME && $type != GOODBYE && $type != INVOKE);
    check('call-caller-cancels' => $id & 1, 'call-id-known' => is_after($id, $last_id)) if $type == CANCEL;
    check('invoke-call-id-parity' => $id == 0 || $id & 1, 'invoke-function-id' => !$m->{8},
        'feature-accepted' => $m->{flags}, 'invoke-payload-length' => $m->{12} != $length,
        'invoke-priority-range' => $m->{priority} > 7, 'invoke-attempt-positive' => !$m->{28},
        'call-parent-zero' => $m->{20}, 'call-id-rising' => !is_after($id, $last_id),
        'call-id-open-skipped' => $open && $open->{call_id} == $id) if $type == INVOKE;
}

$on{+PING} = sub ($m) { send_message(PONG, 0, '', 16 => $m->{16}, 20 => $open ? 1 : 0) };

$on{+CANCEL} = sub ($m) { $open->{cancelled} = 1 if $open && $open->{call_id} == $m->{call_id} };

sub pause ($call, $seconds) {
    my $until = clock_gettime(CLOCK_MONOTONIC) + $seconds;
    while (!$call->{cancelled} && (my $left = $until - clock_gettime(CLOCK_MONOTONIC)) > 0) { receive($left) }
}

$on{+DRAIN} = sub ($m) { $draining = 1 };
$on{+GOODBYE} = sub ($m) {
    my %why = parse($m->{body}, 'cold-body');
    leave($why{1} ? (76, "the engine says: $why{2}") : 0);
};

my $offers = join '', map { bytes(2, bytes(1, $_)) } sort keys %function;
my $software = bytes(1, 'minimal-worker') . bytes(2, '1.0.0') . bytes(3, 'perl');
send_message(HELLO, 0, $prefix . bytes(1, $token) . $offers . number(4, 1) . bytes(5, $software));
receive() until $draining && length $buffer < 1024;
send_message(GOODBYE, 0, $prefix);
