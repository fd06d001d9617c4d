#!/usr/bin/perl
# A Millrace worker of the core level in Perl 5, core modules only: docs/tutorial builds it step by step.
#   perl worker.pl [file.pl ...]     the value of each file is a hash of more functions: { name => sub, ... }
use strict;
use warnings;
use Fcntl qw(F_SETFL O_NONBLOCK O_RDONLY O_WRONLY);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# The launch contract. Perl opens close-on-exec; once open, the pipes may block.
sub leave { my ($code, $why) = @_; print STDERR "worker.pl: $why\n" if $why; exit $code }

my ($in_path, $out_path, $token) = delete @ENV{qw(MILLRACE_CHANNEL_IN MILLRACE_CHANNEL_OUT MILLRACE_TOKEN)};
leave(78, 'no MILLRACE_CHANNEL_IN, MILLRACE_CHANNEL_OUT and MILLRACE_TOKEN: let an engine start this program')
    if grep { !defined } $in_path, $out_path, $token;
sysopen my $in, $in_path, O_RDONLY | O_NONBLOCK or leave(69, "cannot open MILLRACE_CHANNEL_IN: $!");
sysopen my $out, $out_path, O_WRONLY | O_NONBLOCK or leave(69, "cannot open MILLRACE_CHANNEL_OUT: $!");
fcntl $_, F_SETFL, 0 for $in, $out;

# Messages: 64 bytes of header, 960 of body. A hash key that is a number is an offset in the header.
use constant { HELLO => 0x01, WELCOME => 0x02, GOODBYE => 0x03, INVOKE => 0x10, RESULT => 0x11, ERROR => 0x12 };
use constant { CANCEL => 0x13, PING => 0x20, PONG => 0x21, DRAIN => 0x28 };

$SIG{PIPE} = sub { };    # A write to a pipe without a reader fails, and does not kill.
$out->autoflush;

