# The function `interp` of conformance/FIXTURE.md, without the instructions that need a feature.
#   perl worker.pl ./interp.pl
use v5.36;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our %function;

sub unreadable ($why) { die { reason => 2, message => "interp cannot read its program: $why" } }

# x becomes (x * 1664525 + 1013904223) mod 2^32; the byte is the highest one.
sub pattern ($count, $x) {
    return join '', map { $x = $x * 1664525 + 1013904223 & 0xffffffff; chr($x >> 24) } 1 .. $count;
}

# CRC-32 as in zlib: the polynomial 0xEDB88320, bits reflected.
sub crc32 ($bytes) {
    my $crc = 0xffffffff;
    for my $byte (unpack 'C*', $bytes) {
        $crc ^= $byte;
        $crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
    }
    return $crc ^ 0xffffffff;
}

# Writes to a descriptor past Perl's own buffers, all of it.
sub pour ($file, $byte, $count) {
    my $bytes = $byte x $count;
    while (length $bytes) {
        my $written = syswrite $file, $bytes;
        if (defined $written) { substr $bytes, 0, $written, '' }
        elsif (!$!{EINTR}) { die "cannot write: $!" }
    }
}

# Instructions by their number. $take->(template) takes the next operands; what comes back is appended to the output.
my %instruction = (
    0x01 => sub ($take, $call) { $take->('V/a') },
    0x02 => sub ($take, $call) {
        my ($reason, $retry, $code, $message) = $take->('C C C/a v/a');
        my $more = ($code eq '' ? '' : bytes(2, $code)) . ($retry ? number(6, $retry) : '');
        die { reason => $reason, message => $message, more => $more };
    },
    0x03 => sub ($take, $call) { die $take->('v/a') . "\n" },
    0x04 => sub ($take, $call) { pause($call, $take->('V') / 1000); return '' },
    0x05 => sub ($take, $call) { pattern($take->('V V')) },
    0x06 => sub ($take, $call) { pack 'V', crc32($take->('V/a')) },
    0x09 => sub ($take, $call) { pour(\*STDOUT, 'o', $take->('V')); return '' },
    0x0a => sub ($take, $call) { pour(\*STDERR, 'e', $take->('V')); return '' },
    0x0b => sub ($take, $call) { require POSIX; POSIX::_exit($take->('C')) },
    0x0c => sub ($take, $call) { kill $take->('C'), $$; return '' },
    0x0d => sub ($take, $call) {
        my $seconds = $take->('V') / 1000;
        pipe my $executed, my $closes_on_exec or die "cannot make a pipe: $!";
        defined(my $child = fork) or die "cannot fork: $!";
        if (!$child) { exec 'sleep', $seconds or do { require POSIX; POSIX::_exit(127) } }
        close $closes_on_exec;
        sysread $executed, my $nothing, 1;    # Ends when the child is `sleep`: before, it has this process's memory.
        return '';
    },
    0x0e => sub ($take, $call) { chr($call->{cancelled} ? 1 : 0) },
    0x0f => sub ($take, $call) {
        pack 'C C V V a16 a8 C', $call->{depth}, $call->{priority}, $call->{28}, $call->{16} || 0xffffffff,
            $call->{trace_id}, $call->{span_id}, $call->{trace_flags};
    },
    0x13 => sub ($take, $call) { $call->{output_content} = $take->('C'); return '' },
    0x14 => sub ($take, $call) {
        my $until = clock_gettime(CLOCK_MONOTONIC) + $take->('V') / 1000;
        1 while clock_gettime(CLOCK_MONOTONIC) < $until;
        return '';
    },
);

$function{interp} = sub ($input, $call) {
    my ($output, $at) = ('', 0);
    my $bytes = sub ($count) {
        unreadable("it is cut off at byte $at") if $at + $count > length $input;
        return substr $input, ($at += $count) - $count, $count;
    };
    my $take = sub ($template) {
        my @operands = map {
            my ($format, $counted) = split m{/};
            my $value = unpack $format, $bytes->({ C => 1, v => 2, V => 4 }->{$format});
            $counted ? $bytes->($value) : $value;
        } split ' ', $template;
        return wantarray ? @operands : $operands[0];
    };
    while ($at < length $input) {
        my $number = ord substr $input, $at++, 1;
        my $run = $instruction{$number} or unreadable(sprintf 'no instruction 0x%02x here', $number);
        $output .= $run->($take, $call);
    }
    return ($output, $call->{output_content});
};