sub send_message {
    my ($type, $call_id, $body, %at) = @_;
    my @fields = map { $at{$_} // 0 } 12, 16, 20, 59;
    print {$out} pack 'C x v V x4 V3 x35 C x4 a960', $type, length $body, $call_id, @fields, $body
        or leave(69, "the engine is gone: $!");
}

my ($buffer, $span, $welcomed, $draining, $last_id, $open) = ('', '', 0, 0, 0);    # $open: the call that runs
my (%on, %function, %handler);    # by the type of a message, by name, by id

sub receive {
    my ($seconds) = @_;    # How long to wait at most; undef: as long as it takes.
    vec(my $ready = '', fileno $in, 1) = 1;
    if (length $buffer < 1024) {
        return if select($ready, undef, undef, $seconds) < 1;
        sysread $in, $buffer, 65_536, length $buffer
            or leave($welcomed && !$open && $buffer eq '' ? 0 : (69, 'the engine is gone'));
    }
    handle(substr $buffer, 0, 1024, '') if length $buffer >= 1024;
}

# Protobuf, as much as the handshake and failures need.
sub varint { my ($n) = @_; return $n < 128 ? chr $n : chr($n & 127 | 128) . varint($n >> 7) }
sub number { my ($field, $value) = @_; return varint($field << 3) . varint($value) }
sub bytes { my ($field, $value) = @_; return varint($field << 3 | 2) . varint(length $value) . $value }

sub text {
    my ($field, $value) = @_;    # UTF-8; two texts of 110 characters fit one message whatever they are.
    utf8::decode($value);
    utf8::encode($value = substr $value, 0, 110);
    return bytes($field, $value);
}

sub fields {
    my ($rest, $rule, @fields) = @_;
    my $take = sub {
        $rest =~ s/^([\x80-\xff]{0,9}[\0-\x7f])// or breach($rule);
        my $n = 0;
        $n = $n << 7 | $_ & 127 for reverse unpack 'C*', $1;
        return $n;
    };
    while ($rest ne '') {
        my $key = $take->();
        my $value = $key % 8 == 1 ? 8 : $key % 8 == 5 ? 4 : $take->();    # The number itself, or how many bytes follow.
        breach($rule) if $key < 8 || $key % 8 > 5 || $key % 8 && $value > length $rest;
        push @fields, $key >> 3, $key % 8 ? substr $rest, 0, $value, '' : $value;
    }
    return @fields;
}

# The handshake.
my $prefix = pack 'a8 v v V', 'MILLRACE', 1, 1, 0;

sub breach {
    my ($rule) = @_;
    send_message(GOODBYE, 0, $prefix . number(1, 12) . text(2, "the engine broke $rule") . text(3, $rule), 20 => 13);
    leave(76, "the engine broke the rule $rule");
}

sub say_hello {
    my $offers = join '', map { bytes(2, text(1, $_)) } sort keys %function;
    my $software = text(1, 'minimal-worker') . text(2, '1.0.0') . text(3, 'perl');
    send_message(HELLO, 0, $prefix . bytes(1, $token) . $offers . number(4, 1) . bytes(5, $software));
}

sub said {
    my ($body, $rule) = @_;
    breach('handshake-prefix') if $body !~ /^.{12}\0{4}/s;
    breach('handshake-magic') if $body !~ /^MILLRACE/;
    return fields(substr($body, 16), $rule);
}

$on{+WELCOME} = sub {
    my ($m) = @_;
    $span .= $m->{body};
    breach('cold-span-bytes') if length $span > 65_536;
    return if $m->{flags};
    my ($max_calls, @fields) = (0, said($span, 'handshake-body'));
    breach('handshake-version') if substr($span, 8, 4) ne pack 'v v', 1, 1;
    while (my ($field, $value) = splice @fields, 0, 2) {
        breach('feature-offered') if $field == 2;
        my %part = $field == 1 || $field == 3 ? fields($value, 'handshake-body') : ();
        $max_calls = $part{1} if $field == 3;
        next if $field != 1;
        breach('welcome-functions') if !$function{ $part{1} };
        breach('function-id-unique') if !$part{2} || $handler{ $part{2} };
        $handler{ $part{2} } = $function{ $part{1} };
    }
    breach('welcome-max-calls') if ($max_calls // 0) != 1;
    ($welcomed, $span) = (1, '');
};

# What a core worker may read: the flags of each type, and which header bytes after the eighth it uses.
my %known = (WELCOME, [1, 8, 0], GOODBYE, [0, 20, 4], INVOKE, [7, 8, 52], CANCEL, [0, 8, 0], PING, [0, 16, 4],
    PONG, [0, 16, 8], DRAIN, [0, 16, 4]);
my %wrong = map({ $_ => 'message-direction' } HELLO, 0x08, 0x29, 0x39, 0x3a);
$wrong{$_} = 'feature-accepted' for 0x09, 0x18, 0x19, 0x30, 0x31, 0x38, 0x40, 0x41;

sub is_after { my ($id, $last) = @_; return ($id - $last & 0xffffffff) - 1 < 0x7fffffff }

sub broken_rule {
    my ($m, $header) = @_;
    my ($type, $length, $id) = @$m{qw(type body_length call_id)};
    return $id & 1 ? 'call-id-known' : 'call-callee-answers' if $type == RESULT || $type == ERROR;
    my ($flags, $from, $count) = @{ $known{$type} or return $wrong{$type} // 'message-type-known' };
    return 'message-body-length' if $length > 960;
    return 'message-flags-known' if $m->{flags} & ~$flags;
    substr $header, $from, $count, '';
    return 'message-reserved-zero' if substr($header, 8) =~ /[^\0]/;
    return 'cold-span-consecutive' if $span ne '' && $type != WELCOME;
    return 'handshake-engine-waits' if !$welcomed && $type != WELCOME && $type != GOODBYE;
    return 'handshake-hello-once' if $welcomed && $type == WELCOME;
    return 'message-call-id' if $type == CANCEL ? !$id : $type != INVOKE && $id;
    return 'message-status-range' if $type == GOODBYE && $m->{20} > 16;
    return 'message-body-none' if $length && $type != INVOKE && $type != WELCOME && $type != GOODBYE;
    return 'pong-open' if $type == PONG;
    return 'call-caller-cancels' if $type == CANCEL && $id & 1;
    return 'call-id-known' if $type == CANCEL && is_after($id, $last_id);
    return if $type != INVOKE;
    return 'invoke-call-id-parity' if $id == 0 || $id & 1;
    return 'invoke-function-id' if !$m->{function_id};
    return 'feature-accepted' if $m->{flags};
    return 'invoke-payload-length' if $m->{payload_length} != $length;
    return 'invoke-priority-range' if $m->{priority} > 7;
    return 'invoke-attempt-positive' if !$m->{attempt};
    return 'call-parent-zero' if $m->{20};
    return 'call-id-rising' if !is_after($id, $last_id);
    return 'call-id-open-skipped' if $open && $open->{call_id} == $id;
    return;
}

sub handle {
    my ($bytes) = @_;
    my %m;
    @m{qw(type flags body_length call_id function_id payload_length 16 20 queue_us attempt trace_id span_id),
        qw(trace_flags priority depth content)} = unpack 'C C v V7 a16 a8 C4', $bytes;
    return if $m{type} >= 0x80 && $span eq '';
    my $rule = broken_rule(\%m, substr $bytes, 0, 64);
    breach($rule) if $rule;
    $m{body} = substr $bytes, 64, $m{body_length};
    $on{ $m{type} }->(\%m);
}

# Calls. The reasons that a worker may give, each with its status; any other becomes handler_error.
my %status = (1 => 2, 2 => 3, 3 => 5, 4 => 1, 5 => 4, 6 => 8, 11 => 14, 13 => 12, 14 => 13, 17 => 9, 18 => 8);

sub fail {
    my ($call, $reason, $message, $code, $retry) = @_;
    $reason = 1 if !$status{$reason};
    my $body = number(1, $reason) . text(3, $message);
    $body .= text(2, $code) if $code;
    $body .= number(6, $retry) if $retry;
    send_message(ERROR, $call->{call_id}, $body, 16 => $call->{run_us}, 20 => $status{$reason});
}

$on{+INVOKE} = sub {
    my ($call) = @_;
    $last_id = $call->{call_id};
    return fail($call, 11, 'this worker is draining') if $draining;
    return fail($call, 18, 'this worker runs one call at a time') if $open;
    my $run = $handler{ $call->{function_id} };
    return fail($call, 3, "no function has the id $call->{function_id} here") if !$run;
    $open = $call;
    my $began = clock_gettime(CLOCK_MONOTONIC);
    my ($output, $content);
    my $ok = eval { ($output, $content) = $run->($call->{body}, $call); utf8::downgrade($output); 1 };
    my $why = ref $@ ? $@ : { reason => 1, message => $@ =~ s/\s+$//r };
    $open = undef;
    $call->{run_us} = 1e6 * (clock_gettime(CLOCK_MONOTONIC) - $began);
    return fail($call, @$why{qw(reason message code retry)}) if !$ok;
    return fail($call, 6, 'the output is over 960 bytes') if length $output > 960;
    my %at = (12 => length $output, 16 => $call->{run_us}, 59 => $content);
    send_message(RESULT, $call->{call_id}, $output, %at);
};

# PING, CANCEL, and how a handler waits: what comes meanwhile is handled.
$on{+PING} = sub { my ($m) = @_; send_message(PONG, 0, '', 16 => $m->{16}, 20 => $open ? 1 : 0) };
$on{+CANCEL} = sub { my ($m) = @_; $open->{cancelled} = 1 if $open && $open->{call_id} == $m->{call_id} };

sub pause {
    my ($call, $seconds) = @_;
    my $until = clock_gettime(CLOCK_MONOTONIC) + $seconds;
    while (!$call->{cancelled} && (my $left = $until - clock_gettime(CLOCK_MONOTONIC)) > 0) { receive($left) }
}

# The end.
$on{+DRAIN} = sub { $draining = 1 };
$on{+GOODBYE} = sub {
    my ($m) = @_;
    my %why = said($m->{body}, 'cold-body');
    leave($why{1} ? (76, "the engine says: $why{2}") : 0);
};

# The functions.
$function{echo} = sub { my ($input, $call) = @_; return ($input, $call->{content}) };
$function{nap} = sub {
    my ($input, $call) = @_;
    die { reason => 2, message => "nap takes milliseconds, not '$input'" } if $input !~ /^\d{1,6}$/;
    pause($call, $input / 1000);
    die { reason => 4, message => 'woken' } if $call->{cancelled};
    return "slept $input ms";
};
for my $file (@ARGV) {
    local @INC = (@INC, '.');
    my $more = do $file;
    leave(78, "cannot load $file: " . ($@ || $!)) if ref $more ne 'HASH';
    %function = (%function, %$more);
}

say_hello();
while (1) {
    receive();
    next if !$draining || $open || length $buffer >= 1024;
    send_message(GOODBYE, 0, $prefix);
    leave(0);
}
